"""Everything a GET answers on the conforming site has the members and types that the official schema declares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.tests.controller_client import Client, make

SWAGGER = Path(__file__).parents[3] / "shared" / "avi-api" / "swagger"
KNOWN_OTHERWISE = {
    "controllerproperties fileobject_max_file_versions": "the Terraform provider of that release has it",
    "controllerproperties system_report_cleanup_interval": "the same",
    "last_changed_time.secs": "strings, as recorded",
    "last_changed_time.usecs": "strings, as recorded",
    "runtime.vip_summary": "a list, as clients read it",
    "service_engine[].url": "read by clients",
    "service_engine[].uuid": "read by clients",
    "faults": "read by clients",
    "virtualservices[]": "references as plain texts, as clients read those to pools",
    "pools[]": "plain texts: a sample of the SDK splits them",
    "serviceengins[]": "the same [INF]",
    "vip_runtime": "shown in a GET, as recorded",
    "ipam_dns_records": "shown in a GET, as recorded",
    **{
        f"{at}{member}": "the bookkeeping of a virtual service, as recorded"
        for at in ("virtualservice results[].", "virtualservice/{uuid} ")
        for member in (
            *("marked_for_delete", "redis_db", "redis_port", "self_se_election", "tls_ticket_key", "version"),
        )
    },
    "vsvip/{uuid} vs_refs": "shown in a GET by uuid, as recorded",
    "config._last_modified": "an inventory shows more of its object than the schema lists [INF]",
    "config.configured_subnets": "the same",
    "config.dns_provider_ref": "the same",
    "config.ipam_provider_ref": "the same",
    "config.metrics_polling_interval": "the same",
    "config.mgmt_ip_v": "the same",
    "config.resolve_fqdn_to_ipv6": "the same",
    "multicast_enable": "measured between schemas of other releases",
    "se_debug_trace_sz": "measured between schemas of other releases",
}
SINGLETONS = ("cluster", "inventoryfaultconfig", "licensing/ledger/details", "licensing/status")
"""Drawn as lists by the schema, bare objects to clients."""
BOTH = ("albservicesconfig", "cloudproperties", "systemlimits")
"""Drawn as lists by the schema, recorded bare: answered as both."""


def documents() -> tuple[dict, dict]:
    """The definitions by name, and by path the schema of what a GET answers."""
    definitions, answers = {}, {}
    for file in sorted(SWAGGER.glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        for name, each in document["definitions"].items():
            definitions.setdefault(name, each)
        for path, operations in document["paths"].items():
            schema = operations.get("get", {}).get("responses", {}).get("200", {}).get("schema", {})
            if "$ref" in schema:
                answers[path.strip("/")] = schema
    return definitions, answers


TYPES = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,)}


def faults(definitions: dict, value: object, schema: dict, at: str) -> Iterator[str]:
    """Where a value is not what its schema declares, as `path member`."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    members = schema.get("properties")
    if members is None:
        fits = TYPES.get(schema.get("type", ""), (object,))
        if not isinstance(value, fits) or (
            isinstance(value, bool) and bool not in fits and object not in fits
        ):
            yield at
        elif isinstance(value, list):
            for each in value:
                yield from faults(definitions, each, schema["items"], f"{at}[]")
    elif not isinstance(value, dict):
        yield at
    else:
        yield from (f"{at}.{name} missing" for name in schema.get("required", ()) if name not in value)
        for name, each in value.items():
            if name in members:
                yield from faults(definitions, each, members[name], f"{at}.{name}")
            else:
                yield f"{at}.{name}"


@pytest.mark.evidence("SCHEMA", "§2.3", "§3.2", "§3.7", "§3.10")
def test_answers_have_the_shape_the_schema_declares():
    if not SWAGGER.is_dir():
        pytest.skip("the swagger folder is not beside the project")
    client = Client(make("30.2.1", "conforming"))
    definitions, answers = documents()
    found, asked = set(), 0
    for path, schema in answers.items():
        kind = path.partition("/")[0]
        where = path
        if "{uuid}" in path:
            objects = client("GET", f"/api/{kind.removesuffix('-inventory')}?page_size=1")
            rows = objects.json().get("results") if objects.status == 200 else None
            if not rows:
                continue
            where = path.replace("{uuid}", rows[0]["uuid"])
        answer = client("GET", f"/api/{where}")
        if kind == "vimgrvcenterruntime":
            assert answer.status == 404  # gone from 22.1
            continue
        assert answer.status == 200, (where, answer.body[:200])
        asked += 1
        if path in SINGLETONS:
            of_one = definitions[schema["$ref"].rpartition("/")[2]]["properties"]["results"]["items"]
            found |= set(faults(definitions, answer.json(), of_one, f"{path} "))
        elif answer.json() != []:
            shown = answer.json()
            listed = {key: shown[key] for key in ("count", "results")} if path in BOTH else shown
            found |= set(faults(definitions, listed, schema, f"{path} "))
    unknown = {each.replace(" .", " ") for each in found}
    assert asked > 150
    assert sorted(each for each in unknown if not any(known in each for known in KNOWN_OTHERWISE)) == []
