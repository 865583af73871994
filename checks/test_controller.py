"""Prerequisite: the Controller cluster."""

from intent import Controller
from live.avi.snapshot import Live
from live.facts import runtime


def test_cluster_up(controller: Controller, live: Live) -> None:
    """The Controller cluster is up.

    Reads: cluster/runtime
    Severity: blocker
    Why: AKO refuses to start, and nothing can be placed, while the cluster is not active.
    Do: look at Administration > Controller > Nodes, and at the consoles of the Controller VMs.
    """
    state = runtime.cluster_state(live)
    assert state in runtime.CLUSTER_UP, f"the cluster's state is {state}"


def test_nodes_active(controller: Controller, live: Live) -> None:
    """Every node of the Controller cluster is active.

    Reads: cluster/runtime
    Severity: critical
    Why: a cluster that runs on fewer nodes than it has will not survive the next failure.
    Do: look at Administration > Controller > Nodes for the node that is named, and at its VM.
    """
    down = runtime.inactive_nodes(live)
    assert not down, f"not active: {', '.join(down)}"


def test_version(controller: Controller, live: Live) -> None:
    """The Controller's version is one that this project knows.

    Reads: cluster/runtime
    Severity: critical
    Why: fields come and go between versions; an unknown model can be misread.
    Do: upgrade the Controller to 20.1 or later, or pin controller.api_version to a model it serves.
    """
    assert runtime.is_supported(live.snapshot.version), f"the Controller runs {live.snapshot.version}"
