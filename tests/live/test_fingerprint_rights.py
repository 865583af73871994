"""What a run could not see, or is no longer shown, is neither gone nor new, and is told once it can be seen again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intent.notice import Sort, sentence
from intent.site_changes import changes, completed
from tests.live.pair import TYPES, Pair, pool

SOME = [api for api in TYPES if api != "pool"]


def seen(pair, objects, types=TYPES, unlisted=()):
    return replace(pair.seen(objects, types), unlisted=frozenset(unlisted))


def test_what_one_run_could_not_list_is_compared_with_the_run_before_it(pair):
    first = seen(pair, pair.before)
    pair.after["pool"] = [*pair.after["pool"][1:], pool(9)]
    pair.row("pool", "p1")["default_server_port"] = 8080
    second = completed(first, seen(pair, pair.after, SOME, ["pool"]))
    assert changes(first, second) == []
    third = completed(second, seen(pair, pair.after))
    told = sorted(map(sentence, changes(second, third)))
    assert told == ["added pool p9", "changed pool p1: default_server_port: 80 -> 8080", "removed pool p0"]
    assert changes(third, completed(third, seen(pair, pair.after))) == []


def test_what_nobody_wants_listed_is_not_kept(pair):
    second = completed(seen(pair, pair.before), seen(pair, pair.after, SOME))
    assert "pool" not in second.types


def test_what_one_run_did_not_understand_is_compared_with_the_run_before_it(pair):
    first = seen(pair, pair.before)
    clear = dict(pair.row("pool", "p1"), default_server_port=8080)
    pair.row("pool", "p1")["servers"] = "x"
    second = completed(first, seen(pair, pair.after))
    assert changes(first, second) == []
    pair.row("pool", "p1").update(clear)
    told = [sentence(each) for each in changes(second, seen(pair, pair.after))]
    assert told == ["changed pool p1: default_server_port: 80 -> 8080"]


@pytest.fixture
def watched(tmp_path):
    """A site whose runs are those of `admin`, who has a role."""
    access = [
        {"role_ref": "/api/role/role-1#reader", "tenant_ref": "/api/tenant/admin#admin", "all_tenants": True}
    ]
    user = {"uuid": "user-1", "name": "admin", "username": "admin", "access": access}
    role = {"uuid": "role-1", "name": "reader", "tenant_ref": "/api/tenant/admin#admin", "privileges": []}
    pair = Pair(tmp_path, pool=[pool(number) for number in range(3)], user=[user])
    pair.user = "admin"
    for side in (pair.before, pair.after):
        side["role"] = [{**role}, {**role, "uuid": "role-2", "name": "other"}]
    return pair


def told(pair):
    both = [seen(pair, side, (*TYPES, "role")) for side in (pair.before, pair.after)]
    return both, sorted(map(sentence, changes(*both)))


FILTER = {
    "name": "f",
    "match_label": {"key": "team", "values": ["a"]},
    "match_operation": "ROLE_FILTER_EQUALS",
}


def narrowed(pair):
    pair.row("role", "reader")["filters"] = [FILTER]


def widened(pair):
    pair.row("role", "reader")["privileges"] = [{"resource": "PERMISSION_POOL", "type": "READ_ACCESS"}]


def promoted(pair):
    (access,) = pair.row("user", "admin")["access"]
    pair.row("user", "admin")["access"] = [{**access, "role_ref": "/api/role/role-2#other"}]


@pytest.mark.parametrize("how", [narrowed, widened, promoted])
def test_where_the_own_roles_have_changed_nothing_is_gone_or_new_and_that_is_told(watched, how):
    watched.after["pool"] = [*watched.after["pool"][2:], pool(9)]
    watched.row("pool", "p2")["default_server_port"] = 443
    how(watched)
    _, lines = told(watched)
    assert "changed pool p2: default_server_port: 80 -> 443" in lines
    assert not [line for line in lines if line.startswith(("added", "removed"))]
    hidden = "gone, or hidden from admin, whose roles are not what they were"
    assert f"not seen pool p0: {hidden}" in lines
    assert [line for line in lines if "reader" in line or "admin" in line]
    watched.before = watched.after
    assert told(watched)[1] == []


def test_what_becomes_of_another_role_hides_nothing(watched):
    watched.after["pool"] = watched.after["pool"][1:]
    watched.row("role", "other")["filters"] = [FILTER]
    _, lines = told(watched)
    assert "removed pool p0" in lines
    watched.after["user"] = []
    assert [each.sort for each in changes(*told(watched)[0])].count(Sort.REMOVED) == 0, (
        "who sees it is not known"
    )
