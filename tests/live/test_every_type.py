"""Objects of every type: declared from what is there they conform; each kind of damage is told as it means, and mended."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intent import Drift, Unknown, compare
from intent.plain_data import copied
from live.avi.identity import Json
from remediate.plan.payload import canonical
from remediate.write.undo import restored
from tests import lengths
from tests.live.every_type import (
    FORTY,
    TYPES,
    Spot,
    declared,
    drifts,
    kind_of,
    names,
    spots,
    value,
    whole,
)

pytestmark = lengths.WHOLE_SITE

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "25"))


@pytest.mark.parametrize("api", TYPES)
def test_what_is_there_conforms_to_itself(api: str) -> None:
    """Every member of every type, references included."""
    assert drifts(declared(api, whole(api)), whole(api)) == []


def damaged(obj: Json, spot: Spot, how: str) -> Json | None:
    """A copy of an object with one kind of damage at one place; None where that kind is none of it."""
    copy = {**obj, spot.place[0]: copied(obj[spot.place[0]])}
    around, name = spot.in_(copy)
    there = around[name]
    if not spot.field.many:
        new = next((new for n in (4, 5, 6, 2) if (new := value(spot.field, n)) != there), None)
        if how != "changed" or spot.field.message or new is None or spot.plain.endswith("index"):
            return None
        around[name] = new
        return copy
    damage = _LISTS.get(how)
    before = copied(there)
    if damage is None or (how in ("renumbered", "swapped") and spot.means.mode != "sequence"):
        return None
    damage(spot, there)
    return copy if there != before else None


def _add(spot: Spot, there: list[Any]) -> None:
    new = value(spot.field, 4) if spot.field.kind != "message" else _another(there[0])
    if new not in there:
        there.append(new)


def _renumber(_spot: Spot, there: list[Any]) -> None:
    for element in there:
        element["index"] = element["index"] * 10 + 7


def _swap(_spot: Spot, there: list[Any]) -> None:
    if len(there) > 1:
        there[0]["index"], there[1]["index"] = there[1]["index"], there[0]["index"]


_LISTS: dict[str, Callable[[Spot, list[Any]], Any]] = {
    "added": _add,
    "removed": lambda _spot, there: there.pop(),
    "reversed": lambda _spot, there: there.reverse(),
    "renumbered": _renumber,
    "swapped": _swap,
}


def _another(element: Any) -> Any:
    """An element that differs from all others in every text, number and address of its own."""
    if isinstance(element, dict):
        return {name: _another(inner) for name, inner in element.items()}
    if isinstance(element, list):
        return [_another(inner) for inner in element]
    if isinstance(element, str):
        return element.replace("192.0.2.", "192.0.3.") if "192.0.2." in element else _renamed(element)
    return element + 40 if isinstance(element, int) and not isinstance(element, bool) else element


def _renamed(text: str) -> str:
    if "/api/" in text:
        return text.replace("-1#", "-4#").replace("_1", "_4") if text.endswith("_1") else text
    return text if text.isupper() else f"{text}x"


def expected(spot: Spot, how: str) -> tuple[str, ...]:  # noqa: PLR0911 -- one line a rule
    """The signs of the drifts that this damage has, in order."""
    if spot.own or how == "renumbered":
        return ()
    if spot.outer is not None:
        order_only = how == "reversed" and spot.means.mode != "ordered"
        return () if order_only else ("",) if spot.outer[1] == "ordered" else ("+", "-")
    if how == "reversed":
        return ("",) if spot.means.mode == "ordered" else ()
    if how == "swapped":
        return ("",)
    if how == "changed":
        return ("+", "-") if spot.keys else ("",)
    if spot.means.mode == "ordered":
        return ("",)
    if how == "added":
        return (
            () if spot.means.owner in ("anyone", "discovery") or spot.plain in ("labels", "attrs") else ("+",)
        )
    return ("-",)


def signs(paths: list[str]) -> tuple[str, ...]:
    """The sign of each path."""
    return tuple(sorted(path[0] if path[0] in "+-" else "" for path in paths))


KINDS_OF_DAMAGE = ("changed", "added", "removed", "reversed", "renumbered", "swapped")


@pytest.mark.parametrize("how", KINDS_OF_DAMAGE)
def test_each_damage_of_forty_types_is_told_as_it_means(how: str) -> None:
    """At every list, and at every member: exactly there, exactly once, or nowhere."""
    tried = 0
    for api in FORTY:
        obj = whole(api)
        want = declared(api, obj)
        for spot in list(spots(api, obj))[:: 1 if how != "changed" else 5]:
            if (bad := damaged(obj, spot, how)) is None:
                continue
            tried += 1
            try:
                paths = drifts(want, bad, str(spot.place[0]))
            except Unknown as why:
                assert "times, so that none can be meant" in str(why)  # noqa: PT017 -- it now has another's key
                assert spot.keys or how == "added"
                continue
            place = f"{api} {spot.plain} {how} ({spot.means.mode}): {paths}"
            if spot.keys or (spot.outer and how != "reversed"):
                assert bool(paths) == bool(expected(spot, how)), place
            else:
                assert signs(paths) == expected(spot, how), place
            root = spot.outer[0] if spot.outer else spot.plain
            head = root.partition(".")[0]
            assert all(path.lstrip("+-").startswith(head) for path in paths), place
    assert tried > 10


@st.composite
def damage(draw: st.DrawFn) -> tuple[str, Json, list[str]]:
    """An object of any type, and the same with up to three kinds of damage in different members."""
    api = draw(st.sampled_from(TYPES))
    obj = whole(api)
    places = list(spots(api, obj))
    bad, heads = obj, []
    for _ in range(draw(st.integers(1, 3))):
        spot = draw(st.sampled_from(places))
        if spot.place[0] in heads or spot.own:
            continue
        if (worse := damaged(bad, spot, draw(st.sampled_from(KINDS_OF_DAMAGE)))) is not None:
            bad = worse
            heads.append(str(spot.place[0]))
    return api, bad, heads


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=damage(), declare=st.sets(st.integers(0, 60), max_size=40), all_of_it=st.booleans())
def test_damage_is_mended_and_undone_and_nothing_undeclared_changes(
    case: tuple[str, Json, list[str]], declare: set[int], all_of_it: bool
) -> None:
    """Declared from what is there, damaged, put right with everything exact, undone: as it was after the damage."""
    api, bad, damaged_members = case
    kind, obj = kind_of(api), whole(api)
    members = [
        name
        for at, name in enumerate(kind.decode(obj, names()).fields)
        if at in declare or (all_of_it and name in damaged_members)
    ]  # type: ignore[attr-defined]
    exact = sorted({spot.plain for spot in spots(api, obj) if spot.field.many})
    every = declared(api, obj)
    want = declared(api, {**{name: obj[name] for name in members}, **_identity(obj)}, exact=exact)
    assert set(want.fields) <= set(every.fields)
    try:
        found = compare(want, kind.counterpart(want, bad, names()))
    except Unknown:
        return  # two elements have one key by now: nothing is written
    mended = kind.merged(want, bad, [Drift(want.key, d.path, d.want, d.have) for d in found], names())
    assert drifts(want, mended) == []
    heads = {drift.path.partition(".")[0].partition("[")[0] for drift in found}
    assert {name for name in mended if mended[name] != bad.get(name)} <= heads
    assert {name for name in bad if name not in mended} <= heads
    back, others = restored(api, bad, mended, mended)
    assert not others
    assert _unordered(canonical(back)) == _unordered(canonical(bad))


def _identity(obj: Json) -> Json:
    return {name: obj[name] for name in ("uuid", "name", "url", "tenant_ref", "cloud_ref") if name in obj}


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unordered(inner) for name, inner in value.items()}
    return sorted(map(_unordered, value), key=repr) if isinstance(value, list) else value


RULES = [{"index": n, "name": f"r{n}", "enable": True} for n in (1, 2, 3)]


def test_an_element_added_by_hand_is_seen() -> None:
    """The kind of Terraform's #393: a list that is cut to the shorter length hides what somebody has added."""
    pool = {**whole("pool")}
    pool["servers"] = [{"ip": {"addr": f"10.0.0.{n}", "type": "V4"}, "port": 80} for n in (1, 2)]
    want = declared("pool", pool)
    pool["servers"] = [*pool["servers"], {"ip": {"addr": "10.0.0.3", "type": "V4"}, "port": 80}]
    assert drifts(want, pool) == ["+servers[10.0.0.3+80]"]


def test_a_list_that_the_server_fills_is_no_drift() -> None:
    """The kind of Terraform's #571: discovered networks come and go, declared or not."""
    vsvip = whole("vsvip")
    vip = {"vip_id": "1", "auto_allocate_ip": True}
    want = declared("vsvip", {**vsvip, "vip": [vip]})
    filled = {
        **vip,
        "discovered_networks": [{"network_ref": "/api/network/network-1"}],
        "ip_address": {"addr": "10.0.0.9"},
    }
    assert drifts(want, {**vsvip, "vip": [filled]}) == []


def test_rules_that_were_renumbered_are_no_drift() -> None:
    """The kind of Terraform's #680: the order of rules is what their numbers say, and no more."""
    policy = {**whole("httppolicyset"), "http_request_policy": {"rules": RULES}}
    want = declared("httppolicyset", policy)
    moved = [{**rule, "index": rule["index"] * 10} for rule in reversed(RULES)]
    assert drifts(want, {**policy, "http_request_policy": {"rules": moved}}) == []
    swapped = [{**rule, "index": 4 - rule["index"]} for rule in RULES]
    assert drifts(want, {**policy, "http_request_policy": {"rules": swapped}}) == [
        "http_request_policy.rules"
    ]
