"""What is awaited after the writes, and what is told at once: by what was written, and by what keeps an object down."""

import re
import time

import pytest

from intent import load_environment
from live.avi.snapshot import Live
from live.illness.diagnosis import READS
from live.kinds import named_by
from remediate.run.settling import affected, ill_of_themselves, touches_servers
from tests import lengths
from tests.pages.examples import blocks
from tests.remediate.inprocess import APIS, Bench
from tests.site import IBERIA

pytestmark = lengths.WHOLE_SITE

OBJECTS = """
objects:
  - {{type: healthmonitor, name: web-8080, fields: {{type: HEALTH_MONITOR_TCP, send_interval: 5}}}}
  - type: pool
    name: web
    fields:
      vrf_ref: VRF_AZ1
      health_monitor_refs: [web-8080]
      servers: [{{ip: {{addr: {server}, type: V4}}, port: 8080}}]
  - type: poolgroup
    name: shop
    fields: {{members: [{{pool_ref: web, ratio: 1}}]}}
  - type: vsvip
    name: web
    fields:
      vrf_context_ref: VRF_AZ1
      vip: [{{vip_id: "1", ip_address: {{addr: {vip}, type: V4}}}}]
  - type: virtualservice
    name: web
    fields:
      {uses}
      vsvip_ref: web
      vrf_context_ref: VRF_AZ1
      se_group_ref: S1-AZ1-SE-Group
      services: [{{port: 80}}]
"""
WALLED = "10.99.0.1"
"""No route leads to it in VRF_AZ1."""
POOL, SERVICE = "pool object web", "virtualservice object web"
GROUP, CLOUD = "SE group S1-AZ1-SE-Group", "cloud Default-Cloud"


def site(folder, server="10.10.24.161", uses="pool_ref: web", vip="10.10.25.99"):
    path = folder / "site.yaml"
    text = IBERIA.read_text(encoding="utf-8") + OBJECTS.format(server=server, uses=uses, vip=vip)
    path.write_text(text, encoding="utf-8")
    return Bench("conforming", load_environment(path))


def key(bench, text):
    return next(want.key for want in bench.environment.every() if str(want.key) == text)


def build(bench, *types):
    """The declared objects of these types, made by hand."""
    for want in bench.environment.objects:
        if want.type in types:
            refs = {
                name: f"/api/{api}?name={want.fields[name]}"
                for name, api in (
                    ("vrf_ref", "vrfcontext"),
                    ("vrf_context_ref", "vrfcontext"),
                    ("pool_ref", "pool"),
                    ("vsvip_ref", "vsvip"),
                    ("se_group_ref", "serviceenginegroup"),
                )
                if name in want.fields
            }
            fields = {k: v for k, v in want.fields.items() if k != "health_monitor_refs"} | refs
            bench.gateway.write("POST", want.type, {"name": want.name, **fields})


def seen(bench):
    apis = {*APIS, *READS, *named_by(bench.environment)} - {
        "license",
        "upgradestatusinfo",
        "alert",
        "cluster/runtime",
    }
    apis -= {api for api in apis if "/" in api}
    return Live(bench.gateway.snapshot(sorted(apis)), bench.environment)


@pytest.mark.parametrize("uses", ["pool_ref: web", "pool_group_ref: shop"])
@pytest.mark.parametrize(
    "written",
    [SERVICE, "vsvip object web", GROUP, "VRF context VRF_AZ1", CLOUD],
)
def test_a_pool_is_influenced_by_what_its_service_is_placed_by(written, uses, tmp_path):
    bench = site(tmp_path, uses=uses)
    reached = {str(each) for each in affected(bench.environment, {key(bench, written)})}
    assert {POOL, SERVICE, GROUP} <= reached


def test_a_pool_whose_service_is_placed_is_ill_of_itself(tmp_path):
    bench = site(tmp_path, server=WALLED)
    build(bench, "pool", "vsvip", "virtualservice")
    bench.lab.site.clock.advance(5)
    assert {str(each) for each in ill_of_themselves(seen(bench))} == {POOL}


def test_a_pool_whose_service_is_placed_nowhere_is_not(tmp_path):
    """Nobody asks its servers yet, whatever keeps the service."""
    bench = site(tmp_path, server=WALLED, vip="10.200.0.9")
    build(bench, "pool", "vsvip", "virtualservice")
    bench.lab.site.clock.advance(5)
    assert ill_of_themselves(seen(bench)) == frozenset()


@pytest.mark.parametrize(
    ("written", "server", "touched"),
    [
        (POOL, WALLED, True),
        ("healthmonitor object web-8080", WALLED, True),
        ("VRF context VRF_AZ1", WALLED, True),
        (CLOUD, WALLED, False),
        ("DNS profile DNS_Default", WALLED, False),
        ("system configuration system", WALLED, False),
        (GROUP, WALLED, False),
        (SERVICE, WALLED, False),
        ("network REGIONB_VMS_3024", "10.10.24.161", True),
        ("network AVI_FRONTEND_3025", "10.10.24.161", False),
        ("network AVI_FRONTEND_3025", WALLED, True),
        ("network REGIONB_VMS_3023", "10.10.24.161", False),
    ],
)
def test_what_touches_how_servers_are_asked(written, server, touched, tmp_path):
    """A server that is on no declared network is reached over any of them."""
    bench = site(tmp_path, server=server)
    build(bench, "pool")
    changed, pool = {key(bench, written)}, key(bench, POOL)
    assert touches_servers(bench.environment, changed, pool, seen(bench)) is touched


@pytest.fixture
def served(lab, runs):
    """A site with a service whose pool has this server, as declared; then drifted in a way of its own."""

    def begin(server):
        lab.reset("conforming")
        runs.file.write_text(
            runs.file.read_text() + OBJECTS.format(server=server, uses="pool_ref: web", vip="10.10.25.99")
        )

    return begin


CHECKS = (
    "checks/test_objects.py",
    "checks/test_cloud.py",
    "checks/test_networks.py",
    "checks/test_se_groups.py",
)


@lengths.WHOLE_RUN
def test_a_service_that_is_made_is_awaited_with_its_engines(served, runs):
    served("10.10.24.161")
    code, said = runs("--remediate", "--settle=60", checks=CHECKS)
    assert code == 0, said
    assert re.search(
        r"^awaited, 0 of at most 60 s \(--settle=SECONDS sets that\): .* S1-AZ1-SE-Group serve",
        said,
        re.MULTILINE,
    )
    assert re.search(r"^awaited for \d+ s: all there$", said, re.MULTILINE)


@lengths.WHOLE_RUN
def test_a_pool_that_is_down_for_reasons_of_its_own_is_told_at_once(served, runs, lab):
    served(WALLED)
    runs("--remediate", "--settle=0", checks=CHECKS)
    lab.control("POST", "clock", {"advance": 30})
    text = runs.file.read_text()
    assert "state_based_dns: true" in text
    runs.file.write_text(
        text.replace("state_based_dns: true", "state_based_dns: false").replace("buffer: 0", "buffer: 1", 1)
    )
    begun = time.monotonic()
    code, said = runs("--remediate", "--allow-disruptive", "--settle=120", checks=CHECKS)
    assert code == 1, said
    assert "awaited" not in said.replace("not awaited, no write", ""), said
    (block,) = [each for each in blocks("docs/remediation.md") if each.text.startswith("not awaited")]
    assert block.text.strip() in said
    assert time.monotonic() - begun < 60
