"""The generated pages are current."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_checks_page_is_current():
    spec = importlib.util.spec_from_file_location("docs_pages", ROOT / "docs" / "pages.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == pages.page(), (
        "run python docs/pages.py"
    )
