"""Remedies of Service Engine groups. Their `labels` are AKO's and are in no remedy."""

from __future__ import annotations

from intent import EXISTENCE, ServiceEngineGroup
from remediate.registry import Case, Verdict, remedy


@remedy(ServiceEngineGroup, EXISTENCE, risk="safe")
def make_group(case: Case) -> Verdict:
    """Make the group; it has no Service Engine until a virtual service is placed on it."""
    return Verdict()


@remedy(ServiceEngineGroup, "realtime_metrics.enabled", "realtime_metrics.duration", risk="safe")
def set_metrics(case: Case) -> Verdict:
    """Set how closely the group's Service Engines are measured; nothing that they carry changes."""
    return Verdict()


@remedy(ServiceEngineGroup, "name_prefix", "folder", risk="guarded")
def set_place(case: Case) -> Verdict:
    """Set name and folder of the next Service Engines; those that are there would be left under the former ones."""
    return Verdict(
        hit=_users(case, "serviceengine"),
        effect="they keep their name and folder until they are made anew, and the group would be in two places",
    )


@remedy(
    ServiceEngineGroup,
    "vcenters",
    "vcenters.folder",
    *(
        f"vcenters.{scope}.{part}"
        for scope in ("clusters", "hosts", "datastores")
        for part in ("include", "ids")
    ),
    risk="guarded",
)
def set_vcenters(case: Case) -> Verdict:
    """Say in which vCenters of an NSX-T cloud, and where in them, the next Service Engines are made.

    One vCenter more hits nobody; Service Engines that are there stay where they are.
    """
    if all(drift.have is None for drift in case.drifts):
        return Verdict()
    return Verdict(
        hit=_users(case, "serviceengine"),
        effect="they stay where they are until they are made anew, and the group would be in two places",
    )


@remedy(ServiceEngineGroup, "buffer", risk="guarded")
def set_buffer(case: Case) -> Verdict:
    """Set how many spare Service Engines there are; the Controller makes or removes them, and what each takes."""
    return Verdict(
        hit=_users(case),
        effect="Service Engines would be made or removed at once, with the licences and addresses they take",
    )


@remedy(
    ServiceEngineGroup,
    *("vcpus", "memory_mb", "disk_gb", "reserve_cpu", "reserve_memory", "license_tier"),
    *(f"{scope}.{part}" for scope in ("clusters", "hosts", "datastores") for part in ("include", "names")),
    *("datastores.mode", "management.network", "management.subnet"),
    risk="guarded",
)
def set_machines(case: Case) -> Verdict:
    """Set of what size the next Service Engines are, and where; those that are there would be unlike them."""
    return Verdict(
        hit=_users(case, "serviceengine"),
        effect="they stay as they are until they are made anew, and the group would have two kinds of them",
    )


@remedy(ServiceEngineGroup, "max_se", risk="guarded")
def set_most_engines(case: Case) -> Verdict:
    """Set how many Service Engines there may be."""
    return _most(case)


@remedy(ServiceEngineGroup, "max_vs_per_se", risk="guarded")
def set_most_services(case: Case) -> Verdict:
    """Set how many virtual services a Service Engine may have."""
    return _most(case)


@remedy(ServiceEngineGroup, "max_scaleout", risk="guarded")
def set_most_scaleout(case: Case) -> Verdict:
    """Set on how many Service Engines a virtual service may be."""
    return _most(case)


def _most(case: Case) -> Verdict:
    """A higher limit hits nobody; a lower one hits who is there by the limit of now. Each is judged by itself."""
    lower = any(int(drift.want) < int(drift.have) for drift in case.drifts)
    hit = _users(case) if lower else ()
    return Verdict(hit=hit, effect="a lower limit may leave no room for them when they are placed anew")


@remedy(ServiceEngineGroup, "min_se", "min_scaleout", risk="guarded")
def set_fewest(case: Case) -> Verdict:
    """Set how many there are at least; the Controller makes or removes Service Engines by it."""
    hit = _users(case)
    return Verdict(
        hit=hit, effect="Service Engines would be made or removed, with the licences and addresses they take"
    )


@remedy(ServiceEngineGroup, "algorithm", "deprovision_delay", risk="safe")
def set_placing(case: Case) -> Verdict:
    """Set how the next virtual service is placed, and how long an empty Service Engine stays; nothing moves by it."""
    return Verdict()


@remedy(ServiceEngineGroup, *("labels", "labels.value", "markers", "markers.values"), risk="guarded")
def set_labels(case: Case) -> Verdict:
    """Add labels and markers, which hits nobody; whoever finds the group by one that goes or changes, loses it."""
    if all(drift.have is None for drift in case.drifts):
        return Verdict()
    hit = tuple(f"whoever finds it by {drift.path}" for drift in case.drifts if drift.have is not None)
    return Verdict(hit=hit, effect="roles and tools that find the group by it would lose it")


@remedy(ServiceEngineGroup, "ha_mode", risk="guarded")
def set_ha_mode(case: Case) -> Verdict:
    """Set how virtual services are spread; what runs in the group is placed anew."""
    hit = _users(case)
    return Verdict(hit=hit, effect="they would be placed anew under the other HA mode")


def _users(case: Case, *types: str) -> tuple[str, ...]:
    """Who is in the group; a cloud refers to one as to a template, and has nothing in it."""
    return case.view.users("serviceenginegroup", str(case.raw["uuid"]), *types, but=("cloud",))
