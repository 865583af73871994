"""References of declared objects against the Controller's model: each stands where the model has one, to the same type."""

import json

import pytest

from avi_schema import load
from intent import ServiceEngineGroup, VrfContext, compare
from intent.base import LivesIn
from intent.graph import fields, kind_of
from intent.kinds.accounts import Role, User
from live.kinds import KINDS
from remediate.plan.request import merged
from tests.live.every_type import HOST, names, row

MODEL = (30, 2, 1)
EDGES = [(kind, path, refers) for kind in KINDS.values() for path, refers in fields(kind.intent).items()]
LEAVES = [(kind, path) for kind in KINDS.values() for path in kind.leaves]


def members(kind, api):
    """(type, path) of what a leaf's documentation names: members of its own type, or of the VIP it refers to."""
    for part in api.split(" and "):
        head, _, rest = part.partition(".")
        yield (head, rest) if head in load().types and rest else (kind.api, part)


def targets(kind, api):
    """The types that the model lets these members refer to."""
    at = set(members(kind, api))
    types = {name for name, _ in at}
    every = (reference for name in types for reference in load().references(name, MODEL))
    return {reference.target for reference in every if (reference.type, str(reference)) in at}


def target_of_member(kind, path):
    """The type that one member refers to, be it one that a Controller makes by itself."""
    message = load().types[kind.api].message
    for name in path.removesuffix("[]").split("."):
        field = message.fields[name]
        message = field.message and load().message(field.message)
    return field.ref


@pytest.mark.parametrize(
    ("kind", "path", "refers"), EDGES, ids=[f"{kind.intent.__name__}.{path}" for kind, path, _ in EDGES]
)
def test_a_reference_is_one_of_the_models(kind, path, refers):
    named = kind_of(refers)
    api = "cloud_ref" if isinstance(refers, LivesIn) else kind.leaf(path)[1].api
    target = KINDS[named].api if named else refers.to
    if load().types[target].configurable:
        assert targets(kind, api) == {target}
    else:
        assert target_of_member(kind, api) == target


@pytest.mark.parametrize(
    ("kind", "path"), LEAVES, ids=[f"{kind.intent.__name__}.{path}" for kind, path in LEAVES]
)
def test_a_member_that_refers_is_a_reference(kind, path):
    """Unless the mapping itself reads what it points at, as the protocol of a port out of its network profile.

    Of a list, it is a member of each element.
    """
    refers = any(f"{field}.".startswith(f"{path}.") for field in fields(kind.intent))
    assert refers or targets(kind, kind.leaves[path].api) <= set(kind.also)


PLACED = row("serviceenginegroup") | {
    "vcenters": [
        {
            "vcenter_ref": f"{HOST}/api/vcenterserver/vcenterserver-1",
            "vcenter_folder": "F",
            "nsxt_hosts": {"include": True, "host_ids": ["h1"]},
            "newer": 1,
        }
    ]
}
PEERED = row("vrfcontext") | {
    "bgp_profile": {
        "peers": [{"peer_ip": {"addr": "192.0.2.1"}, "network_ref": f"{HOST}/api/network/network-1"}]
    }
}
USER = row("user") | {
    "access": [{"tenant_ref": f"{HOST}/api/tenant/admin", "role_ref": f"{HOST}/api/role/role-1"}]
}
IN_ELEMENTS = {
    "a placement": (
        ServiceEngineGroup,
        PLACED,
        "vcenterserver_1",
        lambda name: {"vcenters": [{"vcenter": name}]},
    ),
    "a BGP peer": (
        VrfContext,
        PEERED,
        "network_1",
        lambda name: {"bgp": {"peers": [{"address": "192.0.2.1", "network": name}]}},
    ),
    "an access": (User, USER, "role_1", lambda name: {"access": [{"tenant": "admin", "role": name}]}),
}
"""(kind, its object as read, a name in an element of one of its lists, the declaration with that name)."""


def declared_with(place, **scopes):
    intent, live, name, fields_of = IN_ELEMENTS[place]
    scoped = {"cloud": "cloud_1"} if "cloud" in intent.model_fields else {}
    named = {"name": name, **scopes} if scopes else name
    return intent.model_validate({"name": live["name"], **scoped, **fields_of(named)}), live, KINDS[intent]


@pytest.mark.parametrize(
    ("place", "scopes"),
    [
        (place, scopes)
        for place in IN_ELEMENTS
        for scopes in ({}, {"tenant": "admin"}, {"cloud": "cloud_1"})
        if (place, scopes) != ("an access", {"cloud": "cloud_1"})  # a role lives in none
    ],
    ids=str,
)
def test_an_element_of_a_list_names_the_very_object_however_it_is_spelled(place, scopes):
    want, live, kind = declared_with(place, **scopes)
    assert compare(want, kind.counterpart(want, live, names())) == ()
    assert compare(want, kind.counterpart(want, of_another(live), names())) != ()


def of_another(live):
    """The same with another object in the element."""
    text = json.dumps(live)
    for api in ("vcenterserver", "network", "role"):
        text = text.replace(f"/{api}/{api}-1", f"/{api}/{api}-2")
    return json.loads(text)


@pytest.mark.parametrize("scopes", [{}, {"tenant": "admin"}, {"cloud": "cloud_1"}], ids=str)
def test_a_placement_is_written_into_the_one_of_its_vcenter_server(scopes):
    """However that is spelled; a second one of the same server was added, or what else it holds was lost."""
    want, live, kind = declared_with("a placement", **scopes)
    (placement,) = want.vcenters
    want = want.model_copy(update={"vcenters": (placement.model_copy(update={"folder": "G"}),)})
    (drift,) = compare(want, kind.counterpart(want, live, names()))
    assert drift.path.endswith("].folder")
    written = merged(kind, live, want, [drift], names())
    assert written["vcenters"] == [live["vcenters"][0] | {"vcenter_folder": "G"}]


FILTER = {"name": "a", "match_label": {"key": "team", "values": ["blue"]}, "enabled": True}
OFF = {
    "name": "b",
    "match_operation": "ROLE_FILTER_GLOB_MATCH",
    "match_label": {"key": "team", "values": ["red*"]},
    "enabled": False,
}


@pytest.mark.parametrize("filters", [[FILTER, OFF], [OFF, FILTER]], ids=["first", "last"])
def test_a_filter_that_is_switched_off_stays_beside_one_of_its_label(filters):
    """It was switched on, with the values and the comparison of the other one."""
    live = row("role") | {"filters": filters}
    want = Role.model_validate({"name": live["name"], "filters": [{"key": "team", "values": ["green"]}]})
    kind = KINDS[Role]
    drifts = compare(want, kind.counterpart(want, live, names()))
    written = {each["name"]: each for each in merged(kind, live, want, drifts, names())["filters"]}
    assert written == {"b": OFF, "a": FILTER | {"match_label": {"key": "team", "values": ["green"]}}}
