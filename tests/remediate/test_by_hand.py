"""Ten acts by hand on the conforming site, declared as it is and exact: each is one drift, told where it was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from avi_schema import load
from intent.kinds.objects import kind_of_type
from intent.objects.canonical import plain_data
from live.avi.identity import maker
from live.avi.snapshot import Live
from live.kinds import KINDS
from tests.remediate.objects_site import ObjectsBench

TYPES = (
    *("network", "vrfcontext", "virtualservice", "vsvip", "cloud", "serviceenginegroup"),
    *("ipamdnsproviderprofile", "systemconfiguration"),
)


def prefix(text: str) -> dict[str, Any]:
    """A subnet as the Controller writes it."""
    address, _, mask = text.partition("/")
    return {"ip_addr": {"addr": address, "type": "V4"}, "mask": int(mask)}


def declared_as_it_is(bench: ObjectsBench) -> list[dict[str, Any]]:
    """Every object of these types, with every member that can be declared."""
    objects: list[dict[str, Any]] = []
    schema = load()
    named = {each.target for api in TYPES for each in schema.references(api, schema.model)}
    live = Live(bench.gateway.snapshot(sorted({*TYPES, *named, "tenant"})))
    for api in TYPES:
        kind = KINDS[kind_of_type(api)]
        for row in live.rows(api):
            want = kind.decode(row, live.names)
            if maker(row):
                continue
            place = {"cloud": want.cloud} if want.cloud else {}  # type: ignore[attr-defined]
            name = {} if kind.singleton else {"name": want.name, **place}
            fields: dict[str, Any] = plain_data(want.fields)  # type: ignore[attr-defined]
            if api == "vrfcontext":
                fields.setdefault("static_routes", [])  # that there are none is declared as well
            objects.append({"type": api, **name, "fields": fields})
    return objects


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> ObjectsBench:
    """The conforming site, declared as it is."""
    bench = ObjectsBench(tmp_path_factory.mktemp("site"), [])
    bench.declare(declared_as_it_is(bench))
    return bench


Act = Callable[[dict[str, Any]], Any]
ACTS: list[tuple[str, str, str, Act]] = [
    ("network", "AVI_FRONTEND_3025", "+configured_subnets[10.77.0.0/24]",
     lambda o: o["configured_subnets"].append({"prefix": prefix("10.77.0.0/24")})),
    ("vrfcontext", "VRF_AZ1", "+static_routes[0.0.0.0/0+10.10.25.1]",
     lambda o: o.setdefault("static_routes", []).append(
         {"route_id": "1", "prefix": prefix("0.0.0.0/0"), "next_hop": {"addr": "10.10.25.1", "type": "V4"}})),
    ("virtualservice", "local-dns-site1", "+static_dns_records[extra.avi.iberia.local+DNS_RECORD_A]",
     lambda o: o.setdefault("static_dns_records", []).append(
         {"fqdn": ["extra.avi.iberia.local"], "type": "DNS_RECORD_A",
          "ip_address": [{"ip_address": {"addr": "10.10.25.8", "type": "V4"}}]})),
    ("virtualservice", "local-dns-site1", "+services[8053]", lambda o: o["services"].append({"port": 8053})),
    ("cloud", "Default-Cloud", "-ipam_provider_ref", lambda o: o.pop("ipam_provider_ref")),
    ("serviceenginegroup", "S1-AZ1-SE-Group", "max_se", lambda o: o.update(max_se=1)),
    ("serviceenginegroup", "S1-AZ2-SE-Group", "se_name_prefix", lambda o: o.pop("se_name_prefix")),
    ("systemconfiguration", "", "+ntp_configuration.ntp_servers[10.0.0.9]",
     lambda o: o["ntp_configuration"]["ntp_servers"].append({"server": {"addr": "10.0.0.9", "type": "V4"}})),
    ("systemconfiguration", "", "portal_configuration.allow_basic_authentication",
     lambda o: o["portal_configuration"].update(allow_basic_authentication=True)),
    ("ipamdnsproviderprofile", "", "+internal_profile.dns_service_domain[extra.iberia.local]",
     lambda o: o["internal_profile"]["dns_service_domain"].append({"domain_name": "extra.iberia.local"})),
]  # fmt: skip


def test_as_it_is_it_conforms(site: ObjectsBench) -> None:
    """Nothing of the site's own is drift."""
    assert site.paths() == []


@pytest.mark.parametrize(("api", "name", "path", "act"), ACTS, ids=[act[2] for act in ACTS])
def test_each_act_is_one_drift(site: ObjectsBench, api: str, name: str, path: str, act: Act) -> None:
    """A member that somebody added, took away or changed, whether the file of the blog names it or not."""
    if api == "ipamdnsproviderprofile":
        name = next(
            row["name"]
            for row in site.gateway.read(api)["results"]
            if "dns_service_domain" in row.get("internal_profile", {})
        )
    before = site.raw(api, name)
    changed = site.raw(api, name)
    act(changed)
    at = f"{api}/{before['uuid']}" if name else api
    site.gateway.write("PUT", at, changed)
    try:
        told = [each.partition(" ")[2] for each in site.paths()]
    finally:
        after = site.raw(api, name)
        site.gateway.write("PUT", at, before | {"_last_modified": after["_last_modified"]})
    plain = [each.removeprefix("-") if not path.startswith("-") else each for each in told]
    assert plain == [path]
    assert site.paths() == []
