"""How Service Engine groups are put right. `labels` are AKO's and are in no remedy."""

from __future__ import annotations

from intent import EXISTENCE, ServiceEngineGroup
from remediate.registry import Case, Verdict, remedy


@remedy(ServiceEngineGroup, EXISTENCE, risk="safe")
def make_group(case: Case) -> Verdict:
    """Make the group; it has no Service Engine until a virtual service is placed on it."""
    del case
    return Verdict()


@remedy(
    ServiceEngineGroup,
    "buffer",
    "name_prefix",
    "folder",
    "realtime_metrics.enabled",
    "realtime_metrics.duration",
    risk="safe",
)
def set_terms(case: Case) -> Verdict:
    """Set what counts for the next Service Engines, and for metrics; those that are there keep name and folder."""
    del case
    return Verdict()


@remedy(ServiceEngineGroup, "ha_mode", risk="guarded")
def set_ha_mode(case: Case) -> Verdict:
    """Set how virtual services are spread; what runs in the group is placed anew."""
    if not case.raw:
        return Verdict()
    hit = case.site.users("serviceenginegroup", str(case.raw["uuid"]), "virtualservice", "serviceengine")
    return Verdict(hit=hit, why="they would be placed anew under the other HA mode")
