"""Validation of AKO: how it tests its settings against the Controller before it begins, step by step as its code goes.

All steps are taken, also after one that failed; only the test of the VRF context ends the validation at once. A part of
a step is not asked after one that failed before it in the same step.
"""

from __future__ import annotations

from intent.ako import BY_LABEL, CLUSTER_LABEL
from intent.ako.network_steps import NetworkSteps
from intent.ako.seen import Cloud, SeGroup
from intent.ako.settings import NODE_PORT, NODE_PORT_LOCAL
from intent.ako.steps import (
    NSXT,
    PUBLIC,
    LabelWrite,
    StartEnds,
    StepOutcome,
    StepResult,
    go_json,
)
from intent.drift import Unknown
from intent.words import did_you_mean


class Validation(NetworkSteps):
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
            hint = (
                "" if clouds else did_you_mean(name, {each.name for each in self.seen.of(self.seen.clouds)})
            )
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
            reasons = [self.unresolved("V2i", each) for each in given.networks]
            if all(reasons):
                self.results.append(next(each for each in reversed(reasons) if each))
                return False
            self.passed("V2i", ", ".join(f"network {each.label}" for each in given.networks))
        self.vips = given.networks
        return True

    def named_vrf(self) -> None:
        """V3: the VRF context of vrfName is there."""
        name, cloud = self.settings.vrf, self.settings.cloud
        uri = f"/api/vrfcontext/?include_name&name={self.escaped(name)}{self.in_cloud}"
        view = self.view_for("PERMISSION_VRFCONTEXT", uri)
        if view is None:
            self.refused("V3", f"VRF context {name}", uri, "PERMISSION_VRFCONTEXT")
            return
        vrfs = view.vrfs(cloud, name)
        if len(vrfs) != 1:
            hint = "" if vrfs else did_you_mean(name, {each.name for each in view.vrfs(cloud)})
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
            self.trying("V4d", lambda: self.resolve(given.networks))
            if self.results[-1].outcome not in (StepOutcome.PASSED, StepOutcome.WARNING):
                return
        self.vips = given.networks

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
        uri = f"/api/serviceenginegroup/?include_name&page_size=100{self.in_cloud}"
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
