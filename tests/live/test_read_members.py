"""Members that are read: every one of them is looked at by the door, and no other is listed."""

from contextlib import suppress

import pytest

import avi_schema
from intent import Blocked, Unknown
from live.avi.read_members import READ, members_of
from live.avi.shapes import READABLE
from live.avi.snapshot import Live, Snapshot
from live.facts import isolation, placement, runtime, usage
from live.kinds import KINDS
from tests.live import inventories, world

VERSION = "30.2.1"


class Watched(dict):
    """A message that notes which of its members are read."""

    def __init__(self, value, place, seen):
        super().__init__({name: watched(inner, f"{place}{name}", seen) for name, inner in value.items()})
        self.place, self.seen = place, seen

    def get(self, name, default=None):
        self.seen.add(f"{self.place}{name}")
        return super().get(name, default)

    def __getitem__(self, name):
        self.seen.add(f"{self.place}{name}")
        return super().__getitem__(name)

    def __contains__(self, name):
        self.seen.add(f"{self.place}{name}")
        return super().__contains__(name)


def watched(value, place, seen):
    if isinstance(value, dict):
        return Watched(value, f"{place}.", seen)
    return [watched(inner, place, seen) for inner in value] if isinstance(value, list) else value


def watch(objects, seen):
    return {api: [Watched(row, f"{api} ", seen) for row in rows] for api, rows in objects.items()}


def test_every_member_that_is_read_is_looked_at_by_the_door():
    seen = set()
    live = world.live(watch(world.objects(VERSION), seen), VERSION)
    for want in world.declared():
        live.found(want)
        live[want]
    for vrf in world.environment().vrfs:
        isolation.overlaps(live, vrf)
    site = inventories.site()
    live = Live(Snapshot("c", VERSION, VERSION, objects=watch(site.snapshot.objects, seen)))
    cloud, service, front = inventories.CLOUD, inventories.SERVICE, inventories.NETWORK
    runtime.cloud_state(live, cloud), runtime.engine_problem(live, service), usage.pool_usage(live, front)
    for fact in (placement.management_moid, placement.datacenter_name):
        with pytest.raises(Exception, match="Default-Cloud"):
            fact(live, cloud)
    schema = avi_schema.load()
    for place in sorted(seen):
        api, _, path = place.partition(" ")
        if api not in schema.types or path in READABLE or is_old(schema, api, path):
            continue
        assert any(path == known or path.startswith(f"{known}.") or known.startswith(f"{path}.") for known in
                   (*members_of(api), "config.name")), f"{api}: {path} is read and missing in live.avi.read_members.READ"  # fmt: skip


def is_old(schema, api, path):
    """Whether the schema has no such member, so that there is no shape to hold it against."""
    message = schema.types[api].message
    for name in path.split("."):
        field = message and message.fields.get(name)
        if field is None:
            return True
        message = schema.message(field.message) if field.message else None
    return False


def filled(schema, name, words, depth=6):
    """An object with every member of a message, by the schema; `words`: which word of an enum, by its position."""

    def value(field):
        if field.kind == "message":
            filling = filled(schema, field.message, words, depth - 1) if depth and field.message else {}
        elif field.kind == "ref":
            filling = f"https://x/api/{field.ref}/u1#n1"
        else:
            plain = {"integer": 4, "number": 1.0, "boolean": True, "string": "10.1.0.1"}[field.kind]
            filling = field.enum[words % len(field.enum)] if field.enum else plain
        return [filling] if field.many else filling

    fields = schema.message(name).fields.values()
    return {field.name: value(field) for field in fields}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: f"{kind.api}-{kind.intent.__name__}")
def test_every_member_that_a_kind_reads_is_looked_at_by_the_door(kind):
    """Whatever the type of its cloud: an object that has every member is decoded once for each word of its enums."""
    schema, seen = avi_schema.load(), set()
    rows = {api: [{"uuid": "u1", "name": "n1", "url": f"https://x/api/{api}/u1"}] for api in schema.types}
    for words in range(13):
        full = filled(schema, schema.types[kind.api].message.name, words)
        full |= {"uuid": "u1", "name": "n1", "url": f"https://x/api/{kind.api}/u1"}
        for members in (full, {**full, "attrs": [{"key": "segmentid", "value": "x"}]}):
            row = Watched(members, f"{kind.api} ", seen)
            live = Live(Snapshot("c", VERSION, VERSION, objects={**rows, kind.api: [row]}))
            for leaf in kind.leaves.values():
                with suppress(Unknown, Blocked, LookupError, TypeError, ValueError, AttributeError):
                    leaf.get(row, live.names)
            with suppress(Unknown, Blocked):
                kind.includes is None or kind.includes(row, live.names)
            kind.built_in(row)
    missing = {
        path
        for path in (place.partition(" ")[2] for place in seen)
        if path not in READABLE and not is_old(schema, kind.api, path)
        if not any(
            path == known or path.startswith(f"{known}.") or known.startswith(f"{path}.")
            for known in members_of(kind.api)
        )
    }
    assert not missing, f"{kind.api}: read, and missing in live.avi.read_members.READ"


def test_every_path_that_is_looked_at_is_in_the_schema():
    schema = avi_schema.load()
    for api, paths in READ.items():
        for path in paths:
            assert not is_old(schema, api, path), f"{api}: {path}"
