"""Sites at random, one after the other in one lab: what must hold of check, plan and remediation of each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from benchmarks.random_sites.damage import Damage
from benchmarks.random_sites.facts import FILE_WORDS, SECTIONS, Identity, Json, World
from benchmarks.random_sites.hand import Hand
from intent import Key, field_of, load_environment
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.writer import Writer
from tests.remediate.inprocess import Bench

KINDS = {
    "vrfcontext": "VRF context",
    "serviceenginegroup": "SE group",
    "network": "network",
    "ipamdnsproviderprofile": "IPAM profile",
    "cloud": "cloud",
    "virtualservice": "DNS service",
}
MERGED = frozenset({"internal_profile", "configured_subnets", "static_dns_records", "services"})
"""Members of which a part can be declared."""
SERVERS = frozenset({"_last_modified", "url", "uuid", "configpb_attributes", "version", "vip_runtime"})
"""Members that the Controller keeps for itself: `version` counts the writes of a virtual service, and `vip_runtime`
tells how many Service Engines it needs, which follows from what its SE group is at the time."""
Field = tuple[str, str, str, str, str]
"""(kind's word, tenant, cloud, name, declared field)."""


class Sites:
    """One lab in this process that takes one random site after the other."""

    def __init__(self) -> None:
        self.bench = Bench("fresh+nsxt")
        self.start = self.bench.lab.snapshot()

    def run(self, seed: int, folder: Path) -> Counter[str]:
        """Make, check, damage, check, put right and check one site. Raises AssertionError with what was wrong."""
        self.bench.lab.restore(self.start)
        hand = Hand(self.bench.gateway)
        world = World(random.Random(seed), hand.discovered)
        hand.make(world)
        path = folder / "random.yaml"
        path.write_text(yaml.safe_dump(world.file(), sort_keys=False), encoding="utf-8")
        self.bench.environment = load_environment(path)
        assert not (false := self.drifted()), f"{seed}: false drift on the site as declared: {false}"

        before = self.everything()
        damage = Damage(world, hand)
        damage.act(world.dice.randint(1, 6))
        damaged = self.everything()
        words = {_key(identity, word) for identity, word in damage.drifted}
        drifted = self.drifted()
        assert not (missed := words - drifted), f"{seed}: false pass: {missed}"
        assert not (false := drifted - words), f"{seed}: false drift: {false}"

        left = self._remediate(seed, folder)
        after = self.everything()
        self._only_declared(seed, (before, damaged, after))
        assert self.drifted() == left, f"{seed}: not put right: {self.drifted() - left}"
        again = build(self.bench.site(), self.bench.drifts(), consent=Consent(disruptive=True))
        assert not again.steps, f"{seed}: a second plan writes {[str(step.key) for step in again.steps]}"
        of_services = sum(kind == KINDS["virtualservice"] for kind, *_ in drifted)
        return Counter(
            sites=1,
            objects=len(world.objects),
            services=len(world.of("virtualservice")),
            drifts=len(drifted),
            of_services=of_services,
            explained=len(left),
        )

    def _remediate(self, seed: int, folder: Path) -> set[Field]:
        """Put the site right; the declared fields that no write of ours was to put right."""
        site = self.bench.site()
        plan = build(site, self.bench.drifts(site.live), consent=Consent(disruptive=True))
        journal = Journal.begin(folder, f"random{seed}", self.bench.gateway.name, plan.digest)
        results = Applier(Writer(self.bench.gateway, journal), site, consent=Consent(disruptive=True)).apply(
            plan
        )
        journal.end("done")
        failed = [
            f"{each.step.key}: {each.text}" for each in results if each.status not in ("done", "already")
        ]
        assert not failed, f"{seed}: {failed}"
        return {(*_named(each.key), _top(each.path)) for each in plan.left}

    def _only_declared(self, seed: int, states: Sequence[Mapping[tuple[str, str], Json]]) -> None:
        """Assert that each member is as it was declared before the damage, or else as the damage left it."""
        before, damaged, after = states
        assert before.keys() == damaged.keys() == after.keys(), f"{seed}: objects came or went"
        for (api, uuid), now in after.items():
            was, broken = before[api, uuid], damaged[api, uuid]
            for member in {*was, *broken, *now}:
                if now.get(member) in (broken.get(member), was.get(member)):
                    continue
                assert member in MERGED, f"{seed}: {api} {now['name']}: {member} is {now.get(member)}"

    def drifted(self) -> set[Field]:
        """(kind, tenant, cloud, name, field) of every drift that the checks find."""
        return {(*_named(drift.key), _top(drift.path)) for drift, _ in self.bench.drifts()}

    def everything(self) -> dict[tuple[str, str], Json]:
        """Every object that is there, by type and uuid, without what the Controller keeps for itself."""
        return {
            (api, row["uuid"]): {member: value for member, value in row.items() if member not in SERVERS}
            for api in (*SECTIONS, "tenant", "vsvip")
            for row in self.bench.gateway.read(api, {"page_size": "200"}, tenant="*")["results"]
        }


def _named(key: Key) -> tuple[str, str, str, str]:
    return key.kind, key.tenant, key.cloud, key.name


def _top(path: str) -> str:
    """The field of an object that a path stands in."""
    return field_of(path).partition(".")[0]


def _key(identity: Identity, word: str) -> Field:
    return (
        KINDS[identity.api],
        identity.tenant,
        identity.cloud,
        identity.name,
        FILE_WORDS.get(word, word),
    )
