"""Texts of AKO: each line that it prints about a step of its start or work, with what it means and what to do.

They are data, in `texts.toml`, which also names their sources. A text is written as AKO prints it, with place-holders
such as `{cloud}` for what differs.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints, TypeAdapter

from avi_schema import Version, parse_version
from intent.base import Declared

Stops = Literal["boot", "crash", "hang", "sync", "service", "nothing"]
"""What a step stops: AKO does not start, crashes, hangs, runs and writes nothing, runs while something does not work;
or nothing at all, which is a false alarm or a remark."""

StepId = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d*[a-z]?$")]
"""A step's short name, such as `V2c`."""

NESTED = "text"
"""The place-holder that holds another text of AKO's."""

HOLDER = re.compile(r"\{([a-z0-9]+)\}")
"""A place-holder in a text; JSON's braces are none."""


class Text(Declared):
    """A text as AKO prints it. What it says otherwise than its step does stands here and not with the step."""

    level: Literal["INFO", "WARN", "ERROR", "FATAL", "PANIC", "EVENT", "STATUS"]
    text: str
    case: str = ""
    since: str = ""
    until: str = ""
    also: tuple[StepId, ...] = ()
    alone: bool = False
    """Whether it is one only where it stands alone or in AKO's own frame: elsewhere it is another text's error."""
    stops: Stops | None = None
    meaning: str = ""
    cause: str = ""
    do: str = ""

    @property
    def holders(self) -> tuple[str, ...]:
        """The names of its place-holders, in order."""
        return tuple(HOLDER.findall(self.text))

    def filled(self, **values: str) -> str:
        """The line as AKO prints it. Raises KeyError for a place-holder without a value."""
        return HOLDER.sub(lambda holder: values[holder[1]], self.text)

    def printed_by(self, version: Version) -> bool:
        """Whether AKO of this version prints it."""
        since = not self.since or parse_version(self.since) <= version
        return since and (not self.until or version <= parse_version(self.until))


class StepTexts(Declared):
    """A step of AKO, with its texts. `group` as the file's head says; `behind`: steps that are often the true cause."""

    step: StepId
    group: Literal["", "R", "S", "soft"] = ""
    stops: Stops
    object: str
    meaning: str
    cause: str
    do: str
    behind: tuple[StepId, ...] = ()
    texts: tuple[Text, ...] = ()
    texts_of: tuple[StepId, ...] = ()

    def text(self, case: str = "", version: Version | None = None) -> Text:
        """Its text of a case, as AKO of this version prints it (None: the newest). Raises KeyError."""
        own = [*self.texts, *(text for step in self.texts_of for text in steps()[step].texts)]
        for text in reversed(own):
            if text.case == case and (text.printed_by(version) if version else not text.until):
                return text
        raise KeyError(f"step {self.step} has no text {case!r}")


@cache
def steps() -> dict[str, StepTexts]:
    """Every step that has texts, by its id, in AKO's order."""
    data = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
    every = TypeAdapter(tuple[StepTexts, ...]).validate_python(data["step"])
    return {step.step: step for step in every}


def printers(step: StepTexts) -> tuple[StepTexts, ...]:
    """The steps that print the texts of this one, in AKO's order."""
    return tuple(other for other in steps().values() if other is step or step.step in other.texts_of)
