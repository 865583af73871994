"""Validation at AKO's start: its steps against the Controller in their order, with AKO's own texts [CLIENT].

All steps run after one has failed, but for that of the VRF context; AKO logs the text of the last failure. Step names
are those of AKO's source as the project lists them: V1 tenant, V2 cloud, V3 VRF context, V4 required values, V5 Service
Engine group, V6 node networks, V7 BGP, V8 public cloud, V9 VRF context of the VIP network, V10 CNI, V11 IPv6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from lab.ako.api import Api, ApiError, named
from lab.ako.labels import go_json, group_uri, groups, label_group
from lab.ako.settings import Settings
from lab.ako.vips import NODE_MEMBERS, Vip, VipNetworks, hash_name, listed, parses, unmarshals
from lab.objects import Json

PUBLIC = frozenset({"CLOUD_AWS", "CLOUD_AZURE", "CLOUD_GCP", "CLOUD_OPENSTACK"})
BY_NAME = ("CLOUD_VCENTER", "CLOUD_NONE")
"""Clouds in which AKO looks the VIP network up before it works, and asks for a VRF context by name."""
DUAL = (*BY_NAME, "CLOUD_NSXT")
NAME = re.compile(r"[a-zA-Z0-9-_]*")
MOST_NODE_NETWORKS = 5


class Crashes(Exception):
    """AKO ends with a trace of its own."""


@dataclass(frozen=True)
class Failure:
    """A step that failed: its `group`, R (AKO starts anew) or S (sync is off); `soft` where it boots all the same."""

    step: str
    group: str
    text: str
    soft: bool = False


class _Stop(Exception):
    """No step after this one is taken."""


@dataclass
class Preflight:
    """One validation: what failed, what was learnt on the way, and the lines of the log."""

    api: Api
    settings: Settings
    failures: list[Failure] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    cloud: Json = field(default_factory=dict)
    vips: list[Vip] = field(default_factory=list)
    """The VIP networks as far as they were resolved."""
    vrf: str = ""
    """The VRF context that pods are routed in."""

    @property
    def kind(self) -> str:
        """The type of the cloud, which is taken for vCenter until it is known [CLIENT]."""
        return str(self.cloud.get("vtype", "CLOUD_VCENTER"))

    def run(self) -> bool:
        """Take every step; whether AKO goes on. Raises Hangs and Crashes."""
        try:
            for step in (
                self._tenant,
                self._cloud,
                self._vrf_context,
                self._required,
                self._group,
                self._node_networks,
                self._bgp,
                self._public,
                self._vip_vrf,
                self._cni,
                self._family,
            ):
                step()
        except _Stop:
            pass
        return not any(not failure.soft for failure in self.failures)

    def fail(self, step: str, group: str, text: str, *, soft: bool = False) -> None:
        """Note a failure."""
        self.failures.append(Failure(step, group, text, soft))

    def _tenant(self) -> None:
        tenant = self.settings.tenant
        old = self.settings.version < (1, 13, 2)  # its name is put into the address as it is [CLIENT]
        uri = f"/api/tenant/?include_name&name={tenant}" if old else named("tenant", tenant)
        try:
            count = self.api.get(uri)["count"]
        except ApiError as error:
            self.fail("V1", "S", f"get uri {uri} returned err {error}")
            return
        if count != 1:
            self.fail("V1", "S", f"tenant details not found for the tenant: {tenant}")

    def _cloud(self) -> None:
        uri = named("cloud", self.settings.cloud)
        try:
            answer = self.api.get(uri)
        except ApiError as error:
            self.fail("V2a", "R", f"Get uri {uri} returned err {error}")
            return
        if answer["count"] != 1:
            self.fail("V2b", "R", f"Cloud details not found for cloud name: {self.settings.cloud}")
            return
        self.cloud = answer["results"][0]
        if (problem := self._cloud_problem()) is not None:
            self.fail(*problem)

    def _cloud_problem(self) -> tuple[str, str, str] | None:
        """The first thing that is wrong with the cloud. Up to 1.13.1 the VIP networks come first [CLIENT]."""
        old = self.settings.version < (1, 13, 2)
        vpc = self.settings.vpc
        if not self.cloud.get("ipam_provider_ref") and self.kind not in PUBLIC and not vpc:
            return "V2c", "R", "Cloud does not have a ipam_provider_ref configured"
        if self.kind == "CLOUD_VCENTER" and not self.cloud.get("vcenter_configuration", {}).get(
            "management_network"
        ):
            raise Crashes("panic: runtime error: invalid memory address: management_network of the cloud")
        if old:
            return self._vip_problem(vpc=False) or self._tier1_problem(vpc=False, old=True)
        return self._tier1_problem(vpc=vpc, old=False) or self._vip_problem(vpc=vpc)

    def _tier1_problem(self, *, vpc: bool, old: bool) -> tuple[str, str, str] | None:
        tier1 = self.settings.tier1
        if self.kind == "CLOUD_NSXT":
            data = self.cloud.get("nsxt_configuration", {}).get("data_network_config", {})
            if "tz_type" not in data:
                raise Crashes("panic: runtime error: data_network_config of the cloud is nil")
            zone = "" if old else data["tz_type"]  # up to 1.13.1 it is not known at the first start
            if zone == "OVERLAY" and not tier1:
                why = "with overlay transport zone but the T1 LR mapping is not provided"
                return "V2d", "R", f"Cloud is configured as NSX-T {why}"
            if zone == "VLAN" and tier1:
                why = "with VLAN transport zone but the T1 LR mapping is provided"
                return "V2e", "R", f"Cloud configured as NSX-T {why}"
            return None
        if tier1:
            return "V2f", "R", "Cloud is not configured as NSX-T but the T1 LR mapping is provided"
        if vpc:
            return "V2g", "R", "Cloud is not configured as NSX-T but VPC mode is enabled"
        return None

    def _vip_problem(self, *, vpc: bool) -> tuple[str, str, str] | None:
        networks, why = self._networks.read()
        if why:
            return "V2h", "R", f"error in getting VIP network {why}, shutting down AKO"
        if not networks and not vpc:
            return "V2j", "R", "No user input detected for vipNetworkList."
        problems = [self._networks.resolve(each) for each in networks] if self.kind in BY_NAME else []
        if problems and None not in problems:
            return "V2i", "R", problems[-1][1] if problems[-1] else ""
        self.vips = networks
        return None

    @property
    def _networks(self) -> VipNetworks:
        return VipNetworks(self.api, self.settings, self.cloud, lines=self.lines)

    def _vrf_context(self) -> None:
        vrf = self.settings.vrf
        if not vrf or self.kind not in BY_NAME:
            return
        uri = named("vrfcontext", vrf, cloud_ref__name=self.settings.cloud)
        try:
            answer = self.api.or_admin("GET", uri, after=(403, 404))
        except ApiError as error:
            self.fail("V3", "R", f"get uri {uri} returned err {error}")
            raise _Stop from None
        if answer["count"] != 1:
            self.fail("V3", "R", f"vrf {vrf} details not found")
            raise _Stop

    def _required(self) -> None:
        cluster = self.settings.cluster
        if not cluster:
            self.fail("V4", "S", "Required param clusterName not specified, syncing will be disabled")
            return
        if not NAME.fullmatch(cluster):
            why = "alphanumeric characters or '-'/'_' (max 32 chars), syncing will be disabled"
            self.fail("V4", "S", f"clusterName must consist of {why}")
            return
        networks, why = self._networks.read()
        if why:
            self.fail("V4b", "S", f"error in getting VIP network {why}, shutting down AKO")
            return
        for each in networks if self.kind in BY_NAME else ():
            if (problem := self._networks.resolve(each)) is not None:
                self.fail(problem[0], "S", problem[1])
                return
        self.vips = networks

    def _group(self) -> None:
        given = self.settings
        if (
            given.flag("AKOSettings.disableStaticRouteSync")
            or given.service_type in ("NodePort", "NodePortLocal")
            or (self.kind == "CLOUD_NSXT" and given.text("AKOSettings.cniPlugin") == "ncp")
        ):
            self.lines.append("INFO\tSkipping the check for SE group labels")
            return
        names = [*dict.fromkeys((*given.infra_settings, given.group))]
        try:
            labelled = groups(self.api, given, names)
        except ApiError as error:
            self.fail("V5", "R", f"Get uri {group_uri(given, names)} returned err {error}")
            return
        for group in labelled:
            if (problem := label_group(self.api, given, group)) is not None:
                self.fail(problem[0], "R", problem[1])
                return

    def _node_networks(self) -> None:
        if self.kind != "CLOUD_VCENTER":
            self.lines.append("INFO\tSkipping the check for Node Network")
            return
        networks, unset = listed(self.settings.get("NetworkSettings.nodeNetworkList"), {})
        why = "nodeNetworkList not set in values yaml" if unset else ""
        if not unset and (networks is None or not all(unmarshals(each, NODE_MEMBERS) for each in networks)):
            why = "Unable to unmarshall json for nodeNetworkMap"
        elif networks and len(networks) > MOST_NODE_NETWORKS:
            why = f"Maximum of {MOST_NODE_NETWORKS} entries are allowed for nodeNetworkMap"
        if why:
            text = f"fetching node network list failed with error: {why}, syncing will be disabled"
            self.fail("V6", "R", text)
            return
        for network in networks or ():
            if (problem := self._node_network(network)) is not None:
                self.fail(problem[0], "R", problem[1])
                return

    def _node_network(self, given: Json) -> tuple[str, str] | None:
        for cidr in given.get("cidrs") or ():
            if not parses(cidr or ""):
                why = f"Failed with error: invalid CIDR address: {cidr or ''}"
                return "V6b", f"value of CIDR couldn't be parsed. {why}"
        vrf, uuid, name = self.settings.vrf, given.get("networkUUID", ""), given.get("networkName", "")
        if uuid:
            try:
                network = self._networks.by_uuid(uuid)
            except ApiError:
                return "V6c", f"no networks with UUID {uuid} found"
            if vrf and hash_name(network.get("vrf_context_ref")) != vrf:
                text = f"network with UUID {uuid} does not have correct vrf {vrf}"
                self.fail("V6d", "R", text, soft=True)
            return None
        uri = named("network", name, cloud_ref__name=self.settings.cloud)
        uri += f"&vrf_context_ref.name={quote_plus(vrf)}" if vrf else ""
        try:
            count = self.api.get(uri)["count"]
        except ApiError as error:
            return "V6e", f"get uri {uri} returned err {error}"
        return None if count else ("V6e", f"no networks found for networkName: {name}")

    def _bgp(self) -> None:
        labels, _ = listed(self.settings.get("NetworkSettings.bgpPeerLabels"), "")
        if labels and not all(isinstance(each, str) for each in labels):
            self.lines.append("WARN\tUnable to unmarshal json for bgpPeerLabels")  # and taken for none
        elif labels and not self.settings.flag("NetworkSettings.enableRHI"):
            text = f"BGPPeerLabels {go_json(labels)} cannot be set if EnableRhi is set to false."
            self.fail("V7", "R", text)

    def _public(self) -> None:
        if self.kind in PUBLIC and not self.vips:
            self.fail("V8", "S", "vipNetworkList not specified, syncing will be disabled")

    def _vip_vrf(self) -> None:
        given = self.settings
        if self.kind in PUBLIC:
            stack = self.kind == "CLOUD_OPENSTACK" and given.tenant != "admin"
            self.vrf = f"{given.tenant}-default" if stack else "global"
        elif given.service_type == "NodePort":
            self.vrf = given.vrf or "global"
        elif self.kind in BY_NAME and given.vrf:
            self.vrf = given.vrf
        elif not self.vips:
            self.lines.append(
                "WARN\tNetwork name not specified, skipping fetching of the VRF setting from network"
            )
        else:
            objects = [self._networks.checked(vip) for vip in self.vips]
            if (first := objects[0]) is None or None in objects:
                self.fail("V9b", "S", "failed to validate Network Names specified in VIP Network List")
            else:
                self.vrf = self._behind_tier1() or hash_name(first.get("vrf_context_ref"))

    def _behind_tier1(self) -> str:
        """The VRF context of the T1 gateway in an NSX-T cloud; "" where none has its path."""
        given = self.settings
        cni = given.text("AKOSettings.cniPlugin")
        if self.kind != "CLOUD_NSXT" or given.service_type != "ClusterIP" or cni == "ncp":
            return ""
        uri = f"/api/vrfcontext?&include_name=true&cloud_ref.name={quote_plus(given.cloud)}&page_size=100"
        try:
            for vrf in self.api.every(uri):
                attributes = {each.get("key"): each.get("value") for each in vrf.get("attrs", [])}
                if attributes.get("tier1path") == given.tier1:
                    return str(vrf["name"])
        except ApiError as error:
            self.fail("V9c", "S", str(error))
        self.lines.append(f"WARN\tSetting VRF of the network because no match found for T1Lr: {given.tier1}")
        return ""

    def _cni(self) -> None:
        cni = self.settings.text("AKOSettings.cniPlugin")
        if self.settings.service_type == "NodePortLocal" and cni != "antrea":
            text = "ServiceType is set as a NodePortLocal, but the CNI is not set as antrea"
            self.fail("V10", "S", text)

    def _family(self) -> None:
        family = self.settings.text("AKOSettings.ipFamily")
        if family and self.kind in DUAL and family not in ("V4", "V6", "V4_V6"):
            self.fail("V11", "S", "ipFamily is not one of (V4, V6)")
        elif self.kind not in DUAL and any(vip.value("v6cidr") for vip in self.vips):
            self.fail("V11", "S", "IPv6 CIDR is only supported for vCenter Clouds")
