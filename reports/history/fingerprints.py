"""Fingerprints of whole runs, a file each, beside the history: read by the next run, and thinned.

A file is a line of JSON that says what it is of, and then lines of JSON, an object each, compressed.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intent.files import contents, opened, replaced, write_all
from intent.fingerprint import Fingerprint, FingerprintSource, ObjectKey, SeenObject
from intent.plain_data import Damaged, from_json, to_json

FOLDER, SUFFIX = "fingerprints", ".fingerprint"
VERSION = 2
"""The version of the form of a file."""
KEPT = 2
"""Of each Controller, user and version of this program, so many are kept."""
KEPT_IN_ALL = 8
MOST_BYTES = 512 * 2**20
"""What a file may hold: a damaged one must not fill the memory."""
_LEVEL = 1
_TRIES = 20
_FORGOTTEN = 86_400.0
"""Seconds after which a file that a killed run has left half written is removed."""


class Unreadable(Exception):
    """A fingerprint cannot be read; says why."""


class OtherForm(Exception):
    """A fingerprint has the form of another version of this program; says which."""


@dataclass(frozen=True)
class _Head:
    """The first line of a file. `digest`: SHA-256 of the rest of it, and of what follows."""

    version: int
    source: FingerprintSource
    types: tuple[str, ...]
    digest: str


def before(folder: Path, source: FingerprintSource) -> tuple[Fingerprint | None, str]:
    """The last fingerprint of a source, and where there is none that can be used, why not in one sentence.

    Never raises: what cannot be read makes no notices.
    """
    for _ in range(_TRIES):
        try:
            return _last(folder, source)
        except FileNotFoundError:
            continue  # another run has just thinned out what was listed
        except OSError as error:
            return None, f"what the last whole run saw cannot be read: {error.filename}: {error.strerror}"
    return None, "other runs write at the same time"


def _last(folder: Path, source: FingerprintSource) -> tuple[Fingerprint | None, str]:
    """The same. Raises OSError."""
    why = "this is the first"
    for number, path in enumerate(_newest_first(folder)):
        try:
            head, packed = _read(path)
            unlike = source.unlike(head.source)
            if not unlike:
                return _unpacked(head, packed), ""
        except OtherForm as other:
            unlike = str(other)
        except (Unreadable, Damaged) as error:
            return None, f"what the last whole run saw is damaged: {path}: {error}"
        why = why if number else unlike
    return None, why


def keep(folder: Path, name: str, fingerprint: Fingerprint) -> None:
    """Write the fingerprint of a run, whole or not at all, and thin out the old ones. Raises OSError.

    `name` begins with the moment at which the run ended.
    """
    lines = b"".join(_line(each) for each in fingerprint.objects.values())
    packed = zlib.compress(lines, _LEVEL)
    types = tuple(sorted(fingerprint.types))
    head = _Head(VERSION, fingerprint.source, types, _digest(fingerprint.source, types, packed))
    with replaced(folder / FOLDER / f"{name}{SUFFIX}") as fresh:
        file = opened(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            write_all(file, json.dumps(to_json(head)).encode() + b"\n" + packed)
        finally:
            os.close(file)
    _thin(folder)


def _digest(source: FingerprintSource, types: tuple[str, ...], packed: bytes) -> str:
    return hashlib.sha256(repr((to_json(source), types)).encode() + packed).hexdigest()


def _line(seen: SeenObject) -> bytes:
    parts = (seen.type, seen.uuid, seen.name, seen.cloud, seen.tenant, seen.label, seen.owner)
    return f"{json.dumps(parts)}\t{seen.body}\n".encode()


def _newest_first(folder: Path) -> list[Path]:
    """Their names begin with the moment at which a run ended: what it saw last, the next is compared with."""
    return sorted((folder / FOLDER).glob(f"*{SUFFIX}"), key=lambda path: path.name, reverse=True)


def _read(path: Path) -> tuple[_Head, bytes]:
    """What a file is of, and what it holds. Raises OSError, Damaged, OtherForm, Unreadable."""
    first, _, packed = contents(path).partition(b"\n")
    try:
        line = json.loads(first)
        version = line.get("version") if isinstance(line, dict) else None
        if type(version) is int and version != VERSION:  # its other members may be others, too
            raise OtherForm(
                f"what the last whole run saw was kept by another version of this program, in form {version}; "
                f"this one writes and reads form {VERSION}"
            )
        return from_json(_Head, line), packed
    except (ValueError, RecursionError) as error:
        raise Unreadable("its first line is not understood") from error


def _unpacked(head: _Head, packed: bytes) -> Fingerprint:
    """Raises Unreadable."""
    if _digest(head.source, head.types, packed) != head.digest:
        raise Unreadable("it is not what was written")
    try:
        unpack = zlib.decompressobj()
        data = unpack.decompress(packed, MOST_BYTES)
        objects: Mapping[ObjectKey, SeenObject] = {each.key: each for each in _objects(data)}
    except (zlib.error, ValueError, TypeError) as error:
        raise Unreadable("it is not what was written") from error
    return Fingerprint(head.source, frozenset(head.types), objects)


def _objects(data: bytes) -> Iterator[SeenObject]:
    for line in data.decode("ascii").splitlines():
        parts, _, body = line.partition("\t")
        values: list[Any] = json.loads(parts)
        yield SeenObject(*map(str, values), body)  # type: ignore[call-arg]


def _thin(folder: Path) -> None:
    """Leave the newest of each source. What cannot be removed stays."""
    kept: Counter[Any] = Counter()
    for path in _newest_first(folder):
        with suppress(OSError):
            try:
                head, _ = _read(path)
                source = head.source.controller, head.source.rights, head.source.program
            except (Unreadable, OtherForm, Damaged):
                source = (), "", ""
            kept[source] += 1
            if kept[source] > KEPT or kept.total() > KEPT_IN_ALL:
                path.unlink()
    for path in (folder / FOLDER).glob(f".*{SUFFIX}.*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _FORGOTTEN:
                path.unlink()
