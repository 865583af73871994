"""A change of any member of any type is told by its path, and none of what moves by itself, is secret, or is only order."""

from __future__ import annotations

import json
import os
from functools import cache

import pytest

from intent.fingerprint import body_text
from intent.object_changes import Around, member_changes
from live.facts.factory import FILLED
from live.fingerprint import _KEPT, _MOVES, RUNTIME, stripped
from tests.live.every_type import SCHEMA, TYPES, V30, spots, value, whole

EVERY = 1 if int(os.environ.get("HYPOTHESIS_EXAMPLES", "25")) > 25 else 5
"""One in so many members is tried while one works, and each of them at night."""


@cache
def text(api):
    return json.dumps(whole(api))


def copied(api):
    return json.loads(text(api))


@cache
def kept(api):
    return json.loads(body_text(stripped(api, whole(api))))


def changed(api, now):
    """The paths of what has changed since an object was whole, as two runs tell it that keep it."""
    old, new = kept(api), json.loads(body_text(stripped(api, now)))
    around = Around(None, V30, lambda _api, uuid: uuid)
    return [each.path for each in member_changes(SCHEMA.types[api].model, old, new, around)]


def left_out(api, spot):
    """Whether a member is known to move."""
    name = spot.place[0]
    moves = FILLED.get(api, frozenset()) - {"vsvip_ref"} | _MOVES.get(api, frozenset())
    return spot.place[-1] in RUNTIME or name in moves or (api in _KEPT and name not in _KEPT[api])


def other(api, spot):
    """The object with another value in a place; None where there is no other."""
    obj = copied(api)
    around, name = spot.in_(obj)
    there = around[name]
    for number in (7, 8, 9):
        new = (
            [value(spot.field, number, ("x",) * 9)]
            if spot.field.many
            else value(spot.field, number, ("x",) * 9)
        )
        if new != there and new is not None:
            around[name] = new
            return obj
    return None


@pytest.mark.parametrize("api", TYPES)
def test_every_member_that_somebody_sets_is_told_and_no_other(api):
    before = whole(api)
    assert changed(api, copied(api)) == []
    for spot in list(spots(api, before))[TYPES.index(api) % EVERY :: EVERY]:
        if spot.field.kind == "message" or (now := other(api, spot)) is None:
            continue
        paths = changed(api, now)
        if spot.own or left_out(api, spot) or (spot.keys and spot.place[-1] == "index" and not paths):
            assert paths == [], spot.plain
        else:
            assert paths, spot.plain
            assert all(path.startswith(str(spot.place[0])) for path in paths), (spot.plain, paths)


@pytest.mark.parametrize("api", TYPES)
def test_the_order_of_what_has_none_is_silent(api):
    before = whole(api)
    for spot in spots(api, before):
        if (
            spot.field.many
            and spot.means.mode in ("set", "keyed")
            and not spot.own
            and (spot.outer or (0, 0))[1] != "ordered"
        ):
            now = copied(api)
            around, name = spot.in_(now)
            around[name] = around[name][::-1]
            assert changed(api, now) == [], spot.plain


@pytest.mark.parametrize("api", TYPES)
def test_no_secret_is_kept(api):
    obj = copied(api)
    for spot in spots(api, obj):
        if spot.means.mode == "secret" and spot.field.kind == "string":
            around, name = spot.in_(obj)
            around[name] = ["S3CRET"] if spot.field.many else "S3CRET"
    assert "S3CRET" not in body_text(stripped(api, obj))
