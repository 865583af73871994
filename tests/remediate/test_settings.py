"""Settings of routes, SE groups, the system, clouds, networks and accounts on the simulated site: written, proved, undone.

And the site that a person has wrecked: a drift for each of his acts.
"""

from __future__ import annotations

import pytest
import yaml

from intent import Environment
from lab.tests.cloudsite import ip
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests.remediate.breaking import picture
from tests.remediate.inprocess import Bench, act
from tests.site import IBERIA

BGP = {
    "local_as": 65001,
    "ibgp": False,
    "hold_time": 90,
    "keepalive": 30,
    "peers": [
        {
            "address": "10.10.25.3",
            "remote_as": 65002,
            "network": "AVI_FRONTEND_3025",
            "label": "blue",
            "bfd": False,
        }
    ],
}
GROUP = {
    "vcpus": 2,
    "memory_mb": 4096,
    "disk_gb": 30,
    "reserve_cpu": True,
    "max_se": 4,
    "max_vs_per_se": 20,
    "min_scaleout": 1,
    "max_scaleout": 2,
    "algorithm": "distributed",
    "deprovision_delay": 60,
    "license_tier": "enterprise",
    "datastores": {"include": True, "names": ["Vol1"], "mode": "shared"},
    "labels": [{"key": "owner", "value": "team"}],
    "markers": [{"key": "site", "values": ["a", "b"]}],
}
SYSTEM = {
    "dns_servers": ["10.10.20.2", "10.10.20.3"],
    "search_domain": "iberia.local",
    "ntp_servers": ["10.10.20.2", "ntp.iberia.local"],
    "banner": "authorised use only",
    "portal": {"basic_authentication": False, "min_password_length": 15, "strong_passwords": True},
    "tenancy_mode": {"engines_readable": True},
}
ROLE = {
    "name": "ako-writer",
    "privileges": [
        {"resource": "PERMISSION_VIRTUALSERVICE", "access": "write"},
        {"resource": "PERMISSION_CLOUD", "access": "read"},
    ],
    "filters": [{"key": "team", "values": ["red"], "match": "glob"}],
    "unlabelled": False,
}


def declared():
    data = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))
    data["vrfs"][0] |= {
        "default_gateway": "10.10.25.1",
        "static_routes": [{"prefix": "10.60.0.0/16", "next_hop": "10.10.25.2"}],
        "bgp": BGP,
        "bfd": {"min_tx": 1500, "min_rx": 1500, "multiplier": 3},
        "gateway_monitors": [{"gateway": "10.10.25.1", "interval": 2000, "failures": 5, "successes": 8}],
    }
    data["se_groups"][1] |= GROUP
    data["system"] |= SYSTEM
    data["clouds"][0] |= {"mtu": 1500, "se_group_template": "S1-AZ1-SE-Group", "prefer_static_routes": False}
    data["networks"][-1] |= {"moref": "dvportgroup-34", "exclude_discovered_subnets": True}
    service = data["dns_services"][0]
    service["names"] = ["ns.avi.iberia.local"]
    service["vip"]["family"] = "v4"
    service["records"] += [
        {"name": "alias.avi.iberia.local", "type": "CNAME", "values": ["test.avi.iberia.local"]},
        {"name": "avi.iberia.local", "type": "MX", "values": ["10 mail.iberia.local"]},
        {"name": "sub.avi.iberia.local", "type": "NS", "values": ["ns1.iberia.local 10.10.24.3"]},
        {"name": "_sip._udp.avi.iberia.local", "type": "SRV", "values": ["0 5 5060 sip.iberia.local"]},
        {"name": "txt.avi.iberia.local", "type": "TXT", "values": ["v=spf1 -all"]},
    ]
    data["dns_profiles"][0]["domains"][0]["pass_through"] = True
    data |= {
        "roles": [ROLE],
        "users": [{"name": "admin", "superuser": True, "active": True}],
        "account_profiles": [{"name": "machines", "max_sessions": 8, "password_days": 90}],
        "syslog": [
            {"name": "Syslog", "servers": [{"server": "log.iberia.local", "port": 6514, "udp": False}]}
        ],
    }
    return Environment.model_validate(data)


def apply(bench, folder, **options):
    view = bench.site()
    plan = build(view, bench.drifts(view.live), **options)
    journal = Journal.begin(folder, "iberia", "c", "d")
    Applier(
        Writer(bench.gateway, journal, sleep=lambda _s: None), view, say=lambda _text: None, **options
    ).apply(plan)
    journal.end("done")
    return plan, journal


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """(the site with all of it written, the plan, its journal, the site before)."""
    bench = Bench("conforming", declared())
    act(
        bench,
        "systemconfiguration",
        "",
        lambda system: system.update(linux_configuration={"motd": "welcome"}),
    )
    before = picture(bench.gateway)
    plan, journal = apply(bench, tmp_path_factory.mktemp("built"), consent=Consent(disruptive=True))
    return bench, plan, journal, before


def test_what_is_declared_is_written_and_proved(built):
    bench, plan, _journal, _before = built
    assert [(left.key, left.path, left.reason) for left in plan.left] == []
    assert bench.drifts() == []


def test_all_of_it_is_undone(built, tmp_path):
    bench, _plan, journal, before = built
    undoing = Journal.begin(tmp_path, "iberia", "c", "d", undoes=journal.path.name)
    writer = Writer(bench.gateway, undoing, sleep=lambda _s: None)
    undone = undo_run(load(journal.path), writer, bench.site(), consent=Consent(disruptive=True))
    assert [(str(each.entry), each.text) for each in undone if each.outcome == "kept"] == []
    assert picture(bench.gateway) == before


def wreck_group(group):
    group["max_se"] = 1
    group["vcenter_datastores"] = [{"datastore_name": "Vol2"}]


def wreck_routes(vrf):
    vrf["static_routes"] = []
    del vrf["bgp_profile"]


def wreck_system(system):
    system["ntp_configuration"]["ntp_servers"] = [{"server": ip("192.0.2.9")}]
    system["dns_configuration"]["server_list"] = [ip("192.0.2.53")]


WRECKS = [
    ("serviceenginegroup", "S1-AZ2-SE-Group", wreck_group, {"max_se", "datastores.names"}),
    ("vrfcontext", "VRF_AZ1", wreck_routes, {
        "default_gateway", "static_routes[10.60.0.0/16 via 10.10.25.2]", "bgp.local_as", "bgp.ibgp", "bgp.hold_time",
        "bgp.keepalive", "bgp.peers[10.10.25.3]",
    }),
    ("systemconfiguration", "", wreck_system, {"ntp_servers", "dns_servers"}),
    ("cloud", "Default-Cloud", lambda cloud: cloud.update(mtu=1400), {"mtu"}),
    ("user", "admin", lambda user: user.update(is_superuser=False), {"superuser"}),
]  # fmt: skip


def test_a_wrecked_site_has_a_drift_for_each_act_and_is_put_right(built, tmp_path):
    bench, *_ = built
    apply(bench, tmp_path / "again", consent=Consent(disruptive=True))
    before = picture(bench.gateway)
    for api, name, change, _ in WRECKS:
        act(bench, api, name, change)
    assert {drift.path for drift, _ in bench.drifts()} == set().union(*(paths for *_, paths in WRECKS))
    apply(bench, tmp_path / "right", consent=Consent(disruptive=True))
    assert {drift.path for drift, _ in bench.drifts()} == {"superuser"}, "that is for a person"
    act(bench, "user", "admin", lambda user: user.update(is_superuser=True))
    assert bench.drifts() == []
    assert picture(bench.gateway).keys() == before.keys()
