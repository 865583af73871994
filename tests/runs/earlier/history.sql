BEGIN TRANSACTION;
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    nodeid TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    object TEXT NOT NULL,
    step TEXT NOT NULL,
    topic TEXT NOT NULL,
    severity TEXT NOT NULL
);
INSERT INTO "checks" VALUES(1,'checks/test_controller.py::test_cluster_up[controller]','The Controller cluster is up.','Controller controller','','controller','blocker');
INSERT INTO "checks" VALUES(2,'checks/test_controller.py::test_nodes_active[controller]','Every node of the Controller cluster is active.','Controller controller','','controller','critical');
INSERT INTO "checks" VALUES(3,'checks/test_controller.py::test_version[controller]','The Controller''s version is one that this project knows.','Controller controller','','controller','critical');
INSERT INTO "checks" VALUES(4,'checks/test_dns_profiles.py::test_exists[DNS_Default]','DNS_Default exists.','DNS profile DNS_Default','','dns profiles','critical');
INSERT INTO "checks" VALUES(5,'checks/test_dns_profiles.py::test_ttl[DNS_Default]','DNS_Default registers names with the declared TTL.','DNS profile DNS_Default','','dns profiles','minor');
INSERT INTO "checks" VALUES(6,'checks/test_ipam_profiles.py::test_exists[IPAM_Default]','IPAM_Default exists.','IPAM profile IPAM_Default','','ipam profiles','blocker');
INSERT INTO "checks" VALUES(7,'checks/test_ipam_profiles.py::test_allocate_in_vrf[IPAM_Default]','IPAM_Default allocates within the VRF context as declared.','IPAM profile IPAM_Default','','ipam profiles','critical');
INSERT INTO "checks" VALUES(8,'checks/test_vrfs.py::test_exists[VRF_AZ1]','VRF_AZ1 exists in its cloud.','VRF context VRF_AZ1','','vrfs','blocker');
INSERT INTO "checks" VALUES(9,'checks/test_vrfs.py::test_exists[VRF_AZ2]','VRF_AZ2 exists in its cloud.','VRF context VRF_AZ2','','vrfs','blocker');
INSERT INTO "checks" VALUES(10,'checks/test_vrfs.py::test_only_its_networks[VRF_AZ1]','VRF_AZ1 holds only the networks declared for it.','VRF context VRF_AZ1','','vrfs','critical');
INSERT INTO "checks" VALUES(11,'checks/test_vrfs.py::test_only_its_networks[VRF_AZ2]','VRF_AZ2 holds only the networks declared for it.','VRF context VRF_AZ2','','vrfs','critical');
INSERT INTO "checks" VALUES(12,'checks/test_vrfs.py::test_pools_apart[VRF_AZ1]','No two address pools in VRF_AZ1 overlap.','VRF context VRF_AZ1','','vrfs','critical');
INSERT INTO "checks" VALUES(13,'checks/test_vrfs.py::test_pools_apart[VRF_AZ2]','No two address pools in VRF_AZ2 overlap.','VRF context VRF_AZ2','','vrfs','critical');
CREATE TABLE notified (
    target TEXT PRIMARY KEY,
    run_id INTEGER NOT NULL
);
CREATE TABLE results (
    check_id INTEGER NOT NULL REFERENCES checks (id),
    run_id INTEGER NOT NULL REFERENCES runs (id),
    outcome INTEGER NOT NULL,
    told_id INTEGER NOT NULL REFERENCES told (id),
    PRIMARY KEY (check_id, run_id)
) WITHOUT ROWID;
INSERT INTO "results" VALUES(1,1,0,3);
INSERT INTO "results" VALUES(2,1,0,3);
INSERT INTO "results" VALUES(3,1,0,3);
INSERT INTO "results" VALUES(4,1,0,3);
INSERT INTO "results" VALUES(5,1,1,2);
INSERT INTO "results" VALUES(6,1,0,3);
INSERT INTO "results" VALUES(7,1,5,1);
INSERT INTO "results" VALUES(8,1,0,3);
INSERT INTO "results" VALUES(9,1,0,3);
INSERT INTO "results" VALUES(10,1,2,4);
INSERT INTO "results" VALUES(11,1,2,5);
INSERT INTO "results" VALUES(12,1,0,3);
INSERT INTO "results" VALUES(13,1,0,3);
INSERT INTO "results" VALUES(1,2,0,3);
INSERT INTO "results" VALUES(2,2,0,3);
INSERT INTO "results" VALUES(3,2,0,3);
INSERT INTO "results" VALUES(4,2,0,3);
INSERT INTO "results" VALUES(5,2,6,6);
INSERT INTO "results" VALUES(6,2,0,3);
INSERT INTO "results" VALUES(7,2,5,1);
INSERT INTO "results" VALUES(8,2,0,3);
INSERT INTO "results" VALUES(9,2,0,3);
INSERT INTO "results" VALUES(10,2,2,4);
INSERT INTO "results" VALUES(11,2,2,5);
INSERT INTO "results" VALUES(12,2,0,3);
INSERT INTO "results" VALUES(13,2,0,3);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    started TEXT NOT NULL,
    ended TEXT,
    exit_code INTEGER,
    facts TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO "runs" VALUES(1,'20261201T043804Z-09e3aa','2026-12-01T04:38:04.411474+00:00','2026-12-01T04:38:05.856112+00:00',1,'{"file": "acme.yaml", "environment": "acme", "site": "127.0.0.1:18460", "declared_objects": 5, "requests": 8, "verify_tls": true, "version": "30.2.1", "api_version": "30.2.1", "read_at": "2026-12-01T04:38:05+00:00", "complete": true, "facts": 13, "faults": [], "objects": 5, "not_as_declared": 3, "unjudged": 0, "unknown": 0, "unread": []}');
INSERT INTO "runs" VALUES(2,'20261201T043809Z-75b734','2026-12-01T04:38:09.557819+00:00','2026-12-01T04:38:11.927670+00:00',1,'{"file": "acme.yaml", "environment": "acme", "site": "127.0.0.1:18460", "declared_objects": 5, "requests": 18, "verify_tls": true, "version": "30.2.1", "api_version": "30.2.1", "read_at": "2026-12-01T04:38:11+00:00", "complete": true, "facts": 13, "faults": [], "objects": 5, "not_as_declared": 2, "unjudged": 0, "unknown": 0, "unread": []}');
CREATE TABLE told (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);
INSERT INTO "told" VALUES(1,'[{"have": false, "path": "allocate_in_vrf", "want": true}]');
INSERT INTO "told" VALUES(2,'[{"have": 300, "path": "ttl", "want": 30}]');
INSERT INTO "told" VALUES(3,'');
INSERT INTO "told" VALUES(4,'also holds AVI_FRONTEND_3025, REGIONB_VMS_3024');
INSERT INTO "told" VALUES(5,'also holds AVI_FRONTEND_3026');
INSERT INTO "told" VALUES(6,'ttl: 300 -> 30');
CREATE INDEX results_of_run ON results (run_id, check_id, outcome, told_id);
COMMIT;
PRAGMA user_version = 1;
