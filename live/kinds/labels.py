"""Labels, markers and licence tiers <-> `labels`, `markers` and `license_tier`; what AKO marks as its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from intent.ako import CLUSTER_LABEL, CREATOR
from intent.kinds.labels import Label, Marker
from live.avi.identity import Json, Names
from live.kinds.base import Leaf
from live.kinds.codecs import enum
from live.kinds.messages import merge_by

TIERS = {
    "enterprise": "ENTERPRISE",
    "enterprise-with-cloud-services": "ENTERPRISE_WITH_CLOUD_SERVICES",
    "basic": "BASIC",
    "essentials": "ESSENTIALS",
    "enterprise-16": "ENTERPRISE_16",
    "enterprise-18": "ENTERPRISE_18",
}
"""Our words for licence tiers [SCHEMA]."""


def clusters_of(obj: Json) -> set[str]:
    """The clusters whose AKO has put its label on an object."""
    pairs = obj.get("labels", [])
    return {str(pair["value"]) for pair in pairs if pair.get("key") == CLUSTER_LABEL and "value" in pair}


def maker(row: Json) -> str:
    """The AKO that has made an object; "" for any other. Raises Unknown where it was not understood."""
    made_by = row.get("created_by")
    return made_by if isinstance(made_by, str) and made_by.startswith(CREATOR) else ""


def tier(*path: str) -> Leaf:
    """A licence tier. What is unset there is that of the whole system."""
    return enum(TIERS, *path)


def get_labels(obj: Json, names: Names) -> tuple[Label, ...]:
    """The labels without that of AKO's cluster."""
    pairs = (pair for pair in obj.get("labels", []) if pair.get("key") != CLUSTER_LABEL)
    return tuple(
        Label.model_construct(key=str(pair.get("key", "")), value=pair.get("value")) for pair in pairs
    )


def put_labels(obj: Json, value: tuple[Label, ...], names: Names) -> None:
    """Write the labels; that of AKO's cluster stays."""
    own = [pair for pair in obj.get("labels", []) if pair.get("key") == CLUSTER_LABEL]
    rest = [pair for pair in obj.get("labels", []) if pair.get("key") != CLUSTER_LABEL]
    wanted = [(each.key, partial(_put_label, each=each)) for each in value]
    obj["labels"] = [*own, *merge_by(rest, lambda pair: str(pair.get("key", "")), wanted)]


def _put_label(pair: Json, each: Label) -> None:
    pair.setdefault("key", each.key)
    if each.value is not None:
        pair["value"] = each.value


def get_markers(obj: Json, names: Names) -> tuple[Marker, ...]:
    """The markers, by which roles are kept to some objects."""
    pairs = obj.get("markers", [])
    return tuple(
        Marker.model_construct(key=str(pair.get("key", "")), values=tuple(pair.get("values", ())))
        for pair in pairs
    )


def put_markers(obj: Json, value: tuple[Marker, ...], names: Names) -> None:
    """Write the markers."""
    wanted: list[tuple[Any, Any]] = [(each.key, partial(_put_marker, each=each)) for each in value]
    obj["markers"] = merge_by(obj.get("markers", []), lambda pair: str(pair.get("key", "")), wanted)


def _put_marker(pair: Json, each: Marker) -> None:
    pair.setdefault("key", each.key)
    if each.values is not None and set(each.values) != set(pair.get("values", ())):
        pair["values"] = list(each.values)


LABELS = Leaf("labels[]", get_labels, put_labels)
MARKERS = Leaf("markers[]", get_markers, put_markers)
