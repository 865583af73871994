"""States of a cloud's integration with what it works with, as its status, inventory and runtime show them."""

from __future__ import annotations

from dataclasses import dataclass

READY, FAILED, IN_PROGRESS = "CLOUD_STATE_PLACEMENT_READY", "CLOUD_STATE_FAILED", "CLOUD_STATE_IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class Integration:
    """How a cloud stands: its state, the reason, the inventory state of its vCenter, and how much is discovered.

    `progress` is in per cent [INF].
    """

    state: str
    reason: str
    inventory: str
    progress: int = 100


UNORCHESTRATED = Integration(READY, "", "VCENTER_DISCOVERY_COMPLETE")
NOT_CONNECTED = Integration(FAILED, "Unable to connect to vCenter", "VCENTER_DISCOVERY_FAILURE")
BAD_CREDENTIALS = Integration(FAILED, "vCenter login failed: bad credentials", "VCENTER_DISCOVERY_FAILURE")
NO_DATACENTER_YET = Integration(IN_PROGRESS, "Waiting for a datacenter", "VCENTER_DISCOVERY_WAITING_DC", 20)
NO_SUCH_DATACENTER = Integration(FAILED, "Datacenter not found in vCenter", "VCENTER_DISCOVERY_FAILURE")
DISCOVERING = Integration(IN_PROGRESS, "Discovery in progress", "VCENTER_DISCOVERY_ONGOING", 60)
NO_MANAGEMENT = Integration(FAILED, "Management network is not set", "VCENTER_DISCOVERY_COMPLETE_NO_MGMT_NW")
INTEGRATED = Integration(READY, "", "VCENTER_DISCOVERY_COMPLETE")


def failed(reason: str) -> Integration:
    """A cloud that cannot work, and why."""
    return Integration(FAILED, reason, "VCENTER_DISCOVERY_FAILURE")


def waiting(reason: str) -> Integration:
    """A cloud to which something is still missing, and what."""
    return Integration(IN_PROGRESS, reason, "VCENTER_DISCOVERY_ONGOING", 40)
