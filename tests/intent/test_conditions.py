"""What is left out of a file is never judged: an object that is merely named is asked for, and nothing else of it."""

import importlib
import inspect
from pathlib import Path

import pytest
import yaml

from fixtures import check_doc
from intent import load_environment
from intent.conditions import CONDITIONS

ROOT = Path(__file__).parents[2]
OF_THE_CONTROLLER = {
    f"test_controller.{name}" for name in ("test_cluster_up", "test_nodes_active", "test_version")
}


@pytest.fixture(scope="module")
def docs():
    modules = [importlib.import_module(f"checks.{path.stem}") for path in (ROOT / "checks").glob("test_*.py")]
    return [
        check_doc.read(function)
        for module in modules
        for name, function in vars(module).items()
        if name.startswith("test_") and inspect.isfunction(function)
    ]


NET = {"name": "net"}
SERVICE = {"name": "acme"}
CASES = {
    "a VRF context": ({"vrfs": [{"name": "vrf-dmz"}]}, {"test_vrfs.test_exists"}),
    "two, and a network in one of them": (
        {"vrfs": [{"name": "a"}, {"name": "b"}], "networks": [{**NET, "vrf": "b"}]},
        {"test_vrfs.test_exists", "test_vrfs.test_only_its_networks", "test_vrfs.test_pools_apart",
         "test_networks.test_exists", "test_networks.test_vrf"},
    ),
    "a network": ({"networks": [NET]}, {"test_networks.test_exists"}),
    "a network that must have free addresses": (
        {"networks": [{**NET, "min_free": 3}]}, {"test_networks.test_exists", "test_networks.test_free_addresses"}
    ),
    "a DNS service": ({"dns_services": [SERVICE]}, {"test_dns_services.test_exists"}),
    "a disabled one with names": (
        {"dns_services": [{**SERVICE, "enabled": False, "fqdn": "a.b", "records": [{"name": "c.b", "addresses": ["10.0.0.1"]}]}]},
        {f"test_dns_services.{name}" for name in ("test_exists", "test_enabled", "test_own_name", "test_records", "test_record_addresses")},
    ),
    "one with a static VIP": (
        {"dns_services": [{**SERVICE, "vip": {"auto_allocate": False}}]},
        {f"test_dns_services.{name}" for name in ("test_exists", "test_vip", "test_vip_allocation")},
    ),
    "an enabled one": (
        {"dns_services": [{**SERVICE, "enabled": True}]},
        {f"test_dns_services.{name}" for name in ("test_exists", "test_enabled", "test_vip", "test_up")},
    ),
    "one with a record that has no TTL": (
        {"dns_services": [{**SERVICE, "records": [{"name": "c.b", "addresses": ["10.0.0.1"]}]}]},
        {f"test_dns_services.{name}" for name in ("test_exists", "test_vip", "test_up", "test_records", "test_record_addresses")}
        | {f"test_names.{name}" for name in ("test_answers", "test_unknown_name", "test_resolves", "test_authoritative")},
    ),
    "an SE group": (
        {"se_groups": [{"name": "g"}]},
        {f"test_se_groups.{name}" for name in ("test_exists", "test_engines_serve", "test_engine_versions")},
    ),
    "a cloud": ({"clouds": [{"name": "c"}]}, {"test_cloud.test_exists"}),
    "a DNS profile": ({"dns_profiles": [{"name": "d"}]}, {"test_dns_profiles.test_exists"}),
    "an IPAM profile": ({"ipam_profiles": [{"name": "i"}]}, {"test_ipam_profiles.test_exists"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_declared_is_judged(case, docs, tmp_path):
    sections, expected = CASES[case]
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump({"name": "own", "controller": {"address": "10.0.0.1"}, **sections}))
    environment = load_environment(path)
    assert {doc.name for doc in docs if doc.applies(environment)} - OF_THE_CONTROLLER == expected


def test_each_object_by_itself(docs, tmp_path):
    """Of two VRF contexts, the check of what one holds is about the one with networks."""
    path = tmp_path / "own.yaml"
    sections, _ = CASES["two, and a network in one of them"]
    path.write_text(yaml.safe_dump({"name": "own", "controller": {"address": "10.0.0.1"}, **sections}))
    environment = load_environment(path)
    (doc,) = (doc for doc in docs if doc.name == "test_vrfs.test_only_its_networks")
    assert [vrf.name for vrf in doc.declared(environment, doc.subject)] == ["b"]


def test_every_condition_is_used_and_is_of_its_checks_kind(docs):
    used = {doc.condition: doc for doc in docs if doc.condition}
    assert set(used) == set(CONDITIONS)


def test_an_unknown_condition_is_refused():
    def test_it(vrf) -> None:
        """A title.

        If: the moon is full
        Why: so.
        """

    with pytest.raises(check_doc.BadCheck, match="If: 'the moon is full' is none of answers, "):
        check_doc.read(test_it)
