"""Damage of a random site: facts that somebody changes, and which declared ones must drift by that."""

from __future__ import annotations

from typing import Any

from benchmarks.random_sites.facts import MODES, Identity, SiteObject, World
from benchmarks.random_sites.hand import Hand
from live.errors import Refused

NAMED = {
    "vrf": "vrfcontext",
    "ipam_profile": "ipamdnsproviderprofile",
    "se_group": "serviceenginegroup",
}
"""By the field that refers to one object, the type of that."""
Fact = tuple[Identity, str]
"""One declared field of one object."""


class Damage:
    """Random changes of a world, and the declared facts that they make drift."""

    def __init__(self, world: World, hand: Hand) -> None:
        self.world = world
        self.hand = hand
        self.dice = world.dice
        self.drifted: set[Fact] = set()

    def act(self, count: int) -> None:
        """Change so many objects, declared ones or not, each once."""
        candidates = [obj for obj in self.world.objects.values() if obj.identity.api != "vrfcontext"]
        for obj in self.dice.sample(candidates, min(count, len(candidates))):
            self._change(obj)

    def _change(self, obj: SiteObject) -> None:
        truth = dict(obj.fields)
        word = self.dice.choice(sorted(obj.fields))
        obj.fields[word] = value = self._other(obj, word, truth[word])
        aside = (
            {"description": "by hand"} if self.dice.random() < 0.3 and obj.identity.api != "network" else {}
        )
        try:
            self.hand.put(obj, **aside)
        except Refused:  # what is in use stays as it is
            obj.fields[word] = truth[word]
            return
        if obj.declared and self._drifts(word, truth[word], value):
            self.drifted.add((obj.identity, word))

    def _drifts(self, word: str, declared: Any, live: Any) -> bool:
        if declared is None:
            return False  # it is not in the file
        if word == "usable_networks":
            return not set(declared) <= set(live)
        if word in ("subnets", "records"):
            return any(live.get(head) != span for head, span in declared.items())
        return bool(declared != live)

    def _other(self, obj: SiteObject, word: str, value: Any) -> Any:
        """Another value of a field; of a reference, an object of the same name where there is one."""
        if word in NAMED:
            api = NAMED[word]
            cloud = "" if word == "ipam_profile" else obj.identity.cloud
            near = [each for each in self._visible(obj, api, cloud) if each != value]
            same = [each for each in near if value and each.name == value.name]
            return self.dice.choice(same or near) if near else value
        if word == "usable_networks":
            return self._networks(obj, value)
        if word == "subnets":
            ((head, (begin, end)),) = value.items()
            return self.dice.choice([{}, {head: (begin, end + 7)}, {**value, "172.16.9": (5, 9)}])
        return {
            "ha_mode": lambda: self.dice.choice([mode for mode in MODES if mode != value]),
            "buffer": lambda: value + self.dice.randint(1, 3),
            "name_prefix": lambda: f"{value}x",
            "folder": lambda: f"{value}-old",
            "dhcp": lambda: not value,
            "allocate_in_vrf": lambda: not value,
            "enabled": lambda: not value,
            "ports": lambda: self.dice.choice([(*value, 70), (71, *value[1:])]),
            "records": lambda: self._records(value),
        }[word]()

    def _visible(self, obj: SiteObject, api: str, cloud: str | None = None) -> list[Identity]:
        return self.world.named_by(SiteObject(obj.identity, declared=False), api, cloud)

    def _records(self, value: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
        """One record gone, another one too, or one with another address or time."""
        name = self.dice.choice(list(value))
        ttl, address = value[name]
        changed = self.dice.choice([(ttl + 1, address), (ttl, "203.0.113.9")])
        rest = {other: record for other, record in value.items() if other != name}
        return self.dice.choice([rest, {**value, "more.test": (30, address)}, {**value, name: changed}])

    def _networks(self, obj: SiteObject, value: list[Identity]) -> list[Identity]:
        every = self._visible(obj, "network")
        if value and self.dice.random() < 0.7:
            lost = self.dice.choice(value)
            same = [each for each in every if each.name == lost.name and each not in value]
            rest = [each for each in value if each != lost]
            return [*rest, self.dice.choice(same)] if same else rest
        return [*value, *(each for each in every if each not in value)][: len(value) + 1]
