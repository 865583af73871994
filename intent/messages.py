"""Settings of messages: when receivers are left in peace, and when they are told all at once. Pure."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from intent.base import Declared
from intent.values import Name

_TIME = r"([01]?\d|2[0-3]):([0-5]\d)"


class Span(NamedTuple):
    """Hours of every day, from one time of the clock on until before the other, which may be of the next day."""

    begin: time
    end: time

    def holds(self, clock: time) -> bool:
        """Whether a time of the clock is in it."""
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end


def _clock(value: Any) -> str:
    """A time of the clock; YAML reads 18:00 as a number of minutes. Raises ValueError."""
    if type(value) is int and 0 <= value < 24 * 60:
        value = f"{value // 60:02}:{value % 60:02}"
    if not isinstance(value, str) or not re.fullmatch(_TIME, value):
        raise ValueError(f"{value!r} is no time of the clock; write 08:00")
    return value


def _hours(value: str) -> str:
    hours = span(value)
    if hours is None:
        raise ValueError(f"{value!r} is no span of hours; write 22:00-07:00")
    if hours.begin == hours.end:
        raise ValueError(f"{value!r} ends when it begins")
    return value


def _zone(value: str) -> str:
    if zone_of(value) is None:
        raise ValueError(f"no zone is named {value!r}; write Europe/Madrid, or UTC")
    return value


def zone_of(name: str) -> tzinfo | None:
    """A zone by its name in the zone database; None where there is none."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def span(text: str) -> Span | None:
    """`22:00-07:00`; None for what is none."""
    if (parts := re.fullmatch(rf"\s*{_TIME}\s*-\s*{_TIME}\s*", text)) is None:
        return None
    hours = [int(part) for part in parts.groups()]
    return Span(time(hours[0], hours[1]), time(hours[2], hours[3]))


class MessageSettings(Declared):
    """When receivers of messages are told; by default after each run that has news."""

    silence: Annotated[
        tuple[Annotated[Name, AfterValidator(_hours)], ...],
        BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
        Field(alias="quiet_hours"),
    ] = ()
    """hours in which only what is critical is told, `22:00-07:00`; the rest comes when they end"""
    digest: Annotated[str, BeforeValidator(_clock)] | None = None
    """one message a day, by the first run after this time, but for what is critical"""
    zone: Annotated[Name, AfterValidator(_zone)] | None = None
    """whose clock it is, `Europe/Madrid` or `UTC`"""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.silence or self.digest) and self.zone is None:
            raise ValueError("quiet_hours and digest need `zone`, such as Europe/Madrid")
        hours = [each for each in map(span, self.silence) if each is not None]
        if hours and all(any(other.holds(each.end) for other in hours) for each in hours):
            raise ValueError(
                "quiet_hours never end, so that nothing would ever be told; leave some hours of the day out"
            )
        return self

    def _of_zone(self) -> tzinfo:
        zone = zone_of(self.zone or "UTC")
        assert zone is not None
        return zone

    def until(self, now: datetime) -> str:
        """Why what is not critical waits at a moment, for people."""
        if (hours := self._silence_at(now)) is not None:
            return f"quiet hours until {hours.end:%H:%M} {self.zone}"
        return f"the digest after {self.digest} {self.zone}"

    def _silence_at(self, now: datetime) -> Span | None:
        """The quiet hours that a moment is in; None where it is in none."""
        local = now.astimezone(self._of_zone()).time()
        hours = filter(None, map(span, self.silence))
        return next((each for each in hours if each.holds(local)), None)

    def defers(self, now: datetime, last: datetime | None) -> bool:
        """Whether what is not critical waits. `last`: when the receiver was last told of everything; None for never."""
        if self._silence_at(now) is not None:
            return True
        if self.digest is None or last is None or last > now:  # a clock was set back: better told than lost
            return False
        hour, _, minute = self.digest.partition(":")
        zone = self._of_zone()
        before = last.astimezone(zone)
        due = datetime.combine(before.date(), time(int(hour), int(minute)), zone)
        if due.timestamp() <= last.timestamp():  # by the clock alone, an hour that comes twice has no end
            due = datetime.combine(before.date() + timedelta(days=1), due.time(), zone)
        return now < due
