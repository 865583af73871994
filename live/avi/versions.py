"""Which model version to speak with a Controller."""

from __future__ import annotations

import re

Version = tuple[int, ...]

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
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(part) for part in found.groups()) if found else None


def spelled(version: Version) -> str:
    """(30, 2, 1) as `30.2.1`."""
    return ".".join(map(str, version))


def negotiate(said: str, pinned: str | None = None) -> Version:
    """The version to speak: the pinned one, else the newest known that is not newer than the Controller's.

    Raises Unsupported.
    """
    theirs, oldest = parse(said), KNOWN[0]
    if theirs is None:
        raise Unsupported(f"it does not say its version ({said or 'nothing'}), so none can be agreed on")
    if theirs < oldest:
        raise Unsupported(f"it is version {said}; the oldest that is supported is {spelled(oldest)}")
    want = parse(pinned or "")
    if want is None:
        return max(known for known in KNOWN if known <= theirs)
    if want > theirs:
        raise Unsupported(
            f"it is version {said} and cannot speak the pinned api_version {pinned}; pin an older one "
            "or leave it out"
        )
    if want < oldest:
        raise Unsupported(
            f"the pinned api_version {pinned} is older than {spelled(oldest)}, the oldest supported"
        )
    return want
