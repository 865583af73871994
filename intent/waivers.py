"""Waivers: deviations that somebody has accepted until a date, reviewed and with a reason.

They stand beside their environment file: `environments/iberia.waivers.yaml` for `environments/iberia.yaml`.
"""

from __future__ import annotations

import json
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from intent.base import Declared, Key
from intent.drift import EXISTENCE, field_of, plain
from intent.file_kinds import WAIVERS
from intent.notice import Notice, Sort
from intent.values import Name
from intent.words import spellings

MOMENT = "%Y-%m-%d %H:%M %z"
"""How texts give a point in time."""
NOTICE = "notice."
"""How the `check` of a waiver begins that is about notices: `notice.added`, `notice.runs_out`, `notice.*`."""
EXISTENCE_FIELD = "existence"
"""How a waiver names the drift that is the whole object missing."""


def _moment(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return moment
    raise ValueError("write a date, a time and a time zone, such as 2027-01-31T18:00:00+01:00")


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A point in time; its time zone is written with it."""


class Waiver(Declared):
    """One accepted deviation. The selectors are globs; those left out match everything."""

    check: Name = "*"
    """the check's name, such as test_networks.test_vrf; notice.changed of a notice"""
    object: Name = "*"
    """the object, as reports name it, or its bare name"""
    cloud: Name = "*"
    """the object's cloud, where there are several"""
    tenant: Name = "*"
    """the object's tenant, where there are several"""
    field: Name = "*"
    """the field's path, such as subnets.pools; `existence` for an absent object"""
    reason: Name
    """why the deviation is acceptable"""
    approver: Name
    """who has accepted it"""
    ticket: Name
    """where that is written down"""
    begins: Annotated[Moment | None, Field(alias="from")] = None
    """not in force before"""
    until: Moment
    """in force until; afterwards the run fails"""
    accepts: Any = None
    """the only value that is accepted (null: nothing); any other one is drift again"""
    grace: bool = False
    """a change under way: the value in `accepts` (the old one) and the declared (new) one are both right until the
    date, so that the waiver is never called unused"""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.check == self.object == self.field == "*":
            raise ValueError("a waiver of everything is none; name a check, an object or a field")
        if self.begins is not None and self.begins >= self.until:
            raise ValueError("from must lie before until")
        if self.grace and self.accepts_any:
            raise ValueError("grace needs accepts: the old value that is still right")
        return self

    @property
    def accepts_any(self) -> bool:
        """Whether it names no value: `accepts: null` names one, namely nothing."""
        return "accepts" not in self.model_fields_set

    def selects(self, check: str, key: Key | None) -> bool:
        """Whether it is about a check of an object (None: of no object), whatever the field."""
        return fnmatchcase(check, self.check) and self.names(key)

    def names(self, key: Key | None) -> bool:
        """Whether it names an object, as reports do or have done in earlier versions, or by its bare name."""
        if key is None:
            return self.cloud == self.tenant == "*" and fnmatchcase("", self.object)
        if not (fnmatchcase(key.cloud, self.cloud) and fnmatchcase(key.tenant, self.tenant)):
            return False
        subjects = dict.fromkeys((str(key), key.text(cloud=True)))
        known = (key.name, *(spelling for subject in subjects for spelling in spellings(subject)))
        return any(fnmatchcase(spelling, self.object) for spelling in known)

    @property
    def of_notices(self) -> bool:
        """Whether it is about notices, `notice.changed`, and not about checks."""
        return self.check.startswith(NOTICE)

    def covers_notice(self, notice: Notice) -> bool:
        """Whether it accepts a notice, at any time: of a change, by its member and the value that is there now."""
        # Who accepts that something is gone accepts that it is not seen.
        accepted = {notice.sort, Sort.REMOVED} if notice.sort is Sort.NOT_SEEN else {notice.sort}
        sorts = [f"{NOTICE}{sort.replace(' ', '_')}" for sort in accepted]
        if not (self.of_notices and any(fnmatchcase(sort, self.check) for sort in sorts)):
            return False
        if not (fnmatchcase(notice.cloud, self.cloud) and fnmatchcase(notice.tenant, self.tenant)):
            return False
        known = (notice.name, notice.subject, notice.bare, notice.type)
        return any(fnmatchcase(spelling, self.object) for spelling in known) and self.covers(
            notice.path, notice.now
        )

    def in_any_cloud(self, key: Key) -> bool:
        """Whether it means an object of this name in whatever cloud."""
        return bool(key.cloud) and self.names(key) and self.names(key._replace(cloud="another"))

    def covers(self, path: str, have: Any) -> bool:
        """Whether it accepts this value on this field, at any time."""
        return self.covers_field(path) and (self.accepts_any or _same(self.accepts, have))

    def covers_field(self, path: str) -> bool:
        """Whether it is about this field, whatever its value."""
        named = EXISTENCE_FIELD if path == EXISTENCE else path
        return fnmatchcase(named, _literal(self.field)) or fnmatchcase(field_of(named), self.field)

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at a moment: from its first instant up to, and without, its last."""
        return (self.begins is None or self.begins <= now) and not self.expired(now)

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now >= self.until

    def __str__(self) -> str:
        """What is accepted, by whom and until when, in one line."""
        kind = "grace" if self.grace else "waived"
        return (
            f"{kind} until {self.until:{MOMENT}}: {self.reason} (approved by {self.approver}, {self.ticket})"
        )


class Waivers(Declared):
    """A file of waivers."""

    waivers: tuple[Waiver, ...] = ()


class Numbered(Declared):
    """A waiver with its place: what messages point at."""

    waiver: Waiver
    file: str
    line: int

    @property
    def place(self) -> str:
        """`environments/iberia.waivers.yaml:12`."""
        return f"{self.file}:{self.line}"


def path_beside(environment: Path) -> Path:
    """Where an environment file's waivers stand."""
    return environment.with_name(f"{environment.stem}.waivers.yaml")


def load(path: Path) -> tuple[Numbered, ...]:
    """Read and check a file of waivers; an empty one has none. Raises `source.Invalid`."""
    from intent.loading import load_file  # noqa: PLC0415 -- loading needs models, not the other way round

    file, source = load_file(path, Waivers, WAIVERS)
    return tuple(
        Numbered(waiver=waiver, file=str(path), line=source.line(("waivers", index)))
        for index, waiver in enumerate(file.waivers)
    )


def _same(accepted: Any, have: Any) -> bool:
    """Whether a found value is the accepted one, which may be written as reports show it: without a list of one."""
    wanted, live = plain(accepted), plain(have)
    if wanted is None:
        return live in (None, [], {})
    if isinstance(live, list) and not isinstance(wanted, list):
        wanted = [wanted]
    # As text: to Python, true and 1 are equal.
    return json.dumps(wanted, sort_keys=True, default=str) == json.dumps(live, sort_keys=True, default=str)


def _literal(glob: str) -> str:
    """A field selector whose [key] parts are names of list elements, not classes of characters."""
    return glob.replace("[", "[[]")
