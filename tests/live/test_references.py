"""References of declared objects against the Controller's model: each stands where the model has one, to the same type."""

import pytest

from avi_schema import load
from intent.base import LivesIn
from intent.graph import fields, kind_of
from live.kinds import KINDS

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
