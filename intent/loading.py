"""Loading: from a YAML file to an Environment, or to every problem of the file at once, each with its line."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from intent import file_kinds, salvage
from intent.environment import Environment
from intent.installation import EVERY_KEY
from intent.paths import part_of
from intent.plain_data import form, shown
from intent.relations import relations
from intent.source import Invalid, Place, Problem, Source, read
from intent.words import did_you_mean, nearest

Model = TypeVar("Model", bound=BaseModel)

MOST_PROBLEMS = 100
"""More are counted, not shown: nobody reads them, and a file made by a faulty program has a million."""


def load(path: Path) -> Environment:
    """Read and check an environment file. Raises Invalid."""
    source = _read(path, file_kinds.ENVIRONMENT)
    if source.data is None:
        raise Invalid(path, [Problem(1, "is empty; start from environments/iberia.yaml")])
    try:
        environment = validate(source, Environment)
    except Invalid as invalid:
        _refuse_others(path, file_kinds.ENVIRONMENT)
        # What could be made out tells what is wrong between objects as well, so that one run tells all.
        if isinstance(source.data, dict) and (rest := salvage.make(source.data, Environment)):
            _relate(source, rest.environment, rest)
        raise Invalid(path, _first([*invalid.problems, *source.problems])) from None
    if environment.ako:
        from intent.ako.files import unreadable, with_clusters, with_files  # noqa: PLC0415 -- only where one is declared

        for place, text in unreadable(environment.ako, path.parent):
            source.wrong(place, text)
        if source.problems:
            raise Invalid(path, _first(source.problems))
        akos = with_files(environment.ako, path.parent)
        environment = environment.replaced(ako=akos, clusters=with_clusters(environment.clusters, akos))
    _relate(source, environment, salvage.Rest(environment))
    if source.problems:
        raise Invalid(path, _first(source.problems))
    environment._path = path  # noqa: SLF001 -- the one place that makes it
    return environment


def _relate(source: Source, environment: Environment, rest: salvage.Rest) -> None:
    for place, text in islice(relations(environment, rest.lost), MOST_PROBLEMS + 1):
        source.wrong(rest.place(place), text)


def _first(problems: list[Problem]) -> list[Problem]:
    """The first of too many problems, and how many more there are."""
    ordered = sorted(set(problems))
    if len(ordered) <= MOST_PROBLEMS:
        return ordered
    more = f"... and at least {len(ordered) - MOST_PROBLEMS} more from here on"
    return [*ordered[:MOST_PROBLEMS], Problem(ordered[MOST_PROBLEMS].line, more)]


def load_file(path: Path, model: type[Model], kind: str) -> tuple[Model, Source]:
    """A file of some kind as a model whose every member may be left out, as an empty one leaves them all.

    Raises Invalid.
    """
    source = _read(path, kind)
    try:
        instance = model() if source.data is None else validate(source, model)
    except Invalid:
        _refuse_others(path, kind)
        raise
    if source.problems:
        raise Invalid(path, source.problems)
    return instance, source


def _read(path: Path, kind: str) -> Source:
    """A file's data. Raises Invalid."""
    try:
        return read(path)
    except Invalid:
        _refuse_others(path, kind)
        raise


def _refuse_others(path: Path, kind: str) -> None:
    """Raise Invalid for a file that is of another kind: what is wrong with it as one of this kind helps nobody."""
    if other := file_kinds.but(path, kind):
        raise Invalid(path, [Problem(0, f"is not {kind}{other}")]) from None


def validate(source: Source, model: type[Model]) -> Model:
    """The file's data as a model. Raises Invalid with every problem of form, duplicate keys included."""
    if not isinstance(source.data, dict):
        raise Invalid(source.path, [Problem(1, "is not a mapping of keys to values")])
    try:
        instance = model.model_validate(source.data)
    except ValidationError as errors:
        for error in errors.errors(include_url=False)[: 2 * MOST_PROBLEMS]:
            source.wrong(_place(source, error["loc"]), _sentence(model, error))
        if (more := errors.error_count() - 2 * MOST_PROBLEMS) > 0:
            source.wrong((), f"holds {more} problems more than are listed here")
        raise Invalid(source.path, source.problems) from None
    except RecursionError as error:
        raise Invalid(source.path, [Problem(1, "is nested too deeply")]) from error
    return instance


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
    if kind == "extra_forbidden" and (variables := _credentials(error["loc"])):
        return f"{where}: credentials never stand in this file; give {variables}"
    if kind == "extra_forbidden":
        owner = _model_at(root, error["loc"][:-1])
        known = [field.alias or name for name, field in owner.model_fields.items()] if owner else ()
        return f"unknown key {last!r}{nearest(last, known, EVERY_KEY)}"
    if kind == "missing":
        return f"{where}: is required and not there"
    if kind == "literal_error":
        allowed = [part.strip("' ") for part in context["expected"].replace(" or ", ", ").split(", ")]
        hint = did_you_mean(error["input"], allowed) or _quotes(error["input"])
        return f"{where}: {shown(error['input'])} is not one of {', '.join(allowed)}{hint}"
    hint = _quotes(error["input"]) if kind == "string_type" else ""
    return f"{where or 'file'}: {form(error, {'an object': 'a mapping of keys to values'})}{hint}"


def _credentials(loc: tuple[str | int, ...]) -> str:
    """The variables in which a name or a password of a section is given, where somebody has written it as a key."""
    if loc[-1] not in ("username", "user", "password", "token"):
        return ""
    server = {"controller": "AVI", "vcenter": "VCENTER", "vcenters": "VCENTER"}.get(str(loc[0]), "")
    more = ", or AVI_TOKEN," if server == "AVI" else ""
    return f"{server}_USERNAME and {server}_PASSWORD{more} as environment variables" if server else ""


def _quotes(value: object) -> str:
    """What YAML has made of a text that stands without quotes."""
    if isinstance(value, bool):
        return "; YAML takes no, off, yes and on for truth values: write it in quotes"
    return "; write it in quotes" if isinstance(value, int | float | date) else ""


def _model_at(root: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = root
    for part in loc:
        if isinstance(part, str) and model is not None:
            field = model.model_fields.get(part)
            model = part_of(field.annotation) if field else None
    return model
