"""Outlook on the other tool: on what Terraform would differ for ever in these objects, and what it cannot see of them.

Seen with the vendor's provider at 1.11 of Terraform [REC]: it compares a list only as far as it has declared it,
takes no note of a reference that is gone, and watches no member that is not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from avi_schema import load
from intent.objects import references
from intent.words import first_of
from live.imports.written import Import, ImportedObject

FILLED = {"virtualservice": ("cloud_type",)}
"""Members that the Controller fills with another value than the provider's default."""
MOST_NAMED = 6


def outlook(terraform: Import) -> Iterator[str]:
    """One sentence a kind of difference, with the members that it is about."""
    names = {each.source: f"{each.api} {each.body.get('name', '')}".rstrip() for each in terraform.objects}
    hidden = [f"{member} of {names.get(source, source)}" for source, member in terraform.hidden]
    filled = [
        f"{member} of {names[each.source]}"
        for each in terraform.objects
        for member in FILLED.get(each.api, ())
    ]
    yield from _line("differs for ever, since the secret comes back hidden", hidden)
    yield from _line("differs for ever, since the Controller fills it", filled)
    yield from _line("does not see what is added by hand to", _of_types(terraform, _lists))
    yield from _line("does not see that this reference is taken away", _of_types(terraform, _references))
    empty = [
        names[each.source] for each in terraform.objects if each.api == "vsvip" and "vip" not in each.body
    ]
    yield from _line("empties the VIPs of", empty)


def _line(what: str, about: list[str]) -> Iterator[str]:
    if about:
        yield f"Terraform {what}: {first_of(dict.fromkeys(about), MOST_NAMED)}"


def _of_types(terraform: Import, members: Any) -> list[str]:
    return [f"{member} of {each.api}" for each in terraform.objects for member in members(each)]


def _lists(written: ImportedObject) -> Iterator[str]:
    def below(message: str, part: Mapping[str, Any], at: str) -> Iterator[str]:
        fields = load().message(message).fields
        for name, value in part.items():
            if isinstance(value, list):
                yield f"{at}{name}"
            elif isinstance(value, Mapping) and (inner := fields[name].message):
                yield from below(inner, value, f"{at}{name}.")

    return below(load().types[written.api].model, written.body, "")


def _references(written: ImportedObject) -> Iterator[str]:
    for place, _, _ in references.references(load().types[written.api].model, written.body):
        if len(place) == 1 and place[0] not in ("cloud_ref", "tenant_ref"):
            yield str(place[0])
