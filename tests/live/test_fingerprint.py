"""What two runs saw is compared by what each member means: changes are told, and nothing that moves by itself."""

from __future__ import annotations

import json

import pytest

from intent.notice import sentence
from intent.scrubber import SCRUBBER
from intent.site_changes import MOST, changes, completed
from live.avi.shapes import checked
from live.errors import NotFound, Unreachable
from live.fingerprint import stripped
from tests.live.pair import CLOUD, TYPES, pool, route
from tests.live.settings_rows import address


def test_the_same_twice_tells_nothing_whatever_the_order(pair):
    assert pair.told() == []
    for rows in pair.after.values():
        rows.reverse()
        for row in rows:
            row["_last_modified"] = "1"
    pair.after = dict(reversed(pair.after.items()))
    for row in (pair.row("pool", "p1"),):
        row["servers"] = [{"port": 80, "ip": address("10.1.1.1"), "enabled": True}]
    assert pair.told() == []


def test_added_removed_and_changed(pair):
    pair.after["pool"] = [*pair.after["pool"][1:], pool(9)]
    pair.row("pool", "p1")["servers"] += [{"ip": address("10.1.1.2"), "port": 80}]
    pair.row("pool", "p2")["servers"][0]["enabled"] = False
    pair.row("pool", "p2")["default_server_port"] = 8080
    assert pair.told() == [
        "added pool p9",
        "changed pool p1: servers[10.1.1.2+80]: added",
        "changed pool p2: default_server_port: 80 -> 8080",
        "changed pool p2: servers[10.1.1.1+80].enabled: yes -> no",
        "removed pool p0",
    ]


def test_a_rename_is_one_change_and_so_is_an_object_made_anew(pair):
    pair.before["poolgroup"] = [{"uuid": "g", "name": "g", "members": [{"pool_ref": "/api/pool/pool-1#p1"}]}]
    pair.after["poolgroup"] = [{"uuid": "g", "name": "g", "members": [{"pool_ref": "/api/pool/pool-1#new"}]}]
    pair.row("pool", "p1")["name"] = "new"
    pair.row("pool", "p2")["uuid"] = "pool-x"
    assert pair.told() == ["changed pool new: name: p1 -> new", "changed pool p2: uuid: pool-2 -> pool-x"]


def test_a_uuid_that_is_used_again_is_the_object_that_has_it_now(pair):
    pair.row("pool", "p1").update({"name": "other", "default_server_port": 443})
    assert [notice.path for notice in pair.notices()] == ["name", "default_server_port"]


def test_a_certificate_that_gets_older_is_no_change(pair):
    authority = {"certificate": "PEM", "days_until_expire": 30, "expiry_status": "SSL_CERTIFICATE_GOOD"}
    for side, days in ((pair.before, 30), (pair.after, 29)):
        for each in (authority, {"issuer": {"common_name": "x"}}):
            side.setdefault("pkiprofile", []).append(
                {
                    "uuid": f"pki-{len(side.get('pkiprofile', []))}",
                    "name": "x",
                    "ca_certs": [{**each, "days_until_expire": days}],
                }
            )
    types = (*TYPES, "pkiprofile")
    assert changes(pair.seen(pair.before, types), pair.seen(pair.after, types)) == []


def test_a_type_that_one_run_could_not_list_says_nothing_of_what_is_there(pair):
    pair.after["pool"] = []
    some = [api for api in TYPES if api != "pool"]
    for first, second in ((TYPES, some), (some, TYPES)):
        assert changes(pair.seen(pair.before, first), pair.seen(pair.after, second)) == []


@pytest.mark.parametrize("servers", ["x", None, {}, [None], ["x"], [[]], [{"ip": "x"}], [{"ip": None}], 7])
def test_what_was_not_understood_says_nothing_of_what_is_in_it(pair, servers):
    pair.row("pool", "p1")["servers"] = servers
    assert pair.told() == []
    (unclear,) = checked("pool", [pair.row("pool", "p1")], {"pool-1": "odd"})
    pair.after["pool"] = [unclear if each["name"] == "p1" else each for each in pair.after["pool"]]
    assert pair.told() == []


def test_what_a_listing_of_several_pages_missed_is_looked_for_before_it_is_called_gone(pair):
    pair.before["pool"] = [pool(n) for n in range(300)]
    asked = []

    def read(path):
        asked.append(path)
        if path == "pool/pool-1":
            return pool(1, default_server_port=443)
        raise {"pool/pool-2": NotFound, "pool/pool-3": Unreachable}[path]("no")

    before = pair.seen(pair.before)
    pair.after["pool"] = pair.before["pool"][:1] + pair.before["pool"][4:]
    now = completed(before, pair.seen(pair.after, read=read, listed=("pool",)))
    assert sorted(asked) == ["pool/pool-1", "pool/pool-2", "pool/pool-3"]
    told = sorted(map(sentence, changes(before, now)))
    assert told == ["changed pool p1: default_server_port: 80 -> 443", "removed pool p2"]
    pair.after["pool"] += pair.before["pool"][3:4]
    assert changes(now, pair.seen(pair.after, listed=("pool",)))[0].bare == "p1", "and nothing is added"
    assert len(changes(now, pair.seen(pair.after, listed=("pool",)))) == 1


def test_what_was_read_at_once_or_in_one_page_is_not_asked_again(pair):
    pair.after["pool"] = pair.after["pool"][1:]
    for listed in ((), ("pool",)):
        now = completed(pair.seen(pair.before), pair.seen(pair.after, read=pytest.fail, listed=listed))
        assert len(changes(pair.seen(pair.before), now)) == 1


def test_no_secret_is_kept_and_long_texts_are_only_compared():
    user = {"name": "eve", "password": "Pa55-word", "unix_crypt_password": "Pa55-word", "email": "e@x"}
    assert stripped("user", user) == {"name": "eve", "email": "e@x"}
    long = {"name": "x", "description": "secret " * 100}
    text = json.dumps(stripped("pool", long))
    assert "secret" not in text
    assert text != json.dumps(stripped("pool", {**long, "description": "public " * 100}))


def test_a_secret_in_a_free_text_is_not_kept(pair):
    SCRUBBER.hide("h1dden-value")
    pair.after["pool"] += [
        pool(60, description="password=hunter-2 h1dden-value"),
        pool(61, name='x"h1dden-value\\'),
    ]
    kept = [
        each.body for each in pair.seen(pair.after).objects.values() if each.uuid in ("pool-60", "pool-61")
    ]
    assert len(kept) == 2
    for body in kept:
        assert json.loads(body)
        assert "hunter-2" not in body
        assert "h1dden" not in body


@pytest.mark.parametrize(
    "beside", [{"bgp_profile": {"send_community": True, "ibgp": True}}, {"description": "token: abcdefgh"}]
)
def test_what_looks_like_a_secret_hides_nothing_of_the_rest(pair, beside):
    """A name or text that looks like one once took the keys of every label with it, and AKO's routes were nobody's."""
    vrf = {
        "uuid": "vrfcontext-9",
        "name": "az",
        "cloud_ref": CLOUD,
        "tenant_ref": "/api/tenant/admin#admin",
        **beside,
    }
    labels = [{"key": name, "value": "1"} for name in ("zone", "rack")]
    pair.before["vrfcontext"].append(
        {**vrf, "static_routes": [route("old-0", "10.1.0.0", "10.0.0.1")], "markers": []}
    )
    routes = [route("new-0", "10.1.0.0", "10.0.0.1"), route("new-1", "10.2.0.0", "10.0.0.2")]
    pair.after["vrfcontext"].append({**vrf, "static_routes": routes, "markers": []})
    pair.before["pool"].append(pool(70, description="plain", markers=labels))
    pair.after["pool"].append(pool(70, description="password=hunter-2", markers=labels))
    (notice,) = pair.notices()
    assert (notice.bare, notice.path) == ("p70", "description")
    assert "hunter" not in sentence(notice)


def test_tens_of_thousands_of_changes_are_told_in_bounds_and_those_of_people_by_name(pair):
    pair.after["pool"] += [pool(n, created_by="ako-az1") for n in range(1_000, 6_000)]
    pair.after["pool"] += [pool(n) for n in range(10_000, 10_500)]
    notices = pair.notices()
    assert len(notices) <= MOST + 10
    assert sum(notice.count for notice in notices) == 5_500
    assert sum(bool(notice.name) and not notice.owner for notice in notices) == 500


@pytest.mark.parametrize("name", ["\x1b[31m", "<b>", "x" * 100_000, "\ud800", "a\nb\tc", '"', ""])
def test_an_odd_name_is_a_name(pair, name):
    pair.after["pool"] += [pool(50, name=name)]
    (notice,) = pair.notices()
    assert notice.bare == name
