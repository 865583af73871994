"""Remedies of objects of any type, by the table objects.tsv: what may be changed, and whom that would hit.

Whoever refers to an object is hit by its change, unless the table says otherwise. Nothing is deleted; an element that
is not declared goes only out of a list that `exact` names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from avi_schema import Field, Version, load
from avi_schema.semantics import meaning_of
from intent import EXISTENCE, ConfigObject, Drift
from intent.kinds.objects import kind_of_word
from intent.objects.edits import IDS
from intent.remediation import Risk
from live.kinds import KINDS
from live.kinds.objects import ObjectKind
from remediate.plan.model import SINGLETONS
from remediate.plan.view import named
from remediate.registry import REGISTRY, Case, Remedy, Verdict
from remediate.remedies.dns import compose_group

TABLE = Path(__file__).with_name("objects.tsv")
_ON_NOTHING = "CLOUD_NONE"
"""The type of a cloud whose servers somebody provides: it needs no credentials."""
_NONE_DELETED = "nothing here deletes: look who refers to it, then delete it"


class MemberRule(NamedTuple):
    """What a change of a member means: how it may be made, and who is hit, or why it is not made."""

    risk: str
    text: str


@cache
def table() -> Mapping[str, MemberRule]:
    """The rows by their place: `pool.servers`, `pool.*`, `*.description`, `pool` for making one."""
    lines = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
    return {line[0]: MemberRule(line[1], line[2]) for line in lines if not line[0].startswith("#")}


def row_of(api: str, path: str) -> MemberRule:
    """The row for a change of a member of a type, however deep; for making an object where the path is empty."""
    rows = table()
    if path == EXISTENCE:
        return rows.get(api, MemberRule("safe", "-"))
    parts = path.split(".")
    deepest_first = (".".join(parts[:number]) for number in range(len(parts), 0, -1))
    places = [place for part in deepest_first for place in (f"{api}.{part}", f"*.{part}")]
    return next(rows[place] for place in (*places, f"{api}.*", "*.*") if place in rows)


def answer(drift: Drift, want: ConfigObject | None) -> Remedy | str:
    """The remedy for a drift of an object of any type, or the reason for having none.

    `want`: as it is declared; None where an undo asks, which takes back what was added.
    """
    kind = kind_of_word(drift.key.kind)
    assert kind is not None
    if drift.path == EXISTENCE:
        if want is not None and want.absent:
            return _NONE_DELETED
        row = row_of(kind.api, EXISTENCE)
        bare = kind.api == "cloud" and want is not None and want.fields.get("vtype") == _ON_NOTHING
        explained = row.risk == "explained" and not bare
        return row.text if explained else Remedy(kind.kind, (EXISTENCE,), "safe", make)
    row = row_of(kind.api, drift.field)
    if row.risk == "explained":
        return row.text
    beside = _beside(kind.api, drift)
    if beside and want is not None and drift.field not in want.exact:
        return (
            "it is there and not declared: declare it, remove it by hand, or name "
            f"`{drift.field}` under `exact`, so that it is removed here"
        )
    who = "users" if beside and row.risk == "safe" and kind.api not in SINGLETONS else row.text
    risk = cast("Risk", "guarded" if beside else row.risk)
    compose = compose_group if (kind.api, drift.field) == ("virtualservice", "se_group_ref") else None
    return Remedy(kind.kind, (drift.field,), risk, _JUDGES[who, bool(compose)], compose)


REGISTRY.family = answer


def _beside(api: str, drift: Drift) -> bool:
    """Whether what is there and not declared would go."""
    if drift.removes and drift.path.endswith("]"):
        return True
    if not (isinstance(drift.have, list) and isinstance(drift.want, list)):
        return False
    return _mode(api, drift.field) == "ordered" and any(each not in drift.want for each in drift.have)


def _mode(api: str, path: str) -> str:
    message: str | None = load().types[api].model
    mode = ""
    for name in path.split("."):
        if message is None:
            return ""
        mode = meaning_of(message, name)[-1].mode
        message = load().message(message).fields[name].message
    return mode


def change(case: Case) -> Verdict:
    """Change what nobody depends on at this moment."""
    del case
    return Verdict()


def change_used(case: Case) -> Verdict:
    """Change a member; whoever refers to the object has what it says now."""
    users = case.view.users(_api(case), str(case.raw["uuid"]))
    return Verdict(hit=users, effect="they refer to it as it is now")


def change_serving(case: Case) -> Verdict:
    """Change a virtual service; its clients are served by what it is now. One that is disabled has none."""
    if not case.raw.get("enabled", True):
        return Verdict()
    return Verdict(hit=(named(_api(case), case.raw),), effect="its clients are served by it as it is now")


def move_serving(case: Case) -> Verdict:
    """Move a virtual service to another group: it is disabled, moved, and enabled again."""
    return change_serving(case)


def change_controller(case: Case) -> Verdict:
    """Change what everything on the Controller goes by."""
    return Verdict(hit=(f"the {_api(case)}",), effect="the whole Controller goes by it")


def make(case: Case) -> Verdict:
    """Make the object; nobody refers to it yet."""
    want: ConfigObject = case.want
    kind = KINDS[type(want)]
    assert isinstance(kind, ObjectKind)
    for other in case.view.environment:  # one that has a section of its own is made by it, once
        if other.api == want.api and other.key[1:] == want.key[1:] and not isinstance(other, ConfigObject):
            return Verdict(
                withdrawn=f"it is declared under `{other.section}` too, which makes it: run again after that"
            )
    version = case.view.names.version
    for path, field, why in _lacking(kind.type.model, want.fields, version, ""):
        known = "is a secret, which stands in no file" if field.secret else f"is {why} and not declared"
        return Verdict(withdrawn=f"it cannot be made: {path} {known}; make it by hand")
    certificate = want.fields.get("certificate")
    signed = isinstance(certificate, Mapping) and certificate.get("self_signed")
    if kind.api == "sslkeyandcertificate" and not signed and want.fields.get("type") != _AUTHORITY:
        return Verdict(withdrawn="its private key stands in no file; import both under Templates > Security")
    return Verdict()


_AUTHORITY = "SSL_CERTIFICATE_TYPE_CA"
_JUDGES = {
    ("-", False): change,
    ("users", False): change_used,
    ("itself", False): change_serving,
    ("itself", True): move_serving,
    ("Controller", False): change_controller,
}


def _lacking(
    message: str, members: Mapping[str, Any], version: Version, path: str
) -> Iterator[tuple[str, Field, str]]:
    """(path, member, why) of what has to be said of a new object and is not."""
    for field in load().message(message).fields.values():
        if field.name in ("name", "tenant_ref", "cloud_ref", "uuid", "url", IDS.get(message)):
            continue
        at, value = f"{path}{field.name}", members.get(field.name)
        if value is None:
            if field.demanded_at(version):
                yield at, field, "required"
            continue
        for element in value if isinstance(value, list | tuple) else (value,):
            if field.message and isinstance(element, Mapping):
                yield from _lacking(field.message, element, version, f"{at}.")


def _api(case: Case) -> str:
    return KINDS[type(case.want)].api
