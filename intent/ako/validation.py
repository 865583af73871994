"""Validation of AKO: how it tests its settings against the Controller before it begins, step by step as its code goes.

All steps are taken, also after one that failed; only the test of the VRF context ends the validation at once. A part of
a step is not asked after one that failed before it in the same step.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from intent.ako import BY_LABEL, CLUSTER_LABEL, texts
from intent.ako.seen import ADMIN, Cloud, Network, SeGroup
from intent.ako.settings import CLUSTER_IP, NODE_PORT, NODE_PORT_LOCAL, NetworkGiven, is_cidr
from intent.ako.steps import (
    NSXT,
    PUBLIC,
    VCENTER,
    AkoStart,
    LabelWrite,
    StartEnds,
    StepOutcome,
    StepResult,
    chosen,
    go_json,
    resolved,
)
from intent.drift import Unknown
from intent.words import meant


class Validation(AkoStart):
    """The steps V1 to V11."""

    def tenant(self) -> None:
        """V1: the tenant is there."""
        name = self.settings.tenant
        uri = f"/api/tenant/?include_name&name={self.escaped(name, since=BY_LABEL)}"
        if not self.refused("V1", f"tenant {name}", uri, "PERMISSION_TENANT"):
            self.passed("V1", f"tenant {name}")

    def look_at_cloud(self) -> None:
        """V2. What kind of cloud it is decides on most of the later steps: without it, nothing more can be told."""
        try:
            self._cloud()
        except Unknown as why:
            what = f"cloud {self.settings.cloud}"
            self.results.append(StepResult("V2", StepOutcome.UNKNOWN, what, str(why), goes_on=False))
            raise StartEnds from None

    def _cloud(self) -> bool:
        """V2 with its parts, which ends with the first that fails."""
        settings, name = self.settings, self.settings.cloud
        what = f"cloud {name}"
        uri = f"/api/cloud/?include_name&name={self.escaped(name)}"
        if self.refused("V2", what, uri, "PERMISSION_CLOUD"):
            return False
        clouds = self.view.clouds(name)
        if len(clouds) != 1:
            hint = "" if clouds else meant(name, {each.name for each in self.seen.of(self.seen.clouds)})
            self.failed("V2", what, f"{len(clouds)} clouds of this name are seen{hint}", cloud=name)
            return False
        self.cloud = cloud = clouds[0]
        if cloud.breaks and cloud.type != NSXT:
            self.panics("V2", what, f"AKO panics: {cloud.breaks}")
        self.passed("V2", what, cloud.type)
        if not cloud.ipam and cloud.type not in PUBLIC and not settings.vpc:
            self.failed("V2c", what, "it has no IPAM profile")
            return False
        self.passed("V2c", what)
        if cloud.breaks:  # the transport zone is read after the IPAM profile
            self.panics("V2", what, f"AKO panics: {cloud.breaks}")
        listed = self._list_of_cloud
        if settings.version <= (1, 13, 1):
            return listed() and self._tier1(cloud, zones=False)
        return self._tier1(cloud, zones=True) and listed()

    def _tier1(self, cloud: Cloud, *, zones: bool) -> bool:
        """The tests of the T1 gateway. `zones`: whether this version knows the transport zone when it starts."""
        tier1, what = self.settings.tier1, f"cloud {cloud.name}"
        if cloud.type == NSXT:
            if zones and cloud.zone == "OVERLAY" and not tier1:
                self.failed("V2d", what, "an overlay transport zone, and no nsxtT1LR is given")
                return False
            if zones and cloud.zone == "VLAN" and tier1:
                self.failed("V2e", what, "a VLAN transport zone, and nsxtT1LR is given")
                return False
            self.passed("V2d" if cloud.zone == "OVERLAY" else "V2e", what)
            return True
        if tier1:
            self.failed("V2f", what, f"nsxtT1LR is given, and the cloud is {cloud.type}")
            return False
        self.passed("V2f", what)
        if self.settings.vpc and zones:
            self.failed("V2g", what, f"vpcMode is on, and the cloud is {cloud.type}")
            return False
        return True

    def _list_of_cloud(self) -> bool:
        given = self.settings.vip_networks(self.type)
        if given.problem:
            self.failed("V2h", "values.yaml", "vipNetworkList cannot be used", case=given.problem)
            return False
        self.passed("V2h", "values.yaml")
        if not given.networks:
            if self.settings.vpc:
                self.vips = ()
                return True
            self.failed("V2j", "values.yaml", "vipNetworkList is empty")
            return False
        if self.by_name:
            reasons = [self._unresolved("V2i", each) for each in given.networks]
            if all(reasons):
                self.results.append(next(each for each in reversed(reasons) if each))
                return False
            self.passed("V2i", ", ".join(f"network {each.label}" for each in given.networks))
        self.vips = given.networks
        return True

    @property
    def _in_cloud(self) -> str:
        """What narrows a search to the cloud."""
        return f"&cloud_ref.name={self.escaped(self.settings.cloud)}"

    @property
    def _in_vrf(self) -> str:
        """What narrows a search for networks to the VRF context of vrfName."""
        return f"&vrf_context_ref.name={self.escaped(self.settings.vrf)}" if self.settings.vrf else ""

    def _none_of(self, given: NetworkGiven) -> str:
        """That a network was not found, where AKO looks for it, and where it is instead."""
        vrf, cloud = self.settings.vrf, self.settings.cloud
        where = f"cloud {cloud}" + (f" and VRF context {vrf}" if vrf else "")
        return f"none of this name in {where}{self.view.where_network_is(given.name, cloud)}"

    def _unresolved(self, step: str, given: NetworkGiven) -> StepResult | None:
        """Why AKO's search for a VIP network fails, as this step would log it; None where it does not."""
        settings, cloud = self.settings, self.settings.cloud
        what = f"network {given.label}"
        if given.uuid and not settings.vrf:
            return None  # taken as it is; looked at later
        if given.uuid:
            return self._of_uuid(step, given, what)
        uri = f"/api/network/?include_name=true&name={self.escaped(given.name)}{self._in_cloud}{self._in_vrf}"
        if self.refused(step, what, uri, "PERMISSION_NETWORK"):
            return self.results.pop()
        if self.view.networks(given.name, cloud, settings.vrf):
            return None
        return self._as(step, "V4d", what, self._none_of(given), network=given.name, vrf=settings.vrf)

    def _of_uuid(self, step: str, given: NetworkGiven, what: str) -> StepResult | None:
        """The same for a network that is given by its uuid, while vrfName is given."""
        vrf = self.settings.vrf
        denied = self.denial("PERMISSION_NETWORK", self.settings.tenant)
        network = None if denied else self.view.network(given.uuid)
        if network is None:
            return self._as(step, "V4c", what, denied or "it is not there", case="absent", uuid=given.uuid)
        if not network.vrf:
            self.panics("V4c", what, "AKO panics: it names no VRF context")
        if network.vrf == vrf:
            return None
        why = f"it is in VRF context {network.vrf}, and vrfName is {vrf}"
        return self._as(step, "V4c", what, why, case="vrf", uuid=given.uuid, vrf=vrf)

    def _as(self, step: str, texts_of: str, what: str, why: str, case: str = "", **values: str) -> StepResult:
        line = texts.steps()[texts_of].text(case, self.settings.version).filled(**values)
        return StepResult(step, StepOutcome.FAILED, what, why, line)

    def named_vrf(self) -> None:
        """V3: the VRF context of vrfName is there."""
        name, cloud = self.settings.vrf, self.settings.cloud
        uri = f"/api/vrfcontext/?include_name&name={self.escaped(name)}{self._in_cloud}"
        view = self.view_for("PERMISSION_VRFCONTEXT", uri)
        if view is None:
            self.refused("V3", f"VRF context {name}", uri, "PERMISSION_VRFCONTEXT")
            return
        vrfs = view.vrfs(cloud, name)
        if len(vrfs) != 1:
            hint = "" if vrfs else meant(name, {each.name for each in view.vrfs(cloud)})
            why = f"{len(vrfs)} VRF contexts of this name are seen in cloud {cloud}{hint}"
            self.failed("V3", f"VRF context {name}", why, goes_on=False, vrf=name)
        else:
            self.passed("V3", f"VRF context {name}")

    def required(self) -> None:
        """V4: the cluster has a name, and the VIP networks are there."""
        settings = self.settings
        if not settings.cluster:
            self.failed("V4", "values.yaml", "clusterName is empty", case="empty")
            return
        if not settings.cluster_is_valid:
            why = f"clusterName {settings.cluster!r} has other characters than letters, digits, - and _"
            self.failed("V4", "values.yaml", why, case="malformed")
            return
        self.passed("V4", f"cluster {settings.cluster}")
        given = settings.vip_networks(self.type)
        if given.problem:
            self.failed("V4b", "values.yaml", "vipNetworkList cannot be used", case=given.problem)
            return
        self.passed("V4b", "values.yaml")
        if not given.networks:
            self.vips = ()
            self.not_seen("V4f", "ConfigMap", "AKO reads its ConfigMap from Kubernetes")
            return
        if self.by_name:
            self.trying("V4d", lambda: self._resolve(given.networks))
            if self.results[-1].outcome not in (StepOutcome.PASSED, StepOutcome.WARNING):
                return
        self.vips = given.networks

    def _resolve(self, networks: Iterable[NetworkGiven]) -> None:
        for given in networks:
            step = "V4c" if given.uuid else "V4d"
            if (result := self._unresolved(step, given)) is not None:
                self.results.append(result)
                return
            why = (
                "taken as it is: AKO does not look at it without vrfName"
                if given.uuid and not self.settings.vrf
                else ""
            )
            self.passed(step, f"network {given.label}", why)
            if not given.uuid:
                self._namesakes(given)

    def _namesakes(self, given: NetworkGiven) -> None:
        """V4e: of several networks of the name one is taken, in a vCenter cloud. It never fails."""
        settings, cloud = self.settings, self.cloud
        networks = self.view.networks(given.name, settings.cloud, settings.vrf)
        if len(networks) < 2 or cloud is None or cloud.type != VCENTER:
            return
        network, way, sure = chosen(self.view, settings, given, networks, cloud)
        nets = ", ".join(str(subnet.prefix) for subnet in network.subnets) or "no subnet"
        why = f"of {len(networks)} of this name AKO takes {network.uuid} ({nets}), {way}"
        self.passed("V4e", f"network {given.name}", why)
        if not sure:
            self.only_warns(StepOutcome.WARNING)

    def look_at_groups(self) -> None:
        """V5: the Service Engine groups are this cluster's, or become it."""
        settings = self.settings
        if not settings.static_routes:
            self.skipped("V5", "disableStaticRouteSync is on")
        elif settings.service_type in (NODE_PORT, NODE_PORT_LOCAL):
            self.skipped("V5", f"serviceType is {settings.service_type}")
        elif self.type == NSXT and settings.cni == "ncp":
            self.skipped("V5", "an NSX-T cloud with cniPlugin ncp")
        else:
            self.trying("V5", self._groups)

    def _groups(self) -> None:
        settings = self.settings
        names = {settings.se_group, *(each.se_group for each in self.infra if each.se_group)}
        uri = f"/api/serviceenginegroup/?include_name&page_size=100{self._in_cloud}"
        uri += f"&name.in={','.join(map(self.escaped, sorted(names)))}"
        view = self.view_for("PERMISSION_SERVICEENGINEGROUP", uri)
        if view is None:
            self.refused("V5", f"SE group {settings.se_group}", uri, "PERMISSION_SERVICEENGINEGROUP")
            return
        groups = [each for each in view.groups(settings.cloud) if each.name in names]
        self.passed("V5", ", ".join(f"SE group {name}" for name in sorted(names)))
        for group in groups:
            what = f"SE group {group.name}"
            if not group.labels:
                self._label(group, what)
            elif not self._is_ours(group):
                theirs = ", ".join(f"{key}={value}" for key, value in group.labels)
                self.failed(
                    "V5c",
                    what,
                    f"it is labelled {theirs}",
                    group=group.name,
                    cluster=go_json(settings.cluster)[1:-1],
                )
                return
            else:
                self.passed("V5c", what, f"labelled {CLUSTER_LABEL}={settings.cluster}")

    def _label(self, group: SeGroup, what: str) -> None:
        """Label a group that has no label. Raises StartEnds where that is refused: AKO repeats it for ever.

        It asks in its own tenant; where that answers 400, as for a group of another tenant's, in tenant admin.
        """
        asked = {self.settings.tenant, group.tenant}
        if any(self.denial("PERMISSION_SERVICEENGINEGROUP", tenant, write=True) for tenant in asked):
            self.panics(
                "V5b", what, "AKO's user may not write it: AKO repeats that for ever and is never ready"
            )
        self.labels.append(LabelWrite(group, self.settings.cluster))
        self.passed("V5b", what, f"it has no label: AKO labels it {CLUSTER_LABEL}={self.settings.cluster}")

    def _is_ours(self, group: SeGroup) -> bool:
        ours = (CLUSTER_LABEL, self.settings.cluster)
        return ours in group.labels if self.settings.version >= (1, 14, 1) else group.labels == (ours,)

    def look_at_node_networks(self) -> None:
        """V6: the networks of the nodes are there."""
        if self.type != VCENTER:
            self.skipped("V6", f"the cloud is {self.type}")
            return
        given = self.settings.node_networks
        if given.problem:
            self.failed("V6", "values.yaml", "nodeNetworkList cannot be used", case=given.problem)
            return
        self.passed("V6", "values.yaml", "" if given.networks else "nodeNetworkList is empty")
        for each in given.networks:
            self.trying("V6c" if each.uuid else "V6e", partial(self._node_network, each))
            if self.results[-1].outcome == "failed":
                return

    def _node_network(self, given: NetworkGiven) -> None:
        settings, what = self.settings, f"network {given.label}"
        for cidr in given.cidrs:
            if not is_cidr(cidr):
                self.failed("V6b", what, f"{cidr!r} is no address range", cidr=cidr)
                return
        if given.cidrs:
            self.passed("V6b", what)
        step = "V6c" if given.uuid else "V6e"
        if not given.uuid:
            uri = f"/api/network/?include_name&name={self.escaped(given.name)}{self._in_cloud}{self._in_vrf}"
            if self.refused(step, what, uri, "PERMISSION_NETWORK"):
                return
            if not self.view.networks(given.name, settings.cloud, settings.vrf):
                self.failed(step, what, self._none_of(given), network=given.name)
            else:
                self.passed(step, what)
            return
        denied = self.denial("PERMISSION_NETWORK", settings.tenant)
        network = None if denied else self.view.network(given.uuid)
        if network is None:
            self.failed(step, what, denied or "it is not there", uuid=given.uuid)
            return
        self.passed(step, what)
        if settings.vrf and network.vrf != settings.vrf:
            why = (
                f"it is in VRF context {network.vrf or '(none)'}; AKO says that sync is disabled, and starts"
            )
            self.failed("V6d", what, why, uuid=given.uuid, vrf=settings.vrf)
            self.only_warns(StepOutcome.FALSE_ALARM)

    def look_at_vip_vrf(self) -> None:
        """V9: VIP networks are sound, and the VRF context is that of the first."""
        settings = self.settings
        if self.type in PUBLIC:
            stack = self.type == "CLOUD_OPENSTACK" and settings.tenant != ADMIN
            self.vrf = f"{settings.tenant}-default" if stack else "global"
            self.skipped("V9b", f"a public cloud: VRF context {self.vrf} is taken")
        elif settings.service_type == NODE_PORT:
            self.vrf = settings.vrf or "global"
            self.skipped("V9b", f"serviceType is NodePort: VRF context {self.vrf} is taken")
        elif self.by_name and settings.vrf:
            self.vrf = settings.vrf
            self.skipped("V9b", f"vrfName is given: VRF context {self.vrf} is taken")
        elif not self.vips:
            self.skipped("V9b", "there are no VIP networks to look at")
        else:
            self.trying("V9b", self._vip_vrf)

    def _vip_vrf(self) -> None:
        settings, vrf = self.settings, self.settings.vrf if self.by_name else ""
        first: Network | None = None
        for given in self.vips or ():
            what = f"network {given.label}"
            if bad := given.malformed():
                self.failed("V9b", what, f"{bad!r} is no address range to AKO")
                return
            denied = self.denial("PERMISSION_NETWORK", settings.tenant)
            network = None if denied else resolved(self.view, settings, given, vrf, self.cloud)
            if network is None:
                self.failed("V9b", what, f"it is not in cloud {settings.cloud}")
                return
            first = first or network
            if not network.vrf:
                self.panics("V9b", what, "AKO panics: it names no VRF context")
            self.passed("V9b", what)
        assert first is not None
        self.vrf = first.vrf
        if self.type == NSXT and settings.service_type == CLUSTER_IP and settings.cni != "ncp":
            self._tier1_vrf(first.vrf)

    def _tier1_vrf(self, own: str) -> None:
        """The VRF context of the T1 gateway is taken, in place of the VIP network's `own`."""
        settings = self.settings
        uri = f"/api/vrfcontext?&include_name=true{self._in_cloud}&page_size=100"
        if why := self.denial("PERMISSION_VRFCONTEXT", settings.tenant):
            self.failed("V9c", f"cloud {settings.cloud}", why, uri=uri, error="403")
            return
        rows = self.view.vrfs(settings.cloud)
        match = next((each.name for each in rows if each.tier1 and each.tier1 == settings.tier1), None)
        self.passed("V9c", f"cloud {settings.cloud}")
        if match is not None:
            self.vrf = match
        elif settings.tier1:
            line = texts.steps()["V9d"].text().filled(vrf=own, tier1=settings.tier1)
            why = "no VRF context has this T1 gateway: AKO takes that of the VIP network"
            what = f"T1 gateway {settings.tier1}"
            self.results.append(StepResult("V9d", StepOutcome.PASSED, what, why, line))
