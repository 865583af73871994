"""Payloads: which members of a Controller's JSON are the server's own, secret or too many; when two say the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from avi_schema import Message, load
from intent import Unknown
from intent.sensitive import SENSITIVE
from live.avi.identity import Json, rows_of

_ALWAYS = frozenset({"_last_modified", "url", "configpb_attributes"})
_OF_TYPE: dict[str, frozenset[str]] = {
    # Internals that only a GET of a virtual service shows, TLS ticket keys among them [REC].
    "virtualservice": frozenset(
        {
            "ipam_dns_records",
            "marked_for_delete",
            "redis_db",
            "redis_port",
            "self_se_election",
            "tls_ticket_key",
            "version",
            "vip_runtime",
        }
    ),
    # `vs_refs` is only in a GET by uuid [REC].
    "vsvip": frozenset({"vs_refs", "vsvip_cloud_config_cksum"}),
}
_HOST = re.compile(r"^https?://[^/]+(?=/api/)")
_REF = re.compile(r"^(https?://[^/]+)?/api/")


def owned_by_server(api: str) -> frozenset[str]:
    """Top-level members that the Controller writes itself: never compared, never restored."""
    return _ALWAYS | _OF_TYPE.get(api, frozenset())


def canonical(value: Any) -> Any:
    """A value whose references are spelled one way: no host, no `#name`."""
    if isinstance(value, dict):
        return {key: canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [canonical(inner) for inner in value]
    if isinstance(value, str) and value.startswith(("/api/", "http")):
        return _HOST.sub("", value).partition("#")[0] if "/api/" in value and _REF.match(value) else value
    return value


def known_rows(path: str, page: Any) -> list[Json]:
    """The rows of one page of a collection, each of which can be told.

    Raises Unknown, also where it is no list of objects: that does not mean none.
    """
    if not isinstance(page, dict) or (rows := rows_of(page)) is None:
        raise Unknown(f"{path} answered with no list of objects")
    if "error" in page:
        raise Unknown(f"{path} answered with an error beside a list of objects")
    if any(not _identity(row) for row in rows):
        raise Unknown(f"{path} answered with an object that has neither name nor uuid")
    return rows


def _identity(row: Json) -> bool:
    """Whether an object can be told by name or uuid, each a text where there is one."""
    known = [row[member] for member in ("name", "uuid") if member in row]
    return bool(known) and all(isinstance(value, str) and value for value in known)


def content(api: str, obj: Json) -> Json:
    """What an object says, without what the server writes by itself."""
    hidden = owned_by_server(api)
    return {key: canonical(value) for key, value in obj.items() if key not in hidden}


def digest_of(value: Any) -> str:
    """SHA-256 of plain data."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def contains(have: Any, want: Any) -> bool:
    """Whether everything that was sent is there; what the server added does not count."""
    if isinstance(want, dict):
        return isinstance(have, dict) and all(key in have and contains(have[key], want[key]) for key in want)
    if isinstance(want, list):
        return (
            isinstance(have, list)
            and len(have) == len(want)
            and all(contains(mine, theirs) for mine, theirs in zip(have, want, strict=True))
        )
    return bool(canonical(have) == canonical(want))


def holds_secret(obj: Any) -> bool:
    """Whether a secret stands anywhere in an object, read back as `<sensitive>`."""
    if isinstance(obj, dict):
        return any(holds_secret(inner) for inner in obj.values())
    if isinstance(obj, list):
        return any(holds_secret(inner) for inner in obj)
    return bool(obj == SENSITIVE)


class LeafChange(NamedTuple):
    """A leaf of an object that is another after than before; None stands for absent."""

    path: str
    before: Any
    after: Any


def leaf_changes(before: Any, after: Any, path: str = "") -> Iterator[LeafChange]:
    """Every leaf that differs.

    A list is one leaf; of lists of as many objects, the elements are compared one by one, `a[1].b`.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            inner = f"{path}.{key}" if path else key
            yield from leaf_changes(before.get(key), after.get(key), inner)
    elif _are_rows(before, after):
        for number, pair in enumerate(zip(before, after, strict=True), 1):
            yield from leaf_changes(*pair, f"{path}[{number}]")
    elif before != after:
        yield LeafChange(path, before, after)


def _are_rows(before: Any, after: Any) -> bool:
    """Whether two lists hold as many objects, each of which shares a member with its counterpart: they were edited."""
    if not (isinstance(before, list) and isinstance(after, list) and len(before) == len(after)):
        return False
    pairs = list(zip(before, after, strict=True))
    if not pairs or not all(isinstance(a, dict) and isinstance(b, dict) for a, b in pairs):
        return False
    return all(any(a[member] == b.get(member) for member in a) for a, b in pairs)


def refusals(message: Message, after: Json, before: Json) -> Iterator[str]:
    """Why a Controller would refuse these members: lists that grow too long, messages set without their secret."""
    yield from _overfull(message, after, before)
    lacking = set(_lacking_secrets(message, {name: before[name] for name in after if name in before}))
    yield from (why for why in _lacking_secrets(message, after) if why not in lacking)


def _overfull(message: Message, after: Json, before: Json, place: str = "") -> Iterator[str]:
    """The lists of what is to be written that hold more than a Controller takes, and more than before."""
    for name, value in after.items():
        field, former = message.fields.get(name), before.get(name)
        if field is None or value is None:
            continue
        at = f"{place}{name}"
        elements, formers = (
            each if isinstance(each, list) else [] if each is None else [each] for each in (value, former)
        )
        if field.max_items is not None and len(elements) > max(field.max_items, len(formers)):
            most = f"a Controller takes {field.max_items} at most"
            yield f"{at} would hold {len(elements)} elements, and {most}: remove by hand what is not declared"
        if field.message:
            nested = load().message(field.message)
            for element in elements:
                if isinstance(element, dict) and element not in formers:
                    like = former if isinstance(former, dict) else {}
                    yield from _overfull(nested, element, like, f"{at}.")


def _lacking_secrets(message: Message, obj: Json, place: str = "") -> Iterator[str]:
    """The messages of an object that lack a secret which they need, and which stands in no file."""
    for name, value in obj.items():
        field, at = message.fields.get(name), f"{place}{name}"
        for element in value if isinstance(value, list) else [value]:
            if field and field.message and isinstance(element, dict):
                nested = load().message(field.message)
                for member in nested.fields.values():
                    if member.secret and member.required and not element.get(member.name):
                        yield f"{at} needs its {member.name}, a secret, which stands in no file; set {at} by hand"
                yield from _lacking_secrets(nested, element, f"{at}.")
