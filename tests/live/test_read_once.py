"""The cost of looking at a site, in calls: every object is decoded once, and every reference followed once."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_network

import pytest

from intent import Blocked, ConfigObject, Network, Unknown
from intent.ako import CLUSTER_LABEL
from live.avi.identity import Names
from live.avi.snapshot import Live
from live.kinds import KINDS
from live.kinds.base import Kind
from live.kinds.codecs import prefix_message
from tests.live import world

VERSION = "30.2.1"
WANTS = [want for want in world.declared() if not isinstance(want, ConfigObject)]


@pytest.fixture
def decoded(monkeypatch):
    """How often each object was decoded, by its uuid."""
    count, decode = Counter(), Kind.decode

    def counted(kind, obj, names):
        count[kind.api, obj.get("uuid")] += 1
        return decode(kind, obj, names)

    monkeypatch.setattr(Kind, "decode", counted)
    return count


def test_an_object_is_decoded_once_for_its_declaration_and_for_all_of_its_kind(decoded):
    live = world.live(world.objects(VERSION), VERSION)
    assert list(live.all(Network))
    assert all(live[want] is live[want] for want in WANTS)
    networks = {at: count for at, count in decoded.items() if at[0] == "network"}
    assert set(networks.values()) == {1}
    assert len(networks) == len(live.rows("network"))


@pytest.mark.parametrize("version", world.VERSIONS)
def test_what_is_shared_is_what_a_declaration_decodes_for_itself(version):
    live = world.live(world.objects(version), version)
    for want in WANTS:
        assert live[want] == KINDS[type(want)].counterpart(want, live.raw(want), live.names)


def test_collections_read_besides_leave_what_was_decoded(decoded):
    live = world.live(world.objects(VERSION), VERSION)
    before = [live[want] for want in WANTS]
    decoded.clear()
    more = live.with_more(replace(live.snapshot, objects={**live.snapshot.objects, "alert": []}))
    assert all(more[want] is counterpart for want, counterpart in zip(WANTS, before, strict=True))
    assert not decoded
    assert more.rows("alert") == []


def test_what_rests_on_a_collection_read_besides_is_decoded_anew():
    objects = world.objects(VERSION)
    networks = [want for want in WANTS if isinstance(want, Network)]
    live = world.live({api: rows for api, rows in objects.items() if api != "vrfcontext"}, VERSION)
    alone = list(live.all(Network))
    for want in networks:
        with pytest.raises(Unknown, match="vrfcontext was not read"):
            live[want]
    more = live.with_more(
        replace(live.snapshot, objects={**live.snapshot.objects, "vrfcontext": objects["vrfcontext"]})
    )
    assert list(more.all(Network)) != alone
    assert [more[want] for want in networks] == [world.live(objects, VERSION)[want] for want in networks]


def of_ako():
    """A site of which only the label of an SE group tells that a route in a VRF context is AKO's."""
    objects = world.objects(VERSION)
    vrf = next(row for row in objects["vrfcontext"] if row.get("static_routes"))
    vrf["static_routes"].append({**vrf["static_routes"][0], "route_id": "blue-1", "prefix": prefix_message(ip_network("10.244.0.0/24"))})  # fmt: skip
    objects["serviceenginegroup"][0].setdefault("labels", []).append({"key": CLUSTER_LABEL, "value": "blue"})
    return objects


@pytest.mark.parametrize("later", sorted(of_ako()))
def test_a_collection_read_later_tells_as_much_as_one_read_at_once(later):
    def seen(live):
        for kind in (each for each in tuple(KINDS) if not issubclass(each, ConfigObject)):
            with suppress(Unknown):
                yield kind, list(live.all(kind))
        for want in WANTS:
            try:
                yield want, live[want]
            except (Blocked, Unknown) as why:
                yield want, str(why)

    objects = of_ako()
    before = world.live({api: rows for api, rows in objects.items() if api != later}, VERSION)
    assert list(seen(before))
    at_once = world.live(objects, VERSION)
    assert list(seen(before.with_more(at_once.snapshot))) == list(seen(at_once))


def test_a_reference_is_followed_once(monkeypatch):
    followed, resolve = Counter(), Names._resolve

    def counted(names, ref):
        followed[ref] += 1
        return resolve(names, ref)

    monkeypatch.setattr(Names, "_resolve", counted)
    live = world.live(world.objects(VERSION), VERSION)
    for _ in range(2):
        for want in WANTS:
            KINDS[type(want)].counterpart(want, live.raw(want), live.names)
    assert followed
    assert set(followed.values()) == {1}


def test_an_object_in_another_state_has_its_own_names():
    """A tenant with another name, as a plan sees the site after a step."""
    live = world.live(world.objects(VERSION), VERSION)
    network = next(row for row in live.rows("network") if live.names.cloud_of(row))
    cloud = live.names.resolve(network["cloud_ref"])
    assert cloud is not None
    other = live.names.replacing("cloud", {**cloud, "name": "renamed"})
    assert (other.cloud_of(network), live.names.cloud_of(network)) == ("renamed", cloud["name"])
    assert isinstance(live, Live)
