"""The site of the tests: a copy of the shipped example, so that who edits that one breaks no test here."""

from __future__ import annotations

from pathlib import Path

IBERIA = Path(__file__).with_name("iberia.yaml")
