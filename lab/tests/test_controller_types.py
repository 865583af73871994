"""Every type of the fact table through the REST API, and bodies nobody should send."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from avi_schema import Field, load
from lab.controller.core import READ_ONLY, READ_ONLY_ENDINGS
from lab.model import fill, minimal
from lab.objects import Object
from lab.tests.controller_client import Client, make, path_of, without_names
from lab.tests.suite import IN_CI

SCHEMA = load()
WRITABLE = sorted(
    name
    for name, kind in SCHEMA.types.items()
    if "POST" in kind.methods
    and not kind.singleton
    and name not in READ_ONLY
    and not name.endswith(READ_ONLY_ENDINGS)
)
LONE = ["systemconfiguration", "controllerproperties", "seproperties", "cluster", "inventoryfaultconfig"]
NUMBERS = itertools.count()
SERVED_OTHERWISE = {"licensing/status", "licensing/ledger/details"}


def body_of(client: Client, name: str) -> dict:
    """The smallest body, its references pointing at objects that are there (made when there is none)."""
    lab = client.lab

    def ref(field: Field) -> str:
        target = field.ref
        if target is None or target not in SCHEMA.types:
            return "/api/tenant/admin"
        if (known := next(lab.site.store.all(target), None)) is not None:
            return known.ref
        if target in WRITABLE:
            made = client("POST", f"/api/{target}", body_of(client, target))
            assert made.status == 201, (target, made.body)
            return path_of(made.json())
        uuid = f"{target}-made"
        body = fill(SCHEMA, target, {"name": "made", "uuid": uuid}, lab.site.version)
        return lab.site.store.put(Object(target, uuid, "admin", "", body)).ref

    body = minimal(SCHEMA, name, lab.site.version, ref)
    field = SCHEMA.types[name].message.fields.get("name")
    named = field is not None and field.lives(lab.site.version)
    return body | ({"name": f"{name}-{next(NUMBERS)}"} if named else {})


@pytest.fixture(scope="module", params=["20.1.6", "30.2.1"])
def client(request):
    return Client(make(request.param))


@pytest.mark.evidence("REC", "§2.8", "§2.9")
@pytest.mark.parametrize("name", [name for name in WRITABLE if name not in SERVED_OTHERWISE])
def test_a_type_is_made_read_put_back_patched_and_deleted(client, name):
    kind = SCHEMA.types[name]
    if not kind.lives(client.lab.site.version):
        assert client("GET", f"/api/{name}").status == 404
        return
    answer = client("POST", f"/api/{name}", body_of(client, name))
    assert answer.status == 201, answer.body
    made = answer.json()
    path = path_of(made)
    assert answer.header("Location") == made["url"]
    read = client.get(path)
    assert {k: v for k, v in read.items() if k in made} == without_names(made)

    again = client("PUT", path, read)
    assert again.status == 200, again.body
    kept = {k: v for k, v in client.get(path).items() if k not in ("_last_modified", "version")}
    assert kept == {k: v for k, v in read.items() if k not in ("_last_modified", "version")}

    if "description" in kind.message.fields and not kind.message.fields["description"].read_only:
        patched = client("PATCH", path, {"replace": {"description": "seen"}})
        assert patched.json()["description"] == "seen"
    else:
        assert client("PATCH", path, {"replace": {}}).status == 200
    listed = client.get(f"/api/{name}?uuid={made['uuid']}")
    assert [each["uuid"] for each in listed["results"]] == [made["uuid"]]
    if (inventory := SCHEMA.types.get(f"{name}-inventory")) is not None:
        (row,) = client.get(f"/api/{inventory.name}?uuid={made['uuid']}")["results"]
        assert row == client.get(f"/api/{inventory.name}/{made['uuid']}")
        assert row["config"]["url"] == read["url"]
    gone = client("DELETE", path)
    assert (gone.status, gone.body) == (204, b""), gone.body
    missing = client("GET", path)
    assert missing.json() == {"error": f"{kind.model} object not found!"}


@pytest.mark.evidence("REC", "§2.1")
@pytest.mark.parametrize("name", LONE)
def test_a_singleton_is_a_bare_object(client, name):
    shown = client.get(f"/api/{name}")
    assert shown["url"].endswith(f"/api/{name}")
    assert client("PUT", f"/api/{name}", shown).status == 200
    after = client.get(f"/api/{name}")
    assert {k: v for k, v in after.items() if k != "_last_modified"} == {
        k: v for k, v in shown.items() if k != "_last_modified"
    }
    for method in ("POST", "DELETE"):
        refused = client(method, f"/api/{name}", {})
        assert refused.status == 405
        assert f"Method '{method}' not allowed" in refused.json()["detail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
KINDS = st.sampled_from(WRITABLE)
REFS = st.sampled_from(
    ["/api/pool?name=a", "/api/", "https://[", "/api/vsvip/x#y", "#", "/api/cloud/?name=\x00", "%"]
)


@st.composite
def broken(draw) -> tuple[str, object]:
    """A body that starts well and has members replaced, added and bent out of shape."""
    name = draw(KINDS)
    if draw(st.integers(0, 9)) == 0:
        return name, draw(JSON)
    body = minimal(SCHEMA, name, (30, 2, 1), lambda _field: draw(REFS))
    fields = sorted(SCHEMA.types[name].message.fields)
    for member in draw(st.lists(st.sampled_from(fields), max_size=5)):
        body[member] = draw(JSON | REFS)
    return name, body


def value_of(draw, field: Field, depth: int) -> object:  # noqa: PLR0911
    """One value a member takes, by its facts alone."""
    if field.kind == "message":
        if field.message is None:
            return {}
        message = SCHEMA.message(field.message)
        return members_of(draw, message, depth + 1)
    if field.kind == "boolean":
        return draw(st.booleans())
    if field.enum:
        return draw(st.sampled_from(field.enum))
    if field.kind == "string":
        return ADDRESSES.get(field.name) or draw(
            st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
        )
    if field.choices:
        return draw(st.sampled_from(field.choices))
    low, high = int(field.low or 0), int(field.high if field.high is not None else 1000)
    number = draw(st.integers(low, min(high, 2**31)))
    return float(number) if field.kind == "number" else number


ADDRESSES = {"addr": "192.0.2.7", "mac_address": "00:00:5e:00:53:01"}


def members_of(draw, message, depth: int) -> dict[str, object]:
    """A message with what it requires and some of what it may have; references are left to the required ones."""
    body: dict[str, object] = {}
    for field in message.fields.values():
        if field.read_only or not field.lives((30, 2, 1)) or field.kind == "ref" or field.name in UNTOUCHED:
            continue
        needed = field.min_items > 0 or field.required_at((30, 2, 1))
        if not needed and (depth > 2 or draw(st.integers(0, 5)) > 0):
            continue
        count = max(field.min_items, 1)
        many = [value_of(draw, field, depth) for _ in range(count)] if field.many else None
        body[field.name] = value_of(draw, field, depth) if many is None else many
    return body


@pytest.fixture(scope="module")
def lab():
    """The site that bodies at random are sent to; not made at collection, for a session idles away in a long run."""
    return Client(make())


UNTOUCHED = {"uuid", "url", "_last_modified", "name", "configpb_attributes"}
PLAIN = [
    name
    for name in WRITABLE
    if not any(
        f.kind == "ref" and (f.required or f.min_items) for f in SCHEMA.types[name].message.fields.values()
    )
    and SCHEMA.types[name].lives((30, 2, 1))
    and name not in SERVED_OTHERWISE | {"user", "cloud", "virtualservice", "vsvip"}
]


@pytest.mark.evidence("REC", "§2.9", "§2.10")
@settings(max_examples=120 if IN_CI else 40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), name=st.sampled_from(PLAIN))
def test_what_is_accepted_reads_back_the_same_after_being_put_back(lab, data, name):
    kind = SCHEMA.types[name]
    body = members_of(data.draw, kind.message, 0) | (
        {"name": f"{name}-{next(NUMBERS)}"} if kind.has_name else {}
    )
    answer = lab("POST", f"/api/{name}", body)
    event("accepted" if answer.status == 201 else f"refused {answer.status}")
    if answer.status != 201:
        # What is no certificate is refused with 500 [CLIENT].
        assert answer.status in (400, 409) or "Import error" in answer.json()["error"], answer.body
        return
    path = path_of(answer.json())
    first = lab.get(path)
    put_back = lab("PUT", path, first)
    assert put_back.status == 200, (put_back.body[:500], first)
    second = lab.get(path)
    assert first | {"_last_modified": 0} == second | {"_last_modified": 0}
    assert lab("DELETE", path).status == (403 if first.get("system_default") else 204)


@pytest.mark.evidence("INF", "§2.8")
@settings(max_examples=150 if IN_CI else 50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    case=broken(),
    method=st.sampled_from(["POST", "PUT", "PATCH", "MACRO"]),
    query=st.sampled_from(
        ["", "?include_name", "?search=(", "?page=0", "?sort=-x,,y", "?refers_to=x", "?fields=,"]
    ),
    version=st.sampled_from(["30.2.1", "20.1.1", "18.2.8", "", "x", "99", "16.4.2"]),
)
def test_no_body_breaks_the_controller(lab, case, method, query, version):
    name, body = case
    headers = {"x_avi_version": version or None}
    path = f"/api/{name}{query}"
    if method == "MACRO":
        answer = lab("POST", "/api/macro", {"model_name": SCHEMA.types[name].model, "data": body}, **headers)
    elif method == "POST":
        answer = lab("POST", path, json.dumps(body).encode(), **headers)
    else:
        known = next(lab.lab.site.store.all(name), None)
        target = known.ref if known is not None and not known.system else f"/api/{name}/none"
        sent = {"add": body, "delete": body, "json_patch": body} if method == "PATCH" else body
        answer = lab(method, target + query, sent, **headers)
    assert answer.status < 500
    assert lab("GET", path, **headers).status < 500
