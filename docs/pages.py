"""Writes the generated pages of this folder: `python docs/pages.py` (a test keeps them current)."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from remediate import check_page  # noqa: E402 -- the clone's folder comes first


def page() -> str:
    """The page of all checks, as Markdown."""
    return check_page.page(sorted((ROOT / "checks").glob("test_*.py")), "python docs/pages.py")


if __name__ == "__main__":
    (ROOT / "docs" / "checks.md").write_text(page(), encoding="utf-8")
