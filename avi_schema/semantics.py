"""Meaning of each member for a comparison: what its list is, what tells its elements apart, and who writes it.

A row of semantics.tsv says it, or one of the rules here. Nobody publishes what a list means: the rows are from release
notes, from clients and from what the documentation says of the member [CLIENT, DOC, INF].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

from .model import Field
from .schema import Schema, load

SEMANTICS = Path(__file__).with_name("semantics.tsv")

Mode = Literal["value", "set", "ordered", "keyed", "sequence", "server", "secret"]
Form = Literal["", "address", "ciphers", "domain", "pem"]
Owner = Literal["", "ako", "anyone", "discovery"]
Scopes = Sequence[Mapping[str, Any]]
"""The messages in which a member stands, the innermost first, the object and its cloud last."""

ALWAYS_SERVER: Final = frozenset(
    {
        "_last_modified", "_tenant_uuid", "cloud_config_cksum", "configpb_attributes", "created_by", "extension",
        "service_metadata", "tenant_uuid", "url", "vsvip_cloud_config_cksum",
    }
)  # fmt: skip
"""Members that the Controller, or AKO for its own use, writes wherever they stand."""
ANYONES = frozenset({"attrs", "labels", "markers"})
"""Lists to which AKO, cloud connectors and people add their own elements."""
KEYED_BY_KEY = frozenset({"KeyValue", "KeyValueTuple", "RoleFilterMatchLabel"})
PLAIN_ELEMENTS = frozenset(
    {"HTTPStatusRange", "IpAddr", "IpAddrPort", "IpAddrPrefix", "IpAddrRange", "PortRange"}
)
"""Messages that are one value: nothing in them tells one from another but all of them."""
_MAY_BE_SECRET = re.compile(
    "passw|passphrase|secret|token|private_key|key_content|keyfile|community|auth_key|md5_"
)


@dataclass(frozen=True, slots=True)
class When:
    """A condition on a member of the same message, or else of the nearest one around it that has it.

    `inside`: of the same message alone.
    """

    member: str
    value: str | None = None
    negated: bool = False
    inside: bool = False

    @classmethod
    def parse(cls, text: str) -> When:
        """`auto_allocate_ip`, `!auto_allocate_ip`, `vtype=CLOUD_VCENTER`, or `.certificate`, which looks not around."""
        member, equals, value = text.removeprefix("!").partition("=")
        inside = member.startswith(".")
        return cls(member.lstrip("."), value if equals else None, text.startswith("!"), inside)

    def holds(self, scopes: Scopes) -> bool:
        """Whether it holds; a member that stands nowhere is off."""
        looked_at = scopes[:1] if self.inside else scopes
        there = next((scope[self.member] for scope in looked_at if self.member in scope), None)
        return (bool(there) if self.value is None else there == self.value) != self.negated


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a member is compared.

    - value: as one value; of messages, member by member.
    - set: a list whose order and repeats do not count. ordered: the order is the meaning.
    - keyed: elements are told apart by `key`: the members of the first alternative that an element has.
    - sequence: told apart by their rank when sorted by their index, whose number does not count.
    - server: the Controller's own: never compared or sent. secret: never shown, and sent by nobody here.

    `owner`: whose elements are left alone. ako: those with AKO's label. anyone, discovery: what is not declared.
    `form`: how its text is brought into one spelling. `whole`: nothing is known to tell its elements apart, so each
    counts as a whole.
    """

    mode: Mode
    key: tuple[tuple[str, ...], ...] = ()
    owner: Owner = ""
    form: Form = ""
    whole: bool = False
    when: When | None = None


@cache
def meaning_of(message: str, member: str) -> tuple[Meaning, ...]:
    """What a member means, each with its condition; the last has none. Raises KeyError for what no version has."""
    schema = load()
    field = schema.message(message).fields[member]
    rows = rows_of().get(f"{message}.{member}", ())
    return rows if rows and rows[-1].when is None else (*rows, _by_rule(schema, message, field))


def meaning(message: str, member: str, scopes: Scopes = ()) -> Meaning:
    """What a member means in these messages."""
    meanings = meaning_of(message, member)
    if len(meanings) == 1:
        return meanings[0]
    return next(each for each in meanings if each.when is None or each.when.holds(scopes))


@cache
def rows_of(path: Path = SEMANTICS) -> Mapping[str, tuple[Meaning, ...]]:
    """The rows of the table by `message.member`. Raises ValueError for a row that is none."""
    rows: dict[str, tuple[Meaning, ...]] = {}
    for name, parts in _lines(path):
        mode, key, owner, form, when = parts
        if mode not in get_args(Mode) or owner not in get_args(Owner) or form not in get_args(Form):
            raise ValueError(f"{path.name}: {name}: {mode} {owner} {form} is nothing that a member can mean")
        keys = tuple(tuple(each.split("+")) for each in key.split("|")) if key else ()
        condition = When.parse(when) if when else None
        rows[name] = (*rows.get(name, ()), Meaning(mode, keys, owner, form, when=condition))  # type: ignore[arg-type]
    return rows


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *parts = ("" if part == "-" else part for part in line.split("\t"))
            yield name, [*parts, *[""] * (5 - len(parts))]


def _by_rule(schema: Schema, message: str, field: Field) -> Meaning:  # noqa: PLR0911 -- one line a rule
    name = field.name
    if field.read_only or name in ALWAYS_SERVER or (name == "uuid" and message in _models(schema)):
        return Meaning("server")
    if field.secret or (
        field.kind == "string" and not field.enum and not field.ref and _MAY_BE_SECRET.search(name)
    ):
        return Meaning("secret")
    if not field.many:
        return Meaning("value")
    if field.kind != "message":
        return Meaning("set")
    if field.message in KEYED_BY_KEY:
        return Meaning("keyed", (("key",),), "anyone" if name in ANYONES else "")
    members = schema.message(field.message).fields if field.message else {}
    if field.message in PLAIN_ELEMENTS:
        return Meaning("set")
    if "index" in members and members["index"].kind == "integer":
        return Meaning("sequence", (("index",),))
    if "name" in members and members["name"].required:
        return Meaning("keyed", (("name",),))
    return Meaning("set", whole=True)


@cache
def _models(schema: Schema) -> frozenset[str]:
    return frozenset(kind.model for kind in schema.types.values())
