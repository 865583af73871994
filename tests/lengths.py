"""How far tests go that could go on for ever: further in CI (where `CI` is set, as `.ci/run` does) than while one works."""

from __future__ import annotations

import os

IN_CI = bool(os.environ.get("CI"))


def of(while_working: int, in_ci: int) -> int:
    """A count of examples, or a stride through them."""
    return in_ci if IN_CI else while_working
