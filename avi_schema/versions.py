"""Model versions such as (20, 1, 6), and the spans of them in which a member or a type exists."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

Version = tuple[int, ...]
Span = tuple[Version, Version]
"""From the first version (included) until the second (excluded)."""

EARLIEST: Version = ()
LATEST: Version = (sys.maxsize,)

_VERSION = re.compile(r"v?(\d+(?:[._]\d+)*)")


def parse_version(text: str) -> Version:
    """Read "20.1.6", "20_1_6", "v20_1_6" or "22.1.6-9001" (build and patch are no part of a model).

    Raises ValueError when the text does not start with a version.
    """
    match = _VERSION.match(text.strip())
    if match is None:
        raise ValueError(f"not a version: {text!r}")
    return tuple(int(part) for part in re.split(r"[._]", match[1]))


def dotted(version: Version) -> str:
    """Write (20, 1, 6) as "20.1.6"."""
    return ".".join(map(str, version))


def underscored(version: Version) -> str:
    """Write (20, 1, 6) as "20_1_6", the way a Controller names a model [REC]."""
    return "_".join(map(str, version))


def lives(spans: tuple[Span, ...], version: Version) -> bool:
    """Whether `version` falls into one of the spans; no spans at all mean always."""
    return not spans or any(first <= version < until for first, until in spans)


def read_spans(pairs: Iterable[Sequence[str | None]]) -> tuple[Span, ...]:
    """Read spans as the schema file writes them, such as [["20.1.7", "21.1.1"], ["21.1.3", null]].

    null (or "") is an open end.
    """
    return tuple(
        (parse_version(first) if first else EARLIEST, parse_version(until) if until else LATEST)
        for first, until in pairs
    )
