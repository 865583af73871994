"""Facts of a random site: its objects, their declared fields, and the environment file that declares them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
SECTIONS = {
    "vrfcontext": "vrfs",
    "serviceenginegroup": "se_groups",
    "network": "networks",
    "ipamdnsproviderprofile": "ipam_profiles",
    "cloud": "clouds",
    "virtualservice": "dns_services",
}

FILE_WORDS = {"ports": "services"}
"""Words of a file, where a fact has another one here."""


class Identity(NamedTuple):
    """What tells an object from every other of the site; `cloud` is "" where its type lives in none."""

    api: str
    tenant: str
    cloud: str
    name: str


@dataclass
class SiteObject:
    """One object of a site: its declared fields by their word in a file, a reference as the identity it means."""

    identity: Identity
    declared: bool
    fields: dict[str, Any] = field(default_factory=dict)
    discovered: bool = False
    """Whether it is there without anybody's making it."""


class World:
    """The facts of one random site: what it holds, what is declared of it, and what has been changed since."""

    def __init__(self, dice: random.Random, discovered: Iterable[SiteObject] = ()) -> None:
        self.dice = dice
        self.tenants = ["admin", *dice.sample(TENANTS[1:], dice.randint(1, 3))]
        self.clouds = dice.sample(list(CLOUDS), dice.randint(2, 4))
        self.objects: dict[Identity, SiteObject] = {}
        for obj in discovered:
            if obj.identity.cloud in self.clouds:
                self.objects[obj.identity] = obj
        self._draw()

    def of(self, api: str, cloud: str | None = None) -> list[SiteObject]:
        """The objects of a type, of one cloud where given."""
        return [
            obj
            for obj in self.objects.values()
            if obj.identity.api == api and cloud in (None, obj.identity.cloud)
        ]

    def named_by(self, owner: SiteObject, api: str, cloud: str | None = None) -> list[Identity]:
        """What an object can refer to: what its tenant sees and, where it is declared, what is declared too."""
        return [
            obj.identity
            for obj in self.of(api, cloud)
            if owner.identity.tenant in ("admin", obj.identity.tenant) or obj.identity.tenant == "admin"
            if obj.declared or not owner.declared
        ]

    def _add(
        self, api: str, cloud: str, chance: float, fields: Callable[[SiteObject], Json] | None = None
    ) -> None:
        for tenant in self.tenants:
            for name in NAMES:
                if self.dice.random() < chance:
                    identity = Identity(api, tenant, cloud, name)
                    obj = SiteObject(identity, declared=self.dice.random() < 0.7)
                    obj.fields = fields(obj) if fields else {}
                    self.objects[identity] = obj

    def _draw(self) -> None:
        for cloud in self.clouds:
            if CLOUDS[cloud] != "CLOUD_NSXT":  # there they come with their T1 gateways
                self._add("vrfcontext", cloud, 0.4)
            self._add("serviceenginegroup", cloud, 0.3, self._group)
            if CLOUDS[cloud] == "CLOUD_NONE":
                self._add("network", cloud, 0.4, self._network)
        self._add("ipamdnsproviderprofile", "", 0.4, self._profile)
        for cloud in self.clouds:
            if CLOUDS[cloud] == "CLOUD_NONE":
                self._add("virtualservice", cloud, 0.4, self._service)
        for cloud in self.clouds:
            identity = Identity("cloud", "admin", "", cloud)
            self.objects[identity] = SiteObject(identity, declared=True)
            self.objects[identity].fields = self._cloud(self.objects[identity])

    def _group(self, obj: SiteObject) -> Json:
        dice = self.dice
        placed = CLOUDS[obj.identity.cloud] in ("CLOUD_VCENTER", "CLOUD_NSXT")
        return {
            "ha_mode": dice.choice(list(MODES)),
            "buffer": dice.randint(0, 3),
            "name_prefix": dice.choice(NAMES) + str(dice.randint(1, 9)),
            **({"folder": f"SE-{dice.choice(NAMES)}"} if placed else {}),
        }

    def _network(self, obj: SiteObject) -> Json:
        vrfs = self.named_by(obj, "vrfcontext", obj.identity.cloud)
        subnet = f"10.{self.dice.randint(1, 250)}.{len(self.objects) % 250}"
        return {
            "vrf": self.dice.choice(vrfs) if vrfs else None,
            "dhcp": self.dice.random() < 0.5,
            "subnets": {subnet: (self.dice.randint(10, 50), self.dice.randint(51, 90))},
        }

    def _profile(self, obj: SiteObject) -> Json:
        networks = self.named_by(obj, "network")
        count = min(len(networks), self.dice.randint(0, 3))
        return {
            "allocate_in_vrf": self.dice.random() < 0.5,
            "usable_networks": self.dice.sample(networks, count),
        }

    def _service(self, obj: SiteObject) -> Json:
        groups = self.named_by(obj, "serviceenginegroup", obj.identity.cloud)
        names = self.dice.sample(NAMES, self.dice.randint(1, 3))
        return {
            "enabled": self.dice.random() < 0.5,
            "se_group": self.dice.choice(groups) if groups else None,
            "ports": tuple(sorted(self.dice.sample(range(53, 60), self.dice.randint(1, 2)))),
            "records": {f"{name}.test": self._record() for name in names},
        }

    def _record(self) -> tuple[int, str]:
        """A record's seconds to live, and its address."""
        return self.dice.choice((30, 60, 300)), f"192.0.2.{self.dice.randint(1, 250)}"

    def _cloud(self, obj: SiteObject) -> Json:
        profiles = self.named_by(obj, "ipamdnsproviderprofile")
        chosen = self.dice.choice(profiles) if profiles and self.dice.random() < 0.8 else None
        return {"ipam_profile": chosen}

    # -- as a file

    def file(self) -> Json:
        """The environment file's content: every declared object, references in the shortest spelling that is exact."""
        declared: dict[str, list[Json]] = {}
        for obj in self.objects.values():
            if obj.declared:
                declared.setdefault(SECTIONS[obj.identity.api], []).append(self._entry(obj))
        return {"name": "random", "controller": {"address": "controller.test"}, **declared}

    def _entry(self, obj: SiteObject) -> Json:
        api, tenant, cloud, name = obj.identity
        entry: Json = {"name": name}
        if tenant != "admin" or self.dice.random() < 0.3:
            entry["tenant"] = tenant
        if cloud:
            entry["cloud"] = cloud
        if api == "cloud":
            entry["type"] = WORDS[CLOUDS[name]]
        for word, value in obj.fields.items():
            if value is not None:
                entry[FILE_WORDS.get(word, word)] = self._written(obj.identity, word, value)
        return entry

    def _written(self, owner: Identity, word: str, value: Any) -> Any:
        """A declared value as a file has it."""
        if isinstance(value, Identity):
            return self._spelled(owner, value)
        if word == "usable_networks":
            return [self._spelled(owner, each) for each in value]
        if word == "ports":
            return [{"port": port, "protocol": "udp"} for port in value]
        if word == "records":
            return [
                {"name": name, "type": "A", "ttl": ttl, "addresses": [address]}
                for name, (ttl, address) in value.items()
            ]
        if word == "subnets":
            return [
                {"prefix": f"{head}.0/24", "pools": [{"range": f"{head}.{begin}-{head}.{end}"}]}
                for head, (begin, end) in value.items()
            ]
        return value

    def _spelled(self, owner: Identity, target: Identity) -> Any:
        spelled: Json = {"name": target.name}
        if target.cloud != owner.cloud:
            spelled["cloud"] = target.cloud
        own = target._replace(tenant=owner.tenant)
        if target.tenant != owner.tenant and (target.tenant != "admin" or own in self.objects):
            spelled["tenant"] = target.tenant
        return spelled if len(spelled) > 1 else target.name
