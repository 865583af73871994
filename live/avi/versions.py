"""Model versions: those this project knows, and which one to speak with a Controller of some version."""

from __future__ import annotations

import re

from avi_schema import Version, dotted

KNOWN: tuple[Version, ...] = (
    (20, 1, 1), (20, 1, 2), (20, 1, 3), (20, 1, 4), (20, 1, 5), (20, 1, 6), (20, 1, 7),
    (21, 1, 1), (21, 1, 3), (21, 1, 5), (21, 1, 7),
    (22, 1, 1), (22, 1, 2), (22, 1, 3), (22, 1, 5), (22, 1, 6), (22, 1, 7),
    (30, 1, 1), (30, 1, 2), (30, 2, 1),
)  # fmt: skip
"""The model versions this project knows [SCHEMA]; a Controller takes any up to its own [DOC]."""


class Unsupported(ValueError):
    """No version can be agreed on; says why and what to do."""


def parse(text: str) -> Version | None:
    """`30.2.1-9024` as (30, 2, 1); None for what is no version."""
    parts = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(map(int, parts.groups())) if parts else None


def is_newer(reported: str, spoken: str) -> bool:
    """Whether a Controller's version is newer than the model in which it is spoken to."""
    theirs, ours = parse(reported), parse(spoken)
    return theirs is not None and ours is not None and theirs > ours


def negotiate(reported: str, pinned: str | None = None) -> Version:
    """The version to speak: the pinned one, else the newest known that is not newer than the one it reports.

    Raises Unsupported.
    """
    theirs, oldest = parse(reported), KNOWN[0]
    if theirs is None:
        raise Unsupported(
            f"it does not say its version ({reported or 'nothing'}), so none can be agreed on; see what answers at "
            "controller.address"
        )
    if theirs < oldest:
        raise Unsupported(
            f"it is version {reported}; the oldest that is supported is {dotted(oldest)}; upgrade it"
        )
    want = parse(pinned or "")
    if want is None:
        return max(known for known in KNOWN if known <= theirs)
    if want > theirs:
        raise Unsupported(
            f"it is version {reported} and cannot speak the pinned api_version {pinned}; pin an older one "
            "or leave it out"
        )
    if want < oldest:
        raise Unsupported(
            f"the pinned api_version {pinned} is older than {dotted(oldest)}, the oldest supported"
        )
    return want
