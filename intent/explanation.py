"""Explanation of a check or an object: what it stands on, what stands on it, what was done to it, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from intent.base import Key
from intent.environment import Environment
from intent.graph import dependents, stands_on


@dataclass(frozen=True)
class Chain:
    """Where an object stands: the declared objects beneath it and above it, and what refers to it on the site.

    `referrers`: as people read them; None where that was not read. `events`: what was done to it, newest first, a line
    each; None where the site's log tells nothing.
    """

    key: Key
    beneath: tuple[Key, ...] = ()
    above: tuple[Key, ...] = ()
    referrers: tuple[str, ...] | None = None
    events: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Explanation:
    """What `--remediate` does about one drift: the risk of its remedy, "" where there is none, and then why."""

    risk: str = ""
    reason: str = ""


def declared_chain(environment: Environment, key: Key) -> Chain:
    """The chain of a declared object as far as the declaration tells it."""
    beneath = tuple(dict.fromkeys(stands_on(environment, key)))
    above = tuple(sorted(dependents(environment, [key]) - {key}))
    return Chain(key, beneath, above)
