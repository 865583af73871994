"""Bootstrap of the whole site: every object that is not as installed, in a file that loads and is green at once."""

from __future__ import annotations

import pytest
import yaml

from intent import load_environment
from live.avi.snapshot import Live
from live.bootstrap import Bootstrap, collections, writable_types
from live.coverage import cover
from live.environment_text import bootstrap_text
from tests.remediate.inprocess import Bench

VERSION = "30.2.1"
MADE = (
    ("tenant", {"name": "blue"}),
    (
        "healthmonitor",
        {
            "name": "web-monitor",
            "type": "HEALTH_MONITOR_HTTP",
            "send_interval": 5,
            "authentication": {"username": "probe", "password": "hunter2"},
            "http_monitor": {"http_request": "GET /health HTTP/1.0", "http_response_code": ["HTTP_2XX"]},
        },
    ),
    (
        "pool",
        {
            "name": "web",
            "default_server_port": 8080,
            "cloud_ref": "/api/cloud?name=Default-Cloud",
            "health_monitor_refs": ["/api/healthmonitor?name=web-monitor"],
            "servers": [{"ip": {"addr": "192.0.2.7", "type": "V4"}, "ratio": 3}],
        },
    ),
    (
        "virtualservice",
        {
            "name": "shop",
            "cloud_ref": "/api/cloud?name=Default-Cloud",
            "services": [{"port": 80}, {"port": 8000, "port_range_end": 8010}],
            "vip": [{"vip_id": "1", "ip_address": {"addr": "10.10.24.77", "type": "V4"}}],
        },
    ),
    ("pool", {"name": "ako-pool", "created_by": "ako-k8s", "cloud_ref": "/api/cloud?name=Default-Cloud"}),
    (
        "httppolicyset",
        {
            "name": "rules",
            "http_request_policy": {
                "rules": [
                    {
                        "name": "one",
                        "index": 1,
                        "enable": True,
                        "match": {"path": {"match_criteria": "BEGINS_WITH", "match_str": ["/a"]}},
                        "switching_action": {
                            "action": "HTTP_SWITCHING_SELECT_POOL",
                            "pool_ref": "/api/pool?name=web",
                        },
                    }
                ]
            },
        },
    ),
)


@pytest.fixture(scope="module")
def site():
    bench = Bench("conforming")
    for api, body in MADE:
        bench.gateway.write("POST", api, body)
    (ping,) = bench.gateway.read("healthmonitor", {"name": "System-Ping"})["results"]
    bench.gateway.write("PUT", f"healthmonitor/{ping['uuid']}", {**ping, "send_interval": 7})
    (group,) = bench.gateway.read("serviceenginegroup", {"name": "DNS-SE-Group"})["results"]
    labels = [{"key": "clustername", "value": "k8s"}]
    bench.gateway.write("PUT", f"serviceenginegroup/{group['uuid']}", {**group, "labels": labels})
    return bench


def written(bench, folder, types):
    """(bootstrap, its environment) of a site."""
    start = folder / "start.yaml"
    start.write_text("name: mine\ncontroller: {address: c1}\n")
    live = Live(bench.gateway.snapshot(sorted(collections(VERSION, (), types))))
    found = Bootstrap(live, "admin", types)
    path = folder / "mine.yaml"
    path.write_text(bootstrap_text(load_environment(start), found, folder))
    return found, load_environment(path), live


def test_every_object_is_written_and_found_as_declared(tmp_path, site):
    found, environment, live = written(site, tmp_path, writable_types(VERSION))
    assert found.unread == []
    again = Bench("conforming", environment)
    again.lab, again.gateway = site.lab, site.gateway
    assert again.drifts() == []
    coverage = cover(live, environment, lambda *_: {})
    assert coverage.whole.declared == coverage.whole.objects > 20
    assert coverage.whole.declared_members == coverage.whole.members
    assert coverage.whole.ako == 1


def test_what_is_written_is_minimal_and_names_what_it_leaves_out(tmp_path, site):
    found, environment, _ = written(site, tmp_path, writable_types(VERSION))
    objects = {(each.type, each.name): each.fields for each in environment.objects}
    assert objects["pool", "web"] == {
        "default_server_port": 8080,
        "health_monitor_refs": ["web-monitor"],
        "servers": [{"ip": {"addr": "192.0.2.7", "type": "V4"}, "ratio": 3}],
        "analytics_profile_ref": "System-Analytics-Profile",
        "vrf_ref": "global",
    }, "the last ones are the Controller's doing, which nobody can tell"
    assert objects["virtualservice", "shop"]["services"] == [
        {"port": 80},
        {"port": 8000, "port_range_end": 8010},
    ], "a range of one port is filled in"
    assert objects["healthmonitor", "web-monitor"] == {
        "type": "HEALTH_MONITOR_HTTP",
        "send_interval": 5,
        "authentication": {"username": "probe"},
        "http_monitor": {"http_request": "GET /health HTTP/1.0", "http_response_code": ["HTTP_2XX"]},
    }
    assert objects["healthmonitor", "System-Ping"] == {"type": "HEALTH_MONITOR_PING", "send_interval": 7}
    assert ("healthmonitor", "System-TCP") not in objects, "it is as installed"
    assert [each.name for each in environment.tenants] == ["blue"]
    assert not environment.schedules, "they are as installed"
    assert not environment.se_groups[0].declares("max_se"), "it says the default"
    (rule,) = objects["httppolicyset", "rules"]["http_request_policy"]["rules"]
    assert rule["switching_action"]["pool_ref"] == "web"
    assert ("pool", "ako-pool") not in objects
    assert "labels" not in objects["serviceenginegroup", "DNS-SE-Group"], "they are AKO's"
    assert "authentication.password of healthmonitor web-monitor: a secret" in found.left_out
    assert "hunter2" not in yaml.safe_dump(found.sections)


def test_only_the_chosen_types_are_written(tmp_path, site):
    found, environment, _ = written(site, tmp_path, {"pool"})
    assert [(each.type, each.name) for each in environment.objects] == [("pool", "web")]
    (monitors,) = [line for line in found.left_out if line.startswith("2 HealthMonitors (no section")]
    assert "web-monitor" in monitors
