"""Random sites: `python -m benchmarks.random_sites` declares, damages and puts right sites of many clouds and tenants.

Each site has two to four clouds of different types, two to four tenants, and a few names that stand for many objects.
It is made through the Controller's own API and declared in a file; both come from one table of facts (`Fact`) that
this module keeps without the product's help. Then facts are changed at random, references among them pointed at other
objects of the same name. The table tells which declared facts must drift, and no others may. After remediation every
member that was not declared is what it was, and a second plan is empty.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from intent import Key, field_of, load_environment
from live.errors import Refused
from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.writer import Writer
from tests.remediate.inprocess import Bench

Json = dict[str, Any]

NAMES = ("a", "b", "c")
"""So few that most of them are the names of several objects."""
TENANTS = ("admin", "blue", "green", "red")
CLOUDS = {
    "Default-Cloud": "CLOUD_VCENTER",
    "nsxt-overlay": "CLOUD_NSXT",
    "nsxt-vlan": "CLOUD_NSXT",
    "east": "CLOUD_NONE",
    "west": "CLOUD_NONE",
    "far": "CLOUD_AWS",
}
"""Every cloud that a site may have, with its type on the Controller; a site has two to four of them."""
WORDS = {
    "CLOUD_VCENTER": "vcenter",
    "CLOUD_NSXT": "nsx-t",
    "CLOUD_NONE": "no-orchestrator",
    "CLOUD_AWS": "aws",
}
MODES = {
    "n+m": "HA_MODE_SHARED",
    "active-active": "HA_MODE_SHARED_PAIR",
    "active-standby": "HA_MODE_LEGACY_ACTIVE_STANDBY",
}
MERGED = frozenset({"internal_profile", "configured_subnets"})
"""Members of which a part can be declared."""
SERVERS = frozenset({"_last_modified", "url", "uuid", "configpb_attributes"})
"""Members that the Controller keeps for itself."""


class Identity(NamedTuple):
    """What tells an object from every other of the site; `cloud` is "" where its type lives in none."""

    api: str
    tenant: str
    cloud: str
    name: str


@dataclass
class Thing:
    """One object of a site: its declared fields by their word in a file, a reference as the identity it means."""

    identity: Identity
    declared: bool
    fields: dict[str, Any] = field(default_factory=dict)
    discovered: bool = False
    """Whether it is there without anybody's making it."""


SECTIONS = {
    "vrfcontext": "vrfs",
    "serviceenginegroup": "se_groups",
    "network": "networks",
    "ipamdnsproviderprofile": "ipam_profiles",
    "cloud": "clouds",
}
KINDS = {
    "vrfcontext": "VRF context",
    "serviceenginegroup": "SE group",
    "network": "network",
    "ipamdnsproviderprofile": "IPAM profile",
    "cloud": "cloud",
}


class World:
    """The facts of one random site: what it holds, what is declared of it, and what has been changed since."""

    def __init__(self, dice: random.Random, discovered: Iterable[Thing] = ()) -> None:
        self.dice = dice
        self.tenants = ["admin", *dice.sample(TENANTS[1:], dice.randint(1, 3))]
        self.clouds = dice.sample(list(CLOUDS), dice.randint(2, 4))
        self.things: dict[Identity, Thing] = {}
        for thing in discovered:
            if thing.identity.cloud in self.clouds:
                self.things[thing.identity] = replace(thing, declared=True)
        self._draw()

    def of(self, api: str, cloud: str | None = None) -> list[Thing]:
        """The objects of a type, of one cloud where given."""
        return [
            thing
            for thing in self.things.values()
            if thing.identity.api == api and cloud in (None, thing.identity.cloud)
        ]

    def named_by(self, owner: Thing, api: str, cloud: str | None = None) -> list[Identity]:
        """What an object can refer to: what its tenant sees and, where it is declared, what is declared too."""
        return [
            thing.identity
            for thing in self.of(api, cloud)
            if owner.identity.tenant in ("admin", thing.identity.tenant) or thing.identity.tenant == "admin"
            if thing.declared or not owner.declared
        ]

    def _add(
        self, api: str, cloud: str, chance: float, fields: Callable[[Thing], Json] | None = None
    ) -> None:
        for tenant in self.tenants:
            for name in NAMES:
                if self.dice.random() < chance:
                    identity = Identity(api, tenant, cloud, name)
                    thing = Thing(identity, declared=self.dice.random() < 0.7)
                    thing.fields = fields(thing) if fields else {}
                    self.things[identity] = thing

    def _draw(self) -> None:
        for cloud in self.clouds:
            if CLOUDS[cloud] != "CLOUD_NSXT":  # there they come with their T1 gateways
                self._add("vrfcontext", cloud, 0.4)
            self._add("serviceenginegroup", cloud, 0.3, self._group)
            if CLOUDS[cloud] == "CLOUD_NONE":
                self._add("network", cloud, 0.4, self._network)
        self._add("ipamdnsproviderprofile", "", 0.4, self._profile)
        for cloud in self.clouds:
            identity = Identity("cloud", "admin", "", cloud)
            self.things[identity] = Thing(identity, declared=True)
            self.things[identity].fields = self._cloud(self.things[identity])

    def _group(self, thing: Thing) -> Json:
        dice = self.dice
        placed = CLOUDS[thing.identity.cloud] in ("CLOUD_VCENTER", "CLOUD_NSXT")
        return {
            "ha_mode": dice.choice(list(MODES)),
            "buffer": dice.randint(0, 3),
            "name_prefix": dice.choice(NAMES) + str(dice.randint(1, 9)),
            **({"folder": f"SE-{dice.choice(NAMES)}"} if placed else {}),
        }

    def _network(self, thing: Thing) -> Json:
        vrfs = self.named_by(thing, "vrfcontext", thing.identity.cloud)
        subnet = f"10.{self.dice.randint(1, 250)}.{len(self.things) % 250}"
        return {
            "vrf": self.dice.choice(vrfs) if vrfs else None,
            "dhcp": self.dice.random() < 0.5,
            "subnets": {subnet: (self.dice.randint(10, 50), self.dice.randint(51, 90))},
        }

    def _profile(self, thing: Thing) -> Json:
        networks = self.named_by(thing, "network")
        count = min(len(networks), self.dice.randint(0, 3))
        return {
            "allocate_in_vrf": self.dice.random() < 0.5,
            "usable_networks": self.dice.sample(networks, count),
        }

    def _cloud(self, thing: Thing) -> Json:
        profiles = self.named_by(thing, "ipamdnsproviderprofile")
        chosen = self.dice.choice(profiles) if profiles and self.dice.random() < 0.8 else None
        return {"ipam_profile": chosen}

    # -- as a file

    def file(self) -> Json:
        """The environment file's content: every declared object, references in the shortest spelling that is exact."""
        declared: dict[str, list[Json]] = {}
        for thing in self.things.values():
            if thing.declared:
                declared.setdefault(SECTIONS[thing.identity.api], []).append(self._entry(thing))
        return {"name": "random", "controller": {"address": "controller.test"}, **declared}

    def _entry(self, thing: Thing) -> Json:
        api, tenant, cloud, name = thing.identity
        entry: Json = {"name": name}
        if tenant != "admin" or self.dice.random() < 0.3:
            entry["tenant"] = tenant
        if cloud:
            entry["cloud"] = cloud
        if api == "cloud":
            entry["type"] = WORDS[CLOUDS[name]]
        for word, value in thing.fields.items():
            if value is None:
                continue
            if isinstance(value, Identity):
                entry[word] = self._spelled(thing.identity, value)
            elif word == "usable_networks":
                entry[word] = [self._spelled(thing.identity, each) for each in value]
            elif word == "subnets":
                entry[word] = [
                    {"prefix": f"{head}.0/24", "pools": [{"range": f"{head}.{begin}-{head}.{end}"}]}
                    for head, (begin, end) in value.items()
                ]
            else:
                entry[word] = value
        return entry

    def _spelled(self, owner: Identity, target: Identity) -> Any:
        spelled: Json = {"name": target.name}
        if target.cloud != owner.cloud:
            spelled["cloud"] = target.cloud
        own = target._replace(tenant=owner.tenant)
        if target.tenant != owner.tenant and (target.tenant != "admin" or own in self.things):
            spelled["tenant"] = target.tenant
        return spelled if len(spelled) > 1 else target.name


class Hand:
    """Somebody who makes and changes the objects of a world through the Controller's own API."""

    def __init__(self, world: World, bench: Bench) -> None:
        self.world = world
        self.gateway = bench.gateway
        self.refs: dict[Identity, str] = {}
        for cloud in self.gateway.read("cloud")["results"]:
            self.refs[Identity("cloud", "admin", "", cloud["name"])] = _ref(cloud)
        self.vcenters = {
            row["cloud_ref"].partition("#")[2]: _ref(row)
            for row in self.gateway.read("vcenterserver", {"include_name": "true"})["results"]
        }
        for thing, row in discovered(bench):
            self.refs[thing.identity] = _ref(row)

    def make(self) -> None:
        """Make every object, what is referred to before what refers to it."""
        for tenant in self.world.tenants[1:]:
            self.gateway.write("POST", "tenant", {"name": tenant})
        for identity in (Identity("cloud", "admin", "", cloud) for cloud in self.world.clouds):
            if identity not in self.refs:
                made = self.gateway.write(
                    "POST", "cloud", {"name": identity.name, "vtype": CLOUDS[identity.name]}
                )
                self.refs[identity] = _ref(made)
        for api in ("vrfcontext", "serviceenginegroup", "network", "ipamdnsproviderprofile"):
            for thing in self.world.of(api):
                if not thing.discovered:
                    self.create(thing)
        for thing in self.world.of("cloud"):
            self.put(thing)

    def create(self, thing: Thing) -> None:
        """Make one object in its tenant and cloud."""
        identity = thing.identity
        body: Json = {"name": identity.name, **self.body(thing)}
        if identity.cloud:
            body["cloud_ref"] = self.refs[Identity("cloud", "admin", "", identity.cloud)]
        if identity.api == "ipamdnsproviderprofile":
            body["type"] = "IPAMDNS_TYPE_INTERNAL"
        made = self.gateway.write("POST", identity.api, body, tenant=identity.tenant)
        self.refs[identity] = _ref(made)

    def put(self, thing: Thing, **undeclared: Any) -> None:
        """Write an object's facts over what is there, and some members besides."""
        path = self.refs[thing.identity].partition("/api/")[2]
        tenant = thing.identity.tenant
        now = self.gateway.read(path, tenant=tenant)
        wanted = self.body(thing)
        if thing.identity.api == "ipamdnsproviderprofile":
            wanted["internal_profile"] = {**now.get("internal_profile", {}), **wanted["internal_profile"]}
        for member in ("ipam_provider_ref", "vrf_context_ref"):
            now.pop(member, None)
        self.gateway.write("PUT", path, {**now, **wanted, **undeclared}, tenant=tenant)

    def body(self, thing: Thing) -> Json:
        """An object's facts as the Controller's members."""
        facts = thing.fields
        if thing.identity.api == "serviceenginegroup":
            return {
                "ha_mode": MODES[facts["ha_mode"]],
                "buffer_se": facts["buffer"],
                "se_name_prefix": facts["name_prefix"],
                **self._folder(thing),
            }
        if thing.identity.api == "network":
            vrf = {"vrf_context_ref": self.refs[facts["vrf"]]} if facts["vrf"] else {}
            if thing.discovered:
                return {**vrf, "dhcp_enabled": facts["dhcp"]}
            subnets = [_subnet(*each) for each in facts["subnets"].items()]
            return {**vrf, "dhcp_enabled": facts["dhcp"], "configured_subnets": subnets}
        if thing.identity.api == "ipamdnsproviderprofile":
            networks = [{"nw_ref": self.refs[each]} for each in facts["usable_networks"]]
            return {
                "allocate_ip_in_vrf": facts["allocate_in_vrf"],
                "internal_profile": {"usable_networks": networks},
            }
        if thing.identity.api == "cloud":
            chosen = facts["ipam_profile"]
            return {"ipam_provider_ref": self.refs[chosen]} if chosen else {}
        return {}

    def _folder(self, thing: Thing) -> Json:
        folder, cloud = thing.fields.get("folder"), thing.identity.cloud
        if CLOUDS[cloud] == "CLOUD_VCENTER":
            return {"vcenter_folder": folder}
        if CLOUDS[cloud] == "CLOUD_NSXT":
            return {"vcenters": [{"vcenter_ref": self.vcenters[cloud], "vcenter_folder": folder}]}
        return {}


def discovered(bench: Bench) -> Iterator[tuple[Thing, Json]]:
    """The networks and VRF contexts that NSX-T clouds have by themselves, with their rows."""
    clouds = [cloud for cloud, kind in CLOUDS.items() if kind == "CLOUD_NSXT"]
    rows = {
        api: [
            row
            for row in bench.gateway.read(api, {"include_name": "true", "page_size": "200"})["results"]
            if row["cloud_ref"].partition("#")[2] in clouds
        ]
        for api in ("vrfcontext", "network")
    }
    vrfs: dict[str, Identity] = {}
    for row in rows["vrfcontext"]:
        identity = Identity("vrfcontext", "admin", row["cloud_ref"].partition("#")[2], row["name"])
        vrfs[_ref(row)] = identity
        if row["name"] not in ("global", "management"):
            yield Thing(identity, declared=True, discovered=True), row
    for row in rows["network"]:
        vrf = vrfs[row["vrf_context_ref"].partition("#")[0]]
        if vrf.name not in ("global", "management"):
            identity = Identity("network", "admin", vrf.cloud, row["name"])
            facts = {"vrf": vrf, "dhcp": row["dhcp_enabled"]}
            yield Thing(identity, declared=True, fields=facts, discovered=True), row


def _ref(obj: Json) -> str:
    return str(obj["url"]).partition("#")[0]


def _subnet(head: str, span: tuple[int, int]) -> Json:
    def address(last: int) -> Json:
        return {"addr": f"{head}.{last}", "type": "V4"}

    return {
        "prefix": {"ip_addr": address(0), "mask": 24},
        "static_ip_ranges": [
            {
                "range": {"begin": address(span[0]), "end": address(span[1])},
                "type": "STATIC_IPS_FOR_VIP_AND_SE",
            }
        ],
    }


Field = tuple[str, str, str, str, str]
"""(kind's word, tenant, cloud, name, declared field)."""
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
        candidates = [thing for thing in self.world.things.values() if thing.identity.api != "vrfcontext"]
        for thing in self.dice.sample(candidates, min(count, len(candidates))):
            self._change(thing)

    def _change(self, thing: Thing) -> None:
        truth = dict(thing.fields)
        word = self.dice.choice(sorted(thing.fields))
        thing.fields[word] = value = self._other(thing, word, truth[word])
        aside = (
            {"description": "by hand"} if self.dice.random() < 0.3 and thing.identity.api != "network" else {}
        )
        try:
            self.hand.put(thing, **aside)
        except Refused:  # what is in use stays as it is
            thing.fields[word] = truth[word]
            return
        if thing.declared and self._drifts(word, truth[word], value):
            self.drifted.add((thing.identity, word))

    def _drifts(self, word: str, declared: Any, live: Any) -> bool:
        if declared is None:
            return False  # it is not in the file
        if word == "usable_networks":
            return not set(declared) <= set(live)
        if word == "subnets":
            return any(live.get(head) != span for head, span in declared.items())
        return bool(declared != live)

    def _other(self, thing: Thing, word: str, value: Any) -> Any:
        """Another value of a field; of a reference, an object of the same name where there is one."""
        if word in ("vrf", "ipam_profile"):
            api, cloud = (
                ("vrfcontext", thing.identity.cloud) if word == "vrf" else ("ipamdnsproviderprofile", "")
            )
            near = [each for each in self._visible(thing, api, cloud) if each != value]
            same = [each for each in near if value and each.name == value.name]
            return self.dice.choice(same or near) if near else value
        if word == "usable_networks":
            return self._networks(thing, value)
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
        }[word]()

    def _visible(self, thing: Thing, api: str, cloud: str | None = None) -> list[Identity]:
        return self.world.named_by(Thing(thing.identity, declared=False), api, cloud)

    def _networks(self, thing: Thing, value: list[Identity]) -> list[Identity]:
        every = self._visible(thing, "network")
        if value and self.dice.random() < 0.7:
            lost = self.dice.choice(value)
            same = [each for each in every if each.name == lost.name and each not in value]
            rest = [each for each in value if each != lost]
            return [*rest, self.dice.choice(same)] if same else rest
        return [*value, *(each for each in every if each not in value)][: len(value) + 1]


class Sites:
    """One lab in this process that takes one random site after the other."""

    def __init__(self) -> None:
        self.bench = Bench("fresh+nsxt")
        self.start = self.bench.lab.snapshot()

    def run(self, seed: int, folder: Path) -> Counter[str]:
        """Make, check, damage, check, put right and check one site. Raises AssertionError with what was wrong."""
        self.bench.lab.restore(self.start)
        world = World(
            random.Random(seed),
            [replace(each, fields=dict(each.fields)) for each, _ in discovered(self.bench)],
        )
        hand = Hand(world, self.bench)
        hand.make()
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
        again = build(self.bench.site(), self.bench.drifts(), allow_disruptive=True)
        assert not again.steps, f"{seed}: a second plan writes {[str(step.key) for step in again.steps]}"
        return Counter(sites=1, objects=len(world.things), drifts=len(drifted), explained=len(left))

    def _remediate(self, seed: int, folder: Path) -> set[Field]:
        """Put the site right; the declared fields that no write of ours was to put right."""
        site = self.bench.site()
        plan = build(site, self.bench.drifts(site.live), allow_disruptive=True)
        journal = Journal.begin(folder, f"random{seed}", self.bench.gateway.name, plan.digest)
        results = Applier(Writer(self.bench.gateway, journal), site, allow_disruptive=True).apply(plan)
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
            for api in (*SECTIONS, "tenant", "virtualservice", "vsvip")
            for row in self.bench.gateway.read(api, {"page_size": "200"}, tenant="*")["results"]
        }


def _named(key: Key) -> tuple[str, str, str, str]:
    return key.kind, key.tenant, key.cloud, key.name


def _top(path: str) -> str:
    """The field of an object that a path stands in."""
    return field_of(path).partition(".")[0]


def _key(identity: Identity, word: str) -> Field:
    return KINDS[identity.api], identity.tenant, identity.cloud, identity.name, word


def main(arguments: list[str] | None = None) -> int:
    """Run as many random sites as asked for; 1 at the first that is not as its table of facts says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.random_sites", description=__doc__)
    parser.add_argument("--sites", type=int, default=2000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first (default: %(default)s)")
    options = parser.parse_args(arguments)
    sites, total, begun = Sites(), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.sites):
            try:
                total += sites.run(seed, Path(folder))
            except AssertionError as error:
                print(error)
                return 1
            if total["sites"] % 100 == 0:
                print(f"{time.monotonic() - begun:.0f} s: {dict(total)}", flush=True)
    print(
        f"{time.monotonic() - begun:.0f} s: {dict(total)}: no false pass, no false drift, nothing undeclared changed"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
