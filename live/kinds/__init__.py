"""Every kind that has a counterpart on the Controller, by its intent model."""

from __future__ import annotations

from intent import Intent
from live.kinds.base import Kind, Leaf
from live.kinds.cloud import CLOUD
from live.kinds.controller import SYSTEM
from live.kinds.dns import DNS_SERVICE
from live.kinds.profiles import DNS_PROFILE, IPAM_PROFILE
from live.kinds.routing import NETWORK, VRF
from live.kinds.service_engines import SE_GROUP

KINDS: dict[type[Intent], Kind] = {
    kind.intent: kind
    for kind in (SYSTEM, CLOUD, DNS_PROFILE, IPAM_PROFILE, VRF, NETWORK, SE_GROUP, DNS_SERVICE)
}
BY_WORD: dict[str, Kind] = {kind.intent.kind: kind for kind in KINDS.values()}
"""The same by the kind's word, which is what a Key carries."""

__all__ = ["BY_WORD", "KINDS", "Kind", "Leaf"]
