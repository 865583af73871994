"""The gateway, the reader, the resolver and the runtime facts against the simulated site, in an old and a new version."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from intent import compare, load_environment
from live.avi.gateway import Gateway
from live.avi.reader import read_snapshot
from live.avi.session import Credentials
from live.avi.snapshot import Live
from live.errors import Conflict, NotFound, Refused, Unreachable
from live.facts import runtime, usage
from live.facts.usage import PoolUsage
from live.kinds import KINDS
from live.sources.dns import where
from live.sources.resolver import Resolver
from tests.runs.harness import lab_of
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]
RUNTIME = {
    "cluster",
    "cluster/runtime",
    "cloud-inventory",
    "network-inventory",
    "virtualservice-inventory",
    "serviceengine-inventory",
}
APIS = sorted(RUNTIME | {api for kind in KINDS.values() for api in kind.reads})


@pytest.fixture(scope="module", params=["20.1.6", "30.2.1"])
def lab(request):
    with lab_of("--state", "conforming", "--api-version", request.param) as lab:
        yield lab


@pytest.fixture(scope="module")
def environment(lab):
    return lab.overlay(load_environment(IBERIA))


@pytest.fixture(scope="module")
def gateway(lab, environment):
    made = Gateway(environment.controller, lab.credentials(), base=ROOT, writable=True)
    yield made
    made.close()


@pytest.fixture
def live(gateway):
    return Live(read_snapshot(gateway, APIS))


def test_one_request_a_collection_and_nothing_unread(gateway, live, lab):
    assert live.snapshot.failures == {}
    assert live.snapshot.requests == len(APIS)
    assert live.snapshot.api_version == lab.endpoints["version"]
    assert len(live.rows("network")) > 25  # more than a page of the default size


def test_the_conforming_site_conforms(live, environment):
    for want in environment:
        if type(want) in KINDS:
            assert compare(want, live[want]) == (), want


def test_runtime_facts(live, environment):
    (cloud,), (service,) = environment.clouds, environment.dns_services
    assert runtime.cluster_state(live) in runtime.CLUSTER_UP
    assert runtime.inactive_nodes(live) == []
    assert runtime.cloud_state(live, cloud) == (runtime.PLACEMENT_READY, "")
    assert runtime.service_state(live, service) == (runtime.UP, ())
    assert runtime.engine_problem(live, service) == ""
    assert usage.vips_outside_pools(live, service) == []
    (engine,) = runtime.service_engines_of(live, service)
    assert engine.up
    front = next(network for network in environment.networks if network.name == service.vip.network)
    assert usage.pool_usage(live, front) == (PoolUsage("10.10.25.0/24", "vip-and-se", 20, 18),)


@pytest.mark.parametrize("tcp", [False, True])
def test_names(live, environment, tcp):
    (service,) = environment.dns_services
    resolver = Resolver(*where(service, live))
    own, record = (resolver.ask(name, tcp=tcp) for name in (service.fqdn, service.records[0].name))
    assert (str(own.addresses[0]), own.ttl, own.authoritative) == ("10.10.25.40", 30, True)
    assert (str(record.addresses[0]), record.ttl, record.authoritative) == ("10.10.24.10", 30, True)
    assert resolver.ask("no-such-name.avi.iberia.local", tcp=tcp).rcode == "NXDOMAIN"


def test_a_write_is_seen_and_a_stale_one_is_a_conflict(gateway, live, environment):
    network = live.raw(environment.networks[1])
    path = f"network/{network['uuid']}"
    body = gateway.read(path)
    written = gateway.write("PUT", path, body | {"dhcp_enabled": not body["dhcp_enabled"]})
    assert written["dhcp_enabled"] is not body["dhcp_enabled"]
    with pytest.raises(Conflict):
        gateway.write("PUT", path, body)
    back = gateway.write("PATCH", path, {"replace": {"dhcp_enabled": body["dhcp_enabled"]}})
    assert back["dhcp_enabled"] is body["dhcp_enabled"]


def test_what_the_controller_refuses(gateway):
    with pytest.raises(Refused) as caught:
        gateway.write("POST", "vrfcontext", {"name": "VRF_AZ1"})
    assert caught.value.status == 409
    with pytest.raises(NotFound, match="object not found"):
        gateway.read("network/network-none")


def test_a_wrong_password(lab, environment):
    wrong = Credentials(lab.endpoints["username"], SecretStr("wr0ng-password"))
    with pytest.raises(Unreachable, match="refused the login of admin"):
        Gateway(environment.controller, wrong, base=ROOT).connect()


def test_a_version_that_is_too_new(lab, environment):
    pinned = environment.controller.model_copy(update={"api_version": "99.1.1"})
    with pytest.raises(Unreachable, match=r"cannot speak the pinned api_version 99\.1\.1"):
        Gateway(pinned, lab.credentials(), base=ROOT).connect()
