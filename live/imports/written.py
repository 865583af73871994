"""Objects as a file of Terraform's or Ansible's writes them, in the Controller's own form, and what was left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from avi_schema import Field, load
from intent.objects import references
from intent.plain_data import shown
from intent.values import bare_name

Json = dict[str, Any]
MISSING_VALUE = object()
"""Stands for a value that the file does not hold."""


class NotImported(ValueError):
    """A file that is nothing that can be imported. Says why."""


@dataclass
class ImportedObject:
    """One object. `body` holds the members that are declared, `whole` all that the file knows of it.

    References are `/api/<type>?name=<name>`, with cloud and tenant where these are known. `source`: what it is called
    in its file. `absent`: it must not be there. `authored`: `body` is what its author wrote, and nothing else.
    """

    api: str
    source: str
    body: Json
    whole: Json = field(default_factory=dict)
    absent: bool = False
    authored: bool = False


@dataclass
class Import:
    """All of a file. `address`: the Controller's, where the file says it. `terraform`: Terraform wrote it."""

    objects: list[ImportedObject] = field(default_factory=list)
    terraform: bool = False
    address: str = ""
    looked_up: list[ImportedObject] = field(default_factory=list)
    """Objects that are only referred to: what the file knows of them."""
    left_out: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Where the file holds no value for what it declares."""
    foreign: list[str] = field(default_factory=list)
    """Resources of other providers: no objects of a Controller."""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    """(source, top-level member) of each secret."""

    def leave(self, source: str, place: str, why: str) -> None:
        """Note what was not taken over."""
        self.left_out.append(f"{source}: {place}: {why}" if place else f"{source}: {why}")


def by_name(api: str, name: str, cloud: str = "", tenant: str = "") -> str:
    """A reference to an object by its name."""
    scopes = {"name": name, "cloud": cloud, "tenant": tenant}
    return f"/api/{api}?{urlencode({key: value for key, value in scopes.items() if value})}"


def name_in(ref: Any) -> str:
    """The name in a reference, without cloud and tenant; "" where there is none."""
    return bare_name((references.named(ref) if ref else "") or "")


def cast(described: Field, value: Any) -> Any:  # noqa: PLR0911 -- one line a kind
    """A value as the Controller's model has it: Terraform and Ansible write numbers and truth as text.

    Raises ValueError for what is no such value.
    """
    if described.kind == "boolean":
        if isinstance(value, str) and value.lower() in ("true", "false", "yes", "no"):
            return value.lower() in ("true", "yes")
        return _of(bool, value, described)
    if described.kind == "integer":
        if isinstance(value, str):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return _of(int, value, described)
    if described.kind == "number":
        return float(value) if isinstance(value, str) else _of((int, float), value, described)
    if isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return _of(str, value, described)


def _of(kind: Any, value: Any, described: Field) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and described.kind != "boolean"):
        raise ValueError(f"{shown(value)} is no value of {described.name}")
    return value


def type_of(name: str) -> str | None:
    """The Controller's type of `avi_pool` or `vmware.alb.avi_pool`; None where there is none that is configured."""
    api = name.rpartition(".")[2].removeprefix("avi_")
    kind = load().types.get(api)
    return api if kind is not None and kind.configurable else None


def is_set(value: Any) -> bool:
    """Whether a value says something."""
    return value not in (None, "", [], {})


def without_defaults(message: str, members: Mapping[str, Any]) -> Json:
    """Members of a message, and of those within it, that do not say the newest model's default; lists as they are."""
    fields = load().message(message).fields
    kept: Json = {}
    for name, value in members.items():
        described = fields[name]
        nested = described.message and not described.many and isinstance(value, Mapping)
        own = without_defaults(described.message or "", value) if nested else value
        if is_set(own) and own != described.default:
            kept[name] = own
    return kept
