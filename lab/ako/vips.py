"""VIP networks as AKO finds them: by name or uuid, among namesakes, in the VRF context that is asked for [CLIENT]."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote_plus

from lab.ako.api import Api, ApiError, named
from lab.ako.labels import groups
from lab.ako.settings import Settings
from lab.cloud.common import uuid_of
from lab.objects import Json

V4_CIDR = re.compile(
    r"^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)/(3[0-2]|[12]?\d)?$"
)
V6_MASK = re.compile(r"12[0-8]|1[01]\d|[1-9]?\d", re.ASCII)
VIP_MEMBERS = ("networkName", "networkUUID", "cidr", "v6cidr")
NODE_MEMBERS = ("networkName", "networkUUID", "cidrs")
SEVERAL = "more than one network specified in VIP Network List and Cloud type is not AWS"


@dataclass
class Vip:
    """A network of the VIP list as given, and the Controller's object of it once it is known."""

    given: Json
    network: Json | None = None

    def value(self, member: str) -> str:
        """A member as text: `networkName`, `networkUUID`, `cidr`, `v6cidr`."""
        return str(self.given.get(member) or "")

    @property
    def ref(self) -> str:
        """How a VIP refers to it: by its uuid where that is known or given, else by its name [CLIENT]."""
        uuid = self.network["uuid"] if self.network else self.value("networkUUID")
        return f"/api/network/{uuid}" if uuid else f"/api/network?name={self.value('networkName')}"


@dataclass
class VipNetworks:
    """The VIP networks of one AKO in its cloud; `known` are those that its start has found so far."""

    api: Api
    settings: Settings
    cloud: Json
    known: list[Vip] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def read(self) -> tuple[list[Vip], str]:
        """The networks of the list, and what is wrong with it; in VPC mode it is not looked at."""
        if self.settings.vpc:
            return [], ""
        networks, unset = listed(self.settings.get("NetworkSettings.vipNetworkList"), {})
        if unset:
            return [], "vipNetworkList not set in values.yaml"
        if networks is None or not all(unmarshals(each, VIP_MEMBERS) for each in networks):
            return [], "unable to unmarshall json for vipNetworkList"
        if len(networks) > 1 and self.cloud.get("vtype") != "CLOUD_AWS":
            return [], SEVERAL
        return [Vip(each) for each in networks], ""

    def resolve(self, vip: Vip) -> tuple[str, str] | None:
        """Find a network where Service Engines have vNICs on networks: None, or the step and the text of why not."""
        vrf, uuid, name = self.settings.vrf, vip.value("networkUUID"), vip.value("networkName")
        try:
            if not uuid:
                uri = named("network", name, cloud_ref__name=self.settings.cloud)
                uri += f"&vrf_context_ref.name={quote_plus(vrf)}" if vrf else ""
                answer = self.api.get(uri)
                if not answer["count"]:
                    return "V4d", f"network {name} not found under vrf {vrf}"
                vip.network = self._pick(answer["results"], vip)
            elif vrf:
                vip.network = self.by_uuid(uuid)
                if hash_name(vip.network.get("vrf_context_ref")) != vrf:
                    return "V4c", f"network {uuid} does not have vrf {vrf}"
        except ApiError as error:
            if uuid:
                return "V4c", f"no network with UUID {uuid} found"
            return "V4d", f"Get uri {uri} returned err {error}"
        return None

    def by_uuid(self, uuid: str) -> Json:
        """A network by its uuid. Raises ApiError."""
        network: Json = self.api.get(
            f"/api/network/{uuid}?cloud_uuid={self.cloud.get('uuid', '')}&include_name"
        )
        return network

    def checked(self, vip: Vip) -> Json | None:
        """The network of a VIP list's entry that is well written and there; None with the reason in the log."""
        name, uuid = vip.value("networkName"), vip.value("networkUUID")
        for member, fits in (("cidr", V4_CIDR.fullmatch), ("v6cidr", _is_v6)):
            if (value := vip.value(member)) and not fits(value):
                where = f"{value} detected for networkName {name} in vipNetworkList"
                self.lines.append(f"ERROR\tinvalid CIDR configuration {where}")
                return None
        uri = named("network", name, cloud_ref__name=self.settings.cloud)
        try:
            networks = [self.by_uuid(uuid)] if uuid else self.api.get(uri)["results"]
        except ApiError as error:
            self.lines.append(f"WARN\tGet uri {uri} returned err {error}")
            return None
        if not networks:
            self.lines.append(f"WARN\tNo networks found for vipNetwork: {name}")
            return None
        return vip.network or networks[0]

    def _pick(self, namesakes: list[Json], vip: Vip) -> Json:
        """One of several networks of a name: by subnet as text, else by its hosts in common with management's."""
        if len(namesakes) == 1 or self.cloud.get("vtype") != "CLOUD_VCENTER":
            return namesakes[0]
        asked = [value for member in ("cidr", "v6cidr") if (value := vip.value(member))]
        for network in namesakes:
            if any(asked == [subnet] for subnet in subnets(network)):
                return network
        hosts = self._hosts(uuid_of(self._management()))
        return max(namesakes, key=lambda each: (len(hosts & self._hosts(each["uuid"])), bool(subnets(each))))

    def _management(self) -> str:
        own = groups(self.api, self.settings, [self.settings.group])
        network = own[0].get("mgmt_network_ref") if own else None
        return str(network or self.cloud.get("vcenter_configuration", {}).get("management_network", ""))

    def _hosts(self, uuid: str) -> set[str]:
        try:
            return set(self.api.get(f"/api/vimgrnwruntime/{uuid}").get("host_refs", []))
        except ApiError:
            return set()


def listed(value: Any, empty: Any) -> tuple[list[Any] | None, bool]:
    """A value that is to be a list: the list, or None; and whether nothing was given. `empty`: what Go makes of a null.

    The chart writes every value as JSON, so that a text is never a list to AKO, whatever it holds.
    """
    rows = [empty if each is None else each for each in value] if isinstance(value, list) else None
    return rows, value is None


def parses(cidr: str) -> bool:
    """Whether Go's net.ParseCIDR takes it: the mask in digits, with any zeros before them."""
    address, _, mask = cidr.partition("/")
    try:
        most = ip_address(address).max_prefixlen
    except ValueError:
        return False
    digits = mask.lstrip("0")
    return mask.isascii() and mask.isdigit() and "%" not in address and len(digits) < 4 and int(mask) <= most


def _is_v6(text: str) -> bool:
    return ":" in text and parses(text) and V6_MASK.fullmatch(text.partition("/")[2]) is not None


def unmarshals(entry: Any, members: tuple[str, ...]) -> bool:
    """Whether an entry of a list of networks fits Go's type of it: a mapping of texts; a number is none [CLIENT].

    Members of other types are passed over, whatever they hold.
    """
    if not isinstance(entry, dict):
        return False
    values = {member: entry.get(member) for member in members}
    cidrs = values.pop("cidrs", None) or []
    texts = [*values.values(), *(cidrs if isinstance(cidrs, list) else [0])]
    return all(each is None or isinstance(each, str) for each in texts)


def subnets(network: Json) -> list[str]:
    """The configured subnets of a network as text, `10.10.25.0/24`."""
    prefixes = (each.get("prefix", {}) for each in network.get("configured_subnets", []))
    return [f"{each.get('ip_addr', {}).get('addr')}/{each.get('mask')}" for each in prefixes]


def hash_name(ref: object) -> str:
    """The name behind the `#` of a reference."""
    return str(ref or "").partition("#")[2]
