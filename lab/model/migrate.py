"""The spellings that changed between model versions, as data.

The store keeps the newest spelling, whatever the Controller's own version is. `up` rewrites what a client of
an older model wrote, `down` what such a client reads. When a rule applies follows from the lifetimes of the
fields it names: `up` whenever the old one was sent, `down` where the old one lives and the new one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from avi_schema import Message, Version

Json = dict[str, Any]

SHARED_RANGE = "STATIC_IPS_FOR_VIP_AND_SE"
LABELLED = """
AnalyticsProfile ApplicationPersistenceProfile AutoScaleLaunchConfig DnsPolicy ErrorPageBody ErrorPageProfile
GslbGeoDbProfile GslbService HTTPPolicySet HardwareSecurityModuleGroup IPReputationDB IpAddrGroup
IpamDnsProviderProfile L4PolicySet NatPolicy Network NetworkProfile NetworkSecurityPolicy NetworkService PKIProfile
PingAccessAgent Pool PoolGroup PoolGroupDeploymentPolicy PriorityLabels ProtocolParser SSLKeyAndCertificate SSLProfile
SSOPolicy SecurityPolicy ServerAutoScalePolicy StringGroup TrafficCloneProfile VSDataScriptSet VirtualService
VrfContext VsVip WafPolicy WafPolicyPSMGroup WafProfile
"""
"""The messages whose `labels` gave way to `markers`; of a Service Engine group both live on."""


class Rule(Protocol):
    """One change of spelling inside one message. Both directions edit the message in place."""

    @property
    def message(self) -> str:
        """The message it happens in."""

    @property
    def old(self) -> tuple[str, ...]:
        """The members only older models have."""

    @property
    def new(self) -> str | None:
        """The member that took their place, None if nothing did."""

    def up(self, body: Json) -> None:
        """Replace the old members, if there, by the new one."""

    def down(self, body: Json) -> None:
        """Replace the new member, if there, by the old ones."""


@dataclass(frozen=True, slots=True)
class Move:
    """One member became another: its value converted, in both directions where the old one can hold it."""

    message: str
    source: str
    new: str
    convert: Callable[[Any], Any]
    revert: Callable[[Any], Any] | None

    @property
    def old(self) -> tuple[str, ...]:
        """The members only older models have."""
        return (self.source,)

    def up(self, body: Json) -> None:
        """Replace the old member. Where a client sent both, lists are joined; of scalars the new one wins."""
        if self.source not in body:
            return
        value = self.convert(body.pop(self.source))
        known = body.get(self.new)
        if known is None:
            body[self.new] = value
        elif isinstance(known, list):
            known += [each for each in value if each not in known]

    def down(self, body: Json) -> None:
        """Replace the new member by the old spelling."""
        if self.revert is not None and self.new in body:
            value = self.revert(body.pop(self.new))
            if value not in ([], None):
                body[self.source] = value


@dataclass(frozen=True, slots=True)
class FlatVip:
    """Before 17.1 a virtual service had its one address on itself [REC: what a 16.4 reader sees]."""

    message: str = "VirtualService"
    new: str = "vip"
    old: tuple[str, ...] = (
        "auto_allocate_floating_ip",
        "auto_allocate_ip",
        "availability_zone",
        "avi_allocated_fip",
        "avi_allocated_vip",
        "discovered_networks",
        "floating_ip",
        "floating_subnet_uuid",
        "ip_address",
        "ipam_network_subnet",
        "network_ref",
        "port_uuid",
        "subnet",
        "subnet_uuid",
    )

    def up(self, body: Json) -> None:
        """Make the flat members the first `vip`, unless the client names its addresses the newer way."""
        flat = {name: body.pop(name) for name in self.old if name in body}
        wanted = any(flat.values())  # a client that echoes what it read sends only false flags
        if wanted and "vip" not in body and "vsvip_ref" not in body:
            body["vip"] = [flat]

    def down(self, body: Json) -> None:
        """Spread the first `vip` over the virtual service."""
        vips = body.pop("vip", None) or [{}]
        body |= {name: vips[0][name] for name in self.old if name in vips[0]}


@dataclass(frozen=True, slots=True)
class ServerCount:
    """A 16.4 reader sees how many servers a pool has [REC]."""

    message: str = "Pool"
    old: tuple[str, ...] = ("server_count",)
    new: str | None = None

    def up(self, body: Json) -> None:
        """Forget the count: it is only read."""
        body.pop("server_count", None)

    def down(self, body: Json) -> None:
        """Count the servers."""
        body["server_count"] = len(body.get("servers", ()))


def _same(value: Any) -> Any:
    return value


def _opposite(value: Any) -> bool:
    return not value


def _typed_ranges(ranges: Iterable[Json]) -> list[Json]:
    return [{"range": each, "type": SHARED_RANGE} for each in ranges]


def _typed_addresses(addresses: Iterable[Json]) -> list[Json]:
    return _typed_ranges({"begin": dict(each), "end": dict(each)} for each in addresses)


def _plain_ranges(ranges: Iterable[Json]) -> list[Json]:
    """The type of a range is lost: older models gave every range to VIPs and Service Engines alike."""
    return [each["range"] for each in ranges if "range" in each]


def _usable_networks(refs: Iterable[str]) -> list[Json]:
    return [{"nw_ref": ref} for ref in refs]


def _network_refs(networks: Iterable[Json]) -> list[str]:
    return [each["nw_ref"] for each in networks if "nw_ref" in each]


def _markers(labels: Iterable[Json]) -> list[Json]:
    return [
        {"key": each["key"]} | ({"values": [each["value"]]} if "value" in each else {})
        for each in labels
        if "key" in each
    ]


def _labels(markers: Iterable[Json]) -> list[Json]:
    return [
        {"key": each["key"]} | ({"value": each["values"][0]} if each.get("values") else {})
        for each in markers
        if "key" in each
    ]


RULES: tuple[Rule, ...] = (
    Move("Subnet", "static_ranges", "static_ip_ranges", _typed_ranges, _plain_ranges),
    Move("Subnet", "static_ips", "static_ip_ranges", _typed_addresses, None),
    Move("IpamDnsInternalProfile", "usable_network_refs", "usable_networks", _usable_networks, _network_refs),
    Move("VirtualService", "vh_parent_vs_uuid", "vh_parent_vs_ref", _same, _same),
    *(
        # The Ansible modules of 18.2 disable what models from 20.1.3 enable [CLIENT].
        Move("AnalyticsProfile", f"disable_{what}", f"enable_{what}", _opposite, _opposite)
        for what in ("ondemand_metrics", "se_analytics", "server_analytics", "vs_analytics")
    ),
    *(
        # [INF]: both carry the labels of granular access
        Move(message, "labels", "markers", _markers, _labels)
        for message in LABELLED.split()
    ),
    FlatVip(),
    ServerCount(),
)


def rules_up(message: Message) -> tuple[Rule, ...]:
    """The rules a written message passes: those whose new spelling the table has (an old table may not)."""
    return tuple(
        rule
        for rule in RULES
        if rule.message == message.name and (rule.new is None or rule.new in message.fields)
    )


def rules_down(message: Message, version: Version) -> tuple[Rule, ...]:
    """The rules a message passes on its way to a reader of the model `version`."""

    def applies(rule: Rule) -> bool:
        new = message.fields.get(rule.new) if rule.new else None
        old = [message.fields[name] for name in rule.old if name in message.fields]
        return any(each.lives(version) for each in old) and not (new is not None and new.lives(version))

    return tuple(rule for rule in rules_up(message) if applies(rule))
