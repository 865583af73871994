"""Remedies of routes, BGP and gateway monitors of VRF contexts."""

from __future__ import annotations

from intent import VrfContext
from remediate.registry import Case, Verdict, remedy

NOT_ROUTED = ("cloud", "network", "serviceenginegroup", "tenant")
"""They refer to a VRF context, and no packet of theirs takes a route of it."""


def _carried(case: Case, effect: str) -> Verdict:
    """Who sends or receives by the routes of the VRF context."""
    return Verdict(hit=case.view.users("vrfcontext", str(case.raw["uuid"]), but=NOT_ROUTED), effect=effect)


@remedy(VrfContext, "default_gateway", risk="guarded")
def set_default_gateway(case: Case) -> Verdict:
    """Set the default route. Where there is none yet, nobody loses a way; another one moves every reply."""
    if case.have.default_gateway is None:
        return Verdict()
    return _carried(case, "their replies would leave by another gateway")


@remedy(VrfContext, "static_routes", risk="guarded")
def set_routes(case: Case) -> Verdict:
    """Add the missing routes; one that is not declared goes only where the file says that routes are exact."""
    if not any(drift.removes for drift in case.drifts):
        return Verdict()
    return _carried(case, "they may send by a route that would go")


@remedy(
    VrfContext,
    *(f"bgp.{name}" for name in ("local_as", "ibgp", "hold_time", "keepalive")),
    *(f"bgp.peers.{name}" for name in ("remote_as", "network", "label", "bfd")),
    *(f"bgp.peers.{name}" for name in ("advertise_vip", "advertise_snat")),
    *(f"bfd.{name}" for name in ("min_tx", "min_rx", "multiplier")),
    risk="guarded",
)
def set_bgp(case: Case) -> Verdict:
    """Set BGP and BFD. Sessions come up anew by it, and until then no VIP of the VRF context is announced."""
    if case.have.bgp is None or not case.have.bgp.peers:
        return Verdict()
    return _carried(case, "their VIPs are announced by sessions that would come up anew")


@remedy(VrfContext, "bgp.peers", risk="guarded")
def set_peers(case: Case) -> Verdict:
    """Add the missing peers, which hits nobody; one that goes takes the routes to VIPs with it."""
    if not any(drift.removes for drift in case.drifts):
        return Verdict()
    return _carried(case, "their VIPs are announced to a peer that would go")


@remedy(
    VrfContext,
    "gateway_monitors",
    *(f"gateway_monitors.{name}" for name in ("interval", "failures", "successes")),
    risk="safe",
)
def set_monitors(case: Case) -> Verdict:
    """Set which gateways are watched, and how; no route changes."""
    return Verdict()
