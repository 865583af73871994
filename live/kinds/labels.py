"""Labels, markers and licence tiers <-> `labels`, `markers` and `license_tier`; what AKO marks as its own."""

from __future__ import annotations

from typing import get_args

from intent.ako import CLUSTER_LABEL
from intent.kinds.labels import Label, LicenseTier, Marker
from live.avi.identity import Json, Names
from live.kinds.base import Leaf
from live.kinds.codecs import api_words, enum, key, plain, text_set
from live.kinds.messages import elements


def clusters_of(obj: Json) -> set[str]:
    """The clusters whose AKO has put its label on an object."""
    pairs = obj.get("labels", [])
    return {str(pair["value"]) for pair in pairs if pair.get("key") == CLUSTER_LABEL and "value" in pair}


def tier(*path: str) -> Leaf:
    """A licence tier. What is unset there is that of the whole system."""
    return enum(api_words("{}", get_args(LicenseTier)), *path)


_PAIRS = elements(Label, "key", {"key": key("key"), "value": plain("value")}, "labels")


def get_labels(obj: Json, names: Names) -> tuple[Label, ...]:
    """The labels without that of AKO's cluster."""
    return tuple(pair for pair in _PAIRS.get(obj, names) if pair.key != CLUSTER_LABEL)


def put_labels(obj: Json, value: tuple[Label, ...], names: Names) -> None:
    """Write the labels; that of AKO's cluster stays."""
    own = (pair for pair in _PAIRS.get(obj, names) if pair.key == CLUSTER_LABEL)
    _PAIRS.write(obj, (*own, *value), names)


LABELS = Leaf("labels[]", get_labels, put_labels)
MARKERS = elements(Marker, "key", {"key": key("key"), "values": text_set("values")}, "markers")
"""The markers, by which roles are kept to some objects."""
