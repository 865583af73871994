"""Settings of AKO as its code reads them: the ConfigMap's texts as names, switches and lists, with its own defaults.

Read as Go reads them: `ParseBool` for switches, `encoding/json` for lists, plain comparison for words.
"""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from avi_schema import Version
from intent.ako import CREATOR, may_name_cluster
from intent.ako.values import LISTS, AkoLogin, AkoValues

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
"""What Go's ParseBool takes for true and for false; of anything else AKO takes the default of its code."""
SHARDS = {"LARGE": 8, "MEDIUM": 4, "SMALL": 1, "DEDICATED": 0}
FQDN_FORMS = ("default", "flat")
FAMILIES = ("V4", "V6", "V4_V6")
MOST_NODE_NETWORKS = 5
VPC_MODE: Version = (1, 13, 3)
"""The first version that knows `vpcMode`."""
OWN_TYPES = (
    *("virtualservice", "vsvip", "l4policyset", "httppolicyset", "vsdatascriptset", "poolgroup", "pool"),
    *("sslkeyandcertificate", "pkiprofile"),
)
"""Types of what an AKO makes, in the order in which it deletes them [CLIENT]."""
NODE_PORT, NODE_PORT_LOCAL, CLUSTER_IP = "NodePort", "NodePortLocal", "ClusterIP"

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_CIDR4 = re.compile(rf"^(?:{_OCTET}\.){{3}}{_OCTET}/(?:3[0-2]|[12]?\d)?$", re.ASCII)
"""AKO's own pattern of an IPv4 range: it takes an empty mask."""
_MASK6 = re.compile(r"12[0-8]|1[01]\d|[1-9]?\d", re.ASCII)


@dataclass(frozen=True)
class NetworkGiven:
    """An element of vipNetworkList or nodeNetworkList. `name` and `uuid`: one of them, as a rule."""

    name: str = ""
    uuid: str = ""
    cidr: str = ""
    cidr6: str = ""
    cidrs: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is named by."""
        return self.uuid or self.name

    def subnets(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The ranges that VIPs are asked from, those that can be read."""
        nets = []
        for text in (self.cidr, self.cidr6):
            if "/" not in text:
                continue
            try:
                nets.append(ipaddress.ip_network(text, strict=False))
            except ValueError:
                continue
        return tuple(nets)

    def malformed(self) -> str:
        """The range that AKO's own patterns refuse; "" where they take both."""
        if self.cidr and not _CIDR4.fullmatch(self.cidr):
            return self.cidr
        return self.cidr6 if self.cidr6 and not is_cidr6(self.cidr6) else ""


@dataclass(frozen=True)
class Given:
    """A list as AKO reads it. `problem`: why it refuses it, as its texts are told apart: unset, json, several, many."""

    networks: tuple[NetworkGiven, ...] = ()
    problem: str = ""


def is_cidr(text: str) -> bool:
    """What Go's net.ParseCIDR takes: host bits may be set, the mask must be there."""
    address, _, mask = text.partition("/")
    try:
        most = ipaddress.ip_address(address).max_prefixlen
    except ValueError:
        return False
    digits = mask.lstrip("0") or mask[-1:]  # zeros before a mask are taken, as many as there are
    return (
        "%" not in address and re.fullmatch(r"\d{1,3}", digits, re.ASCII) is not None and int(digits) <= most
    )


def is_cidr6(text: str) -> bool:
    """What AKO's pattern of an IPv6 range takes: the mask without zeros before it."""
    return ":" in text and is_cidr(text) and _MASK6.fullmatch(text.partition("/")[2]) is not None


@dataclass(frozen=True)
class Settings:
    """What one AKO works with. `version` is its own, `kubernetes` that of its cluster, () where it is not declared."""

    values: AkoValues
    version: Version
    kubernetes: Version = ()

    def text(self, key: str) -> str:
        """A ConfigMap's text; "" where it is not there."""
        return self.values.texts.get(key, "")

    def switch(self, key: str, *, default: bool = False) -> bool:
        """A switch; the default of AKO's code where it is not there, or no word of a switch."""
        return self.text(key) not in FALSE if default else self.text(key) in TRUE

    @property
    def login(self) -> AkoLogin:
        """With what it logs in."""
        return self.values.login

    @property
    def cluster(self) -> str:
        """Its cluster's name."""
        return self.text("clusterName")

    @property
    def cluster_is_valid(self) -> bool:
        """Whether the name has AKO's form, empty ones included; its length is never tested."""
        return may_name_cluster(self.cluster)

    @property
    def cloud(self) -> str:
        """The cloud's name."""
        return self.text("cloudName") or "Default-Cloud"

    @property
    def tenant(self) -> str:
        """The tenant's name."""
        return self.text("tenantName") or "admin"

    @property
    def se_group(self) -> str:
        """The Service Engine group's name."""
        return self.text("serviceEngineGroupName") or "Default-Group"

    @property
    def vrf(self) -> str:
        """The VRF context's name; "" where that of the VIP network is taken."""
        return self.text("vrfName")

    @property
    def tier1(self) -> str:
        """The path of the T1 gateway."""
        return self.text("nsxtT1LR")

    @property
    def service_type(self) -> str:
        """How services are reached, by the word as given."""
        return self.text("serviceType") or CLUSTER_IP

    @property
    def cni(self) -> str:
        """The CNI plugin's name."""
        return self.text("cniPlugin")

    @property
    def vpc(self) -> bool:
        """Whether it works in NSX VPC mode, which versions before 1.13.3 do not know."""
        return self.version >= VPC_MODE and self.switch("vpcMode")

    @property
    def primary(self) -> bool:
        """Whether it is the cluster's primary instance."""
        return self.switch("primaryInstance", default=True)

    @property
    def static_routes(self) -> bool:
        """Whether it writes routes to the nodes."""
        return not self.switch("disableStaticRouteSync")

    @property
    def deletes_own(self) -> bool:
        """Whether it deletes all that it has made, and writes nothing else: AKO knows this one word for it."""
        return self.text("deleteConfig") == "true"

    @property
    def creator(self) -> str:
        """The `created_by` of all it makes; a further instance adds its namespace, `<namespace>` for an unknown one."""
        own = f"{CREATOR}{self.cluster}"
        return own if self.primary else f"{own}-{self.values.namespace or '<namespace>'}"

    @property
    def writes_routes(self) -> bool:
        """Whether it writes routes to its nodes' pod networks."""
        reached_otherwise = self.service_type in (NODE_PORT, NODE_PORT_LOCAL)
        return self.static_routes and self.primary and not reached_otherwise

    @property
    def shards(self) -> int:
        """How many shared virtual services it makes; an unknown size counts as one."""
        return SHARDS.get(self.text("shardVSSize"), 1)

    def family(self, cloud_type: str) -> str:
        """The family of addresses in a type of cloud; elsewhere than in these the given one is not looked at."""
        if cloud_type in ("CLOUD_VCENTER", "CLOUD_NONE", "CLOUD_NSXT"):
            return self.text("ipFamily") or "V4_V6"
        return "V4"

    @cached_property
    def bgp_labels(self) -> tuple[str, ...]:
        """Labels of BGP peers; what cannot be read counts as none."""
        try:
            data = _json(self.text("bgpPeerLabels"))
        except ValueError:
            return ()
        labels = ["" if each is None else each for each in data] if isinstance(data, list) else []
        return tuple(map(_text, labels)) if all(isinstance(each, str) for each in labels) else ()

    def vip_networks(self, cloud_type: str) -> Given:
        """The VIP networks in a type of cloud; in VPC mode the list is not looked at."""
        if self.vpc:
            return Given()
        given = _networks(self.text("vipNetworkList"), LISTS["vipNetworkList"])
        if len(given.networks) > 1 and cloud_type != "CLOUD_AWS":
            return Given(problem="several")
        return given

    @cached_property
    def node_networks(self) -> Given:
        """The networks of the cluster's nodes."""
        given = _networks(self.text("nodeNetworkList"), LISTS["nodeNetworkList"])
        if len(given.networks) > MOST_NODE_NETWORKS:
            return Given(problem="many")
        return given


def is_whole(text: str) -> bool:
    """What Go's strconv.Atoi takes."""
    match = re.fullmatch(r"([+-]?)0*(\d{1,19})", text, re.ASCII)
    return match is not None and -(2**63) <= int("".join(match.groups())) < 2**63


def _json(text: str) -> Any:
    """A text as Go reads JSON: names of members in any case, the last of several counts, and null changes nothing.

    Raises ValueError for what is none, or is nested too deeply.
    """

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name.lower(): value for name, value in pairs if value is not None}

    def no_json(constant: str) -> Any:
        raise ValueError(constant)

    try:
        return json.loads(text, object_pairs_hook=members, parse_constant=no_json)
    except RecursionError as error:
        raise ValueError(text) from error


def _networks(text: str, members: tuple[str, ...]) -> Given:
    """A list of networks, of which these members are read and others passed over."""
    if text in ("", "null"):
        return Given(problem="unset")
    try:
        data = _json(text)
        if not isinstance(data, list):
            return Given() if data is None else Given(problem="json")
        return Given(tuple(_network(element, {name.lower() for name in members}) for element in data))
    except (ValueError, TypeError):
        return Given(problem="json")


def _network(element: Any, members: set[str]) -> NetworkGiven:
    """One element. Raises TypeError where Go would refuse it."""
    if element is not None and not isinstance(element, dict):
        raise TypeError
    own = {name: value for name, value in (element or {}).items() if name in members}
    cidrs = own.pop("cidrs", [])
    texts = [own.get(name, "") for name in ("networkname", "networkuuid", "cidr", "v6cidr")]
    ranges = ["" if each is None else each for each in cidrs] if isinstance(cidrs, list) else [cidrs, None]
    if not all(isinstance(each, str) for each in (*texts, *ranges)):
        raise TypeError
    name, uuid, cidr, cidr6 = texts
    return NetworkGiven(_text(name), _text(uuid), _text(cidr), _text(cidr6), tuple(map(_text, ranges)))


def _text(text: str) -> str:
    """A text as Go keeps it: half of a letter that JSON writes in two halves is no letter."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
