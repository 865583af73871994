"""Networks in AKO's validation: how AKO looks for those that its values name, for VIPs and of nodes (V4, V6, V9)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from intent.ako import texts
from intent.ako.seen import ADMIN, Network
from intent.ako.settings import CLUSTER_IP, NODE_PORT, NetworkGiven, is_cidr
from intent.ako.steps import (
    NSXT,
    PUBLIC,
    VCENTER,
    AkoStart,
    StepOutcome,
    StepResult,
    chosen,
    resolved,
)


class NetworkSteps(AkoStart):
    """The steps that look at networks."""

    @property
    def in_cloud(self) -> str:
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

    def unresolved(self, step: str, given: NetworkGiven) -> StepResult | None:
        """Why AKO's search for a VIP network fails, as this step would log it; None where it does not."""
        settings, cloud = self.settings, self.settings.cloud
        what = f"network {given.label}"
        if given.uuid and not settings.vrf:
            return None  # taken as it is; looked at later
        if given.uuid:
            return self._of_uuid(step, given, what)
        uri = f"/api/network/?include_name=true&name={self.escaped(given.name)}{self.in_cloud}{self._in_vrf}"
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

    def resolve(self, networks: Iterable[NetworkGiven]) -> None:
        """V4c and V4d: each of the VIP networks is there, by uuid or name; the first that is not ends it."""
        for given in networks:
            step = "V4c" if given.uuid else "V4d"
            if (result := self.unresolved(step, given)) is not None:
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
        what = f"network {given.label}"
        for cidr in given.cidrs:
            if not is_cidr(cidr):
                self.failed("V6b", what, f"{cidr!r} is no address range", cidr=cidr)
                return
        if given.cidrs:
            self.passed("V6b", what)
        if given.uuid:
            self._node_network_by_uuid(given, what)
        else:
            self._node_network_by_name(given, what)

    def _node_network_by_name(self, given: NetworkGiven, what: str) -> None:
        uri = f"/api/network/?include_name&name={self.escaped(given.name)}{self.in_cloud}{self._in_vrf}"
        if self.refused("V6e", what, uri, "PERMISSION_NETWORK"):
            return
        if self.view.networks(given.name, self.settings.cloud, self.settings.vrf):
            self.passed("V6e", what)
        else:
            self.failed("V6e", what, self._none_of(given), network=given.name)

    def _node_network_by_uuid(self, given: NetworkGiven, what: str) -> None:
        settings = self.settings
        denied = self.denial("PERMISSION_NETWORK", settings.tenant)
        network = None if denied else self.view.network(given.uuid)
        if network is None:
            self.failed("V6c", what, denied or "it is not there", uuid=given.uuid)
            return
        self.passed("V6c", what)
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
        uri = f"/api/vrfcontext?&include_name=true{self.in_cloud}&page_size=100"
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
