"""Every kind that has a counterpart on the Controller, by its intent model."""

from __future__ import annotations

from live.kinds import cloud, controller, dns, profiles, routing, service_engines  # noqa: F401 -- each registers its kinds
from live.kinds.base import KINDS, Kind, Leaf, collections

BY_WORD: dict[str, Kind] = {kind.intent.kind: kind for kind in KINDS.values()}
"""The same by the kind's word, which is what a Key carries."""

__all__ = ["BY_WORD", "KINDS", "Kind", "Leaf", "collections"]
