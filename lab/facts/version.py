"""Model versions, and the spans of them in which a field or a type is part of the model."""

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


def branch_spans(introduced: Iterable[Version]) -> list[tuple[Version, Version]]:
    """Turn a list of introductions, one a release branch, into spans.

    A field "introduced in 20.1.7, 21.1.3" was ported back: 20.1.8 knows it, 21.1.1 does not. So each listed
    branch but the highest ends its span where the next branch (major, minor + 1) would begin.
    """
    first: dict[Version, Version] = {}
    for version in sorted(introduced, reverse=True):
        first[version[:2]] = version
    ordered = sorted(first.values())
    return [
        (version, LATEST if version == ordered[-1] else (version[0], version[1] + 1)) for version in ordered
    ]


def read_spans(pairs: Iterable[Sequence[str | None]]) -> tuple[Span, ...]:
    """Read spans as the table writes them, such as [["20.1.7", "21.1.1"], ["21.1.3", null]].

    null (or "") is an open end.
    """
    return tuple(
        (parse_version(first) if first else EARLIEST, parse_version(until) if until else LATEST)
        for first, until in pairs
    )


def written(spans: Iterable[Span]) -> list[list[str | None]]:
    """Write spans the way the table has them: the inverse of read_spans."""
    return [[dotted(first) or None, None if until == LATEST else dotted(until)] for first, until in spans]
