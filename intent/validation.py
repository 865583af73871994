"""From a file to an Environment, or to every problem of the file at once, each with its line."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from intent.base import Declared, Intent
from intent.drift import part_of
from intent.environment import SECTIONS, Environment
from intent.routing import Network, Subnet
from intent.source import Invalid, Place, Problem, Source, read
from intent.values import IpRange

BUILT_IN_VRFS = ("global", "management")
"""Every cloud has these [REC]; an environment may refer to them without declaring them."""


def load(path: Path) -> Environment:
    """Read and check an environment file. Raises Invalid."""
    source = read(path)
    if source.data is None:
        raise Invalid(path, [Problem(1, "is empty; start from environments/iberia.yaml")])
    environment = validate(source, Environment)
    assert isinstance(environment, Environment)
    for place, text in relations(environment):
        source.wrong(place, text)
    if source.problems:
        raise Invalid(path, source.problems)
    environment._path = path  # noqa: SLF001 -- the one place that makes it
    return environment


def validate(source: Source, model: type[BaseModel]) -> BaseModel:
    """The file's data as a model. Raises Invalid with every problem of form, duplicate keys included."""
    if not isinstance(source.data, dict):
        raise Invalid(source.path, [Problem(1, "is not a mapping of keys to values")])
    try:
        made = model.model_validate(source.data)
    except ValidationError as errors:
        for error in errors.errors():
            source.wrong(_place(source, error["loc"]), _sentence(model, error))
        raise Invalid(source.path, source.problems) from errors
    except RecursionError as error:
        raise Invalid(source.path, [Problem(1, "is nested too deeply")]) from error
    return made


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is close, else what is known, or nothing."""
    names = [str(name) for name in known]
    if found := difflib.get_close_matches(word, names, n=1, cutoff=0.6):
        return f"; did you mean {found[0]!r}?"
    return f"; known: {', '.join(sorted(names)[:12])}" if names else ""


def _place(source: Source, loc: tuple[str | int, ...]) -> Place:
    """Pydantic's loc without what it adds for unions and validators: the longest prefix that is in the file."""
    place: Place = ()
    for part in loc:
        if (*place, part) in source.lines:
            place = (*place, part)
    return place


def _sentence(root: type[BaseModel], error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    last, kind, context = str(error["loc"][-1]) if error["loc"] else "", error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        owner = _model_at(root, error["loc"][:-1])
        known = [field.alias or name for name, field in owner.model_fields.items()] if owner else ()
        return f"unknown key {last!r}{nearest(last, known)}"
    if kind == "missing":
        return f"{where}: is required and not there"
    if kind == "literal_error":
        allowed = [part.strip("' ") for part in context["expected"].replace(" or ", ", ").split(", ")]
        return (
            f"{where}: {error['input']!r} is not one of {', '.join(allowed)}{_meant(error['input'], allowed)}"
        )
    text = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    shown = repr(error["input"])
    short = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{where or 'file'}: {text[:1].lower()}{text[1:]}" + ("" if short in text else f" (found {short})")


def _meant(word: Any, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def _model_at(root: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = root
    for part in loc:
        if isinstance(part, str) and model is not None:
            field = model.model_fields.get(part)
            model = part_of(field.annotation) if field else None
    return model


def relations(environment: Environment) -> Iterator[tuple[Place, str]]:
    """What is wrong between objects: names twice, references to nothing, pools where they cannot be."""
    yield from _names(environment)
    yield from _references(environment)
    for index, network in enumerate(environment.networks):
        yield from _pools(network, ("networks", index))
    yield from _overlaps(environment)


def _names(environment: Environment) -> Iterator[tuple[Place, str]]:
    for section in SECTIONS:
        seen: dict[Any, int] = {}
        for index, found in enumerate(getattr(environment, section)):
            if found.key in seen:
                yield (
                    (section, index, "name"),
                    f"{found.key} is declared a second time; give each object one entry",
                )
            seen[found.key] = index
            yield from _twice_in_lists(found, (section, index))


def _twice_in_lists(found: Declared, place: Place) -> Iterator[tuple[Place, str]]:
    for name in type(found).model_fields:
        value, marker = getattr(found, name), found.marker(name)
        by = getattr(marker, "by", None)
        if by is None or not value:
            continue
        seen = set()
        for index, element in enumerate(value):
            if (key := str(getattr(element, by))) in seen:
                yield (*place, name, index), f"{key} is declared a second time in {name}; keep one"
            seen.add(key)
            yield from _twice_in_lists(element, (*place, name, index))


def _references(environment: Environment) -> Iterator[tuple[Place, str]]:  # noqa: C901 -- one line a reference
    names: dict[str, list[Any]] = {section: list(getattr(environment, section)) for section in SECTIONS}

    def dangling(
        place: Place, what: str, name: str | None, section: str, cloud: str | None = None
    ) -> Iterator[Any]:
        known = [o.name for o in names[section] if cloud is None or o.cloud == cloud]
        if name is not None and name not in known:
            where = f" in cloud {cloud}" if cloud else ""
            yield place, f"no {what} {name!r} is declared{where}{nearest(name, known)}"

    for i, cloud in enumerate(environment.clouds):
        at: Place = ("clouds", i)
        yield from dangling((*at, "dns_profile"), "DNS profile", cloud.dns_profile, "dns_profiles")
        yield from dangling((*at, "ipam_profile"), "IPAM profile", cloud.ipam_profile, "ipam_profiles")
        if cloud.management and cloud.management.network:
            network = cloud.management.network
            yield from dangling((*at, "management", "network"), "network", network, "networks", cloud.name)
    for i, profile in enumerate(environment.ipam_profiles):
        for j, name in enumerate(profile.usable_networks or ()):
            yield from dangling(
                ("ipam_profiles", i, "usable_networks", j), "network", name, "networks", profile.cloud
            )
    for section in ("vrfs", "networks", "se_groups", "dns_services"):
        for i, found in enumerate(names[section]):
            if environment.clouds:
                yield from dangling((section, i, "cloud"), "cloud", found.cloud, "clouds")
            vrf = getattr(found, "vrf", None)
            if vrf not in BUILT_IN_VRFS:
                yield from dangling((section, i, "vrf"), "VRF context", vrf, "vrfs", found.cloud)
    for i, service in enumerate(environment.dns_services):
        at = ("dns_services", i)
        yield from dangling((*at, "se_group"), "SE group", service.se_group, "se_groups", service.cloud)
        if service.vip:
            yield from dangling(
                (*at, "vip", "network"), "network", service.vip.network, "networks", service.cloud
            )
    if environment.system:
        for j, name in enumerate(environment.system.dns_services or ()):
            yield from dangling(("system", "dns_services", j), "DNS service", name, "dns_services")


def _pools(network: Network, at: Place) -> Iterator[tuple[Place, str]]:
    for i, subnet in enumerate(network.subnets or ()):
        taken: list[IpRange] = []
        for j, pool in enumerate(subnet.pools or ()):
            place = (*at, "subnets", i, "pools", j, "range")
            if not pool.range.within(subnet.prefix):
                yield place, f"pool {pool.range} lies outside its subnet {subnet.prefix}"
            elif reserved := _reserved(subnet, pool.range):
                yield place, f"pool {pool.range} holds {reserved}, which no host can use"
            yield from (
                (place, f"pool {pool.range} overlaps {other}")
                for other in taken
                if other.overlaps(pool.range)
            )
            taken.append(pool.range)


def _reserved(subnet: Subnet, pool: IpRange) -> str:
    if subnet.prefix.version == 6 or subnet.prefix.prefixlen >= 31:
        return ""
    named = {"network": subnet.prefix.network_address, "broadcast": subnet.prefix.broadcast_address}
    return " and ".join(f"the {what} address {address}" for what, address in named.items() if address in pool)


def _overlaps(environment: Environment) -> Iterator[tuple[Place, str]]:
    """Pools of different networks in one VRF context must not share an address."""
    seen: defaultdict[tuple[str, str | None], list[tuple[IpRange, Intent]]] = defaultdict(list)
    for i, network in enumerate(environment.networks):
        for j, subnet in enumerate(network.subnets or ()):
            for k, pool in enumerate(subnet.pools or ()):
                others = seen[network.cloud, network.vrf]
                for other, owner in others:
                    if owner is not network and other.overlaps(pool.range):
                        place = ("networks", i, "subnets", j, "pools", k, "range")
                        yield (
                            place,
                            f"pool {pool.range} overlaps {other} of {owner.name} in the same VRF context",
                        )
                others.append((pool.range, network))
