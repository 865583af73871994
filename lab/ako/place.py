"""Place of an AKO's objects: cloud, VRF context or T1 gateway, domains, VIP network, and the marks of their maker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.ako.settings import Settings
from lab.objects import Json


@dataclass(frozen=True)
class Place:
    """Where the objects of one AKO stand: what its start has found out."""

    settings: Settings
    vrf: str
    domains: tuple[str, ...]
    vip_network: str
    """A reference to the VIP network; "" where the cloud's IPAM is to choose."""
    container: str = ""
    """What names of the gateway container's objects have before the cluster's."""

    @property
    def prefix(self) -> str:
        """What every name begins with."""
        return f"{self.container}{self.settings.cluster}--"

    @property
    def domain(self) -> str:
        """The domain of services: the one that is asked for where the cloud has it, else the first; "" for none."""
        asked = self.settings.text("NetworkSettings.defaultDomain") or self.settings.text(
            "L4Settings.defaultDomain"
        )
        return asked if asked in self.domains else next(iter(self.domains), "")

    def own(self, **markers: str | Iterable[str]) -> Json:
        """Creator and markers of an object, `clustername` first."""
        values = {"clustername": self.settings.cluster, **markers}
        listed = [{"key": k, "values": [v] if isinstance(v, str) else sorted(v)} for k, v in values.items()]
        creator = f"{self.container}{self.settings.cluster}" if self.container else self.settings.creator
        return {"created_by": creator, "markers": listed}

    def cloud(self) -> Json:
        """The cloud of an object."""
        return {"cloud_ref": ref_to("cloud", self.settings.cloud)}

    def routed(self, member: str) -> Json:
        """The VRF context of an object under this member, or the T1 gateway that it stands behind."""
        if self.settings.tier1:
            return {"tier1_lr": self.settings.tier1}
        return {member: ref_to("vrfcontext", self.vrf)}


def ref_to(kind: str, name: str) -> str:
    """A reference by name, as AKO writes most of its own."""
    return f"/api/{kind}?name={name}"
