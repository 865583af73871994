"""The generated pages and the JSON Schema of environment files are current; prose has lines that an editor shows."""

from __future__ import annotations

import importlib.util
import re

import pytest

from intent import Environment
from remediate import check_page
from tests.framework.source import ROOT
from tests.pages.examples import PAGES

GENERATED = {"docs/checks.md", "docs/cloud-types.md", "lab/docs/lab-evidence.md", "lab/docs/behaviours.md"}
WIDTH = 120
"""Columns of a line of prose, as of code."""


def test_the_generated_pages_are_current():
    spec = importlib.util.spec_from_file_location("docs_pages", ROOT / "docs" / "pages.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    made = (
        ("docs/checks.md", pages.page()),
        ("docs/cloud-types.md", pages.clouds_page()),
        ("intent/objects/members.tsv", pages.members_table()),
    )
    for name, text in made:
        assert (ROOT / name).read_text(encoding="utf-8") == text, "run python docs/pages.py"


@pytest.mark.parametrize("page", sorted({*PAGES} - GENERATED))
def test_a_line_of_prose_ends_at_120_columns(page):
    """What stands in a table or a block of code has its own form."""
    text = (ROOT / page).read_text(encoding="utf-8")
    prose = re.sub(
        r"^```.*?^ *```$", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE
    )
    long = [
        f"{page}:{number}: wrap it"
        for number, line in enumerate(prose.splitlines(), 1)
        if len(line) > WIDTH and not line.lstrip().startswith("|") and not line.startswith("    ")
    ]
    assert long == []


def test_the_schema_of_environment_files_is_current():
    written = (ROOT / "environments" / "schema.json").read_text(encoding="utf-8")
    assert written == Environment.schema_text(), "run python -m intent --schema > environments/schema.json"


def test_a_folder_with_a_check_that_cannot_be_imported_is_refused_in_a_sentence(tmp_path, capsys):
    (tmp_path / "test_house.py").write_text("from intent import SeGroup\n")
    assert check_page.main([str(tmp_path)]) == check_page.BAD_USAGE
    said = capsys.readouterr().err
    assert (
        said == f"{tmp_path}/test_house.py:1: intent has no 'SeGroup'; did you mean 'ServiceEngineGroup'?\n"
    )


def test_a_plain_assertion_is_not_said_to_be_of_the_runtime(tmp_path):
    """A check of one's own may assert what somebody configures."""
    (tmp_path / "test_house.py").write_text(
        '''"""House: names."""
from intent import VrfContext


def test_short(vrf: VrfContext, live) -> None:
    """{vrf} has a short name.

    Reads: vrfcontext
    Why: long names are cut.
    Do: rename it.
    """
    assert len(live.raw(vrf)["name"]) < 9
'''
    )
    (row,) = (
        line
        for line in check_page.page([tmp_path / "test_house.py"], "x").splitlines()
        if "test_short" in line
    )
    assert row.endswith("| normal | none: it compares no declared value |")
