"""The lab's own AKO: the site that it starts on, its start, and what it writes beside what is foretold of that."""

from __future__ import annotations

from functools import cache

from lab.ako import take_steps
from tests.ako.site import NODE, given, labelled

NEWEST, OLDER = "2.2.1", ("1.13.1", "1.13.4")
PARTS = {"V2a": "V2", "V2b": "V2"}
"""Steps of the lab's AKO that are parts of one that is foretold."""


@cache
def _kept(state):
    client = labelled(state)
    return client, client.lab.snapshot()


def restored(state):
    """The lab in a state, as it was at first; every call with the same one answers the same lab."""
    client, snapshot = _kept(state)
    client.lab.restore(snapshot)
    return client.login()


def started(client, changes, version, loads=(), **more):
    """What the lab's AKO does when it starts with these values; left out of them, the credentials are the lab's."""
    values = given(changes)
    if "avicredentials.username" not in changes:
        values["avicredentials"] = {}
    nodes = [{"name": NODE.name, "ip": NODE.address, "pods": [str(each) for each in NODE.pods]}]
    return take_steps(
        client.lab, steps=["start", *loads], version=version, values=values, nodes=nodes, **more
    )


def lost_routes(foretold):
    """The ids of the routes that are foretold not to be there afterwards."""
    removes = [each for each in foretold.writes.removes if each.startswith("route ")]
    lost = (*foretold.writes.deletes, *foretold.writes.replaces, *removes)
    return {text.removeprefix("route ").partition(":")[0] for text in lost}


def writes(foretold):
    """The names of the groups and of the VRF contexts that are foretold to be written."""
    labels = [group for group, _ in foretold.writes.labels]
    labels += [
        text.removeprefix("the label of SE group ") for text in foretold.writes.removes if "label" in text
    ]
    return labels, [foretold.writes.vrf] if foretold.writes.vrf else []


def written(real):
    """The same of those that the lab's AKO wrote."""
    return tuple(
        [write["name"] for write in real["wrote"] if f"/{api}/" in write["ref"]]
        for api in ("serviceenginegroup", "vrfcontext")
    )
