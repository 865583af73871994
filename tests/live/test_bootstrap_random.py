"""Random objects of every type: whatever a Controller took, its bootstrap loads and is found as declared at once.

`HYPOTHESIS_EXAMPLES` says how many sites.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest

from avi_schema import Field, load
from lab.model import minimal
from tests.live.every_type import DEEPEST, TYPES, V30
from tests.live.test_bootstrap_objects import written
from tests.remediate.inprocess import Bench

SITES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "8"))
OBJECTS = 12
SCHEMA = load()
IDENTITY = {"name", "uuid", "url", "tenant_ref", "cloud_ref", "created_by", "_last_modified"}
TEXTS = (
    *(
        "yes",
        "no",
        "~",
        "null",
        "1e3",
        "0x1F",
        "012",
        "12:30",
        "2020-01-01",
        "=",
        "a: b",
        "- x",
        "a #b",
        "1.5",
    ),
    *(
        "{x}",
        "[y]",
        "'q'",
        '"d"',
        "tab\tx",
        "line\nline",
        "trail ",
        "  lead",
        "é ü ß",
        "🙂",
        "!t",
        "&a",
        "*b",
        "%d",
    ),
    *(
        "@at",
        "`b`",
        "|",
        "> f",
        "?",
        "a,b",
        "True",
        "-1",
        "x/y",
        "back\\slash",
        "${V}",
        "\u2028sep",
        "/api/pool/x",
    ),
)
NAMES = (
    "yes",
    "a/b",
    "a#b",
    "1.0",
    "null",
    "w x",
    "Ärger",
    "x?y",
    "q&r",
    "[z]",
    "'s'",
    "web",
    "Web",
    "%41",
    "a:b",
    "~",
)


class Site:
    """A Controller that takes random objects."""

    def __init__(self, bench: Bench, random: Random) -> None:
        self.bench, self.random = bench, random

    def make(self, api: str) -> bool:
        """Write an object of a type; whether the Controller has taken it."""
        kind = SCHEMA.types[api]
        body = self.message(kind.model, 0, self.random.choice((0.1, 0.3, 0.6)))
        if kind.singleton:
            now = self.bench.gateway.send("GET", api)[1]
            return self.bench.gateway.send("PUT", api, body={**now, **body})[0] == 200
        return self.bench.gateway.send("POST", api, body={**body, "name": self.name()})[0] == 201

    def name(self) -> str:
        """A name, at times one that is hard to write."""
        return self.random.choice(NAMES) if self.random.random() < 0.3 else f"n{self.random.randrange(10**6)}"

    def message(self, model: str, depth: int, share: float) -> dict[str, Any]:
        """A message with what it needs and a share of what it may have."""
        if model in _SHAPED:
            return _SHAPED[model](self.random)
        body: dict[str, Any] = {}
        for field in SCHEMA.message(model).fields.values():
            if field.read_only or not field.lives(V30) or (not depth and field.name in IDENTITY):
                continue
            needed = field.required_at(V30) or field.min_items > 0 or field.name.endswith("name")
            if not needed and (self.random.random() > share or (field.message and depth >= DEEPEST)):
                continue
            if (value := self.member(field, depth, share)) not in (None, []):
                body[field.name] = value
        return body

    def member(self, field: Field, depth: int, share: float) -> Any:
        """A value, or some that differ."""
        if not field.many:
            return self.value(field, depth, share)
        least = max(field.min_items, 1)
        size = min(self.random.choice((least, least, least + 2)), field.max_items or 9)
        drawn = [self.value(field, depth, share) for _ in range(size)]
        values = [each for at, each in enumerate(drawn) if each is not None and each not in drawn[:at]]
        if field.message and "index" in SCHEMA.message(field.message).fields:
            for number, each in enumerate(values):
                each["index"] = number * 10
        return values

    def value(self, field: Field, depth: int, share: float) -> Any:
        """One value of a member, as the schema lets it be; None for a reference to nothing that is there."""
        if field.kind == "message":
            return self.message(field.message, depth + 1, share * 0.8) if field.message else None
        if field.kind == "ref":
            return self.reference(field)
        if words := field.enum or field.choices:
            return self.random.choice(words)
        if field.kind == "boolean":
            return self.random.random() < 0.5
        if field.kind == "string":
            shaped = {"addr": "10.77.0.9", "mac_address": "00:00:5e:00:53:01"}.get(field.name)
            return shaped or self.random.choice((*TEXTS, f"{field.name}-{self.random.randrange(999)}"))
        low, high = int(field.low or 0), int(field.high if field.high is not None else 10_000)
        return self.random.choice((low, high, self.random.randint(low, high)))

    def reference(self, field: Field) -> str | None:
        """An object of the type that is there, made where there is none."""
        api, store = field.ref or "", self.bench.lab.site.store
        if not (known := [each for each in store.all(api) if each.tenant == "admin"]) and api in TYPES:
            body = minimal(SCHEMA, api, V30, lambda inner: self.reference(inner) or "/api/none/none")
            self.bench.gateway.send("POST", api, body={**body, "name": self.name()})
            known = list(store.all(api))
        return self.random.choice(known).ref if known else None


def _address(random: Random) -> dict[str, Any]:
    if random.random() < 0.7:
        return {"addr": f"10.77.{random.randrange(255)}.{random.randrange(1, 255)}", "type": "V4"}
    return {"addr": random.choice(("2001:db8::1", "2001:0DB8:0:0::2")), "type": "V6"}


def _prefix(random: Random) -> dict[str, Any]:
    return {
        "ip_addr": {"addr": f"10.{random.randrange(255)}.0.0", "type": "V4"},
        "mask": random.choice((16, 24)),
    }


def _range(random: Random) -> dict[str, Any]:
    begin, end = sorted(random.sample(range(256), 2))
    return {name: {"addr": f"10.0.0.{last}", "type": "V4"} for name, last in (("begin", begin), ("end", end))}


_SHAPED = {"IpAddr": _address, "IpAddrPrefix": _prefix, "IpAddrRange": _range}


@pytest.fixture(scope="module")
def bench():
    return Bench("conforming")


@pytest.fixture(scope="module")
def as_it_was(bench):
    return bench.lab.snapshot()


@pytest.mark.parametrize("seed", range(SITES))
def test_whatever_is_there_is_declared_and_green_at_once(tmp_path, bench, as_it_was, seed):
    bench.lab.restore(as_it_was)
    random = Random(seed)
    site = Site(bench, random)
    made = {api for api in random.choices(TYPES, k=OBJECTS) if site.make(api)}
    assert made
    every = {api for api in TYPES if bench.lab.site.store.count(api)}
    found, bench.environment, _ = written(bench, tmp_path, every)
    assert found.unread == []
    assert [(str(drift.key), drift.path, drift.want, drift.have) for drift, _ in bench.drifts()] == []
