"""The worked example of a new kind: its files, as docs/extending.md shows them, in a copy of the project and at work."""

import re
import shutil

import pytest

from tests import lengths
from tests.framework.source import ROOT
from tests.pages.clone import Clone
from tests.pages.examples import blocks
from tests.runs.harness import Site

PAGE = "docs/extending.md"
SECTION = (ROOT / PAGE).read_text(encoding="utf-8").partition("\n## A kind of object")[2]
FILES = re.findall(r"^`([\w/]+\.py)`, ", SECTION, re.MULTILINE)
TABLE = "tests/remediate/test_registry.py"
RISKS = re.findall(r"`(health_monitor=\(.*?\))`", SECTION, re.DOTALL)
(DECLARED,) = [block.text for block in blocks(PAGE) if block.language == "yaml"]
CHECKS = "checks/test_health_monitors.py"


def code_of(file):
    """The block that follows the file's name on the page."""
    return SECTION.partition(f"`{file}`")[2].partition("```python\n")[2].partition("\n```")[0] + "\n"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    clone = Clone(tmp_path_factory.mktemp("clone"))
    (clone.folder / "tests").unlink()
    (clone.folder / "tests").mkdir()
    for name in ("__init__.py", "conftest.py", "lengths.py"):
        shutil.copy(ROOT / "tests" / name, clone.folder / "tests" / name)
    for name in ("framework", "remediate", "runs", "site"):
        shutil.copytree(ROOT / "tests" / name, clone.folder / "tests" / name)
    for file in FILES:
        assert not (ROOT / file).exists()
        (clone.folder / file).write_text(code_of(file), encoding="utf-8")
    table = clone.folder / TABLE
    text = table.read_text(encoding="utf-8")
    for risk, line in zip(("safe", "guarded"), RISKS, strict=True):
        text = text.replace(f'        "{risk}",\n', f'        "{risk}",\n        {line},\n', 1)
    table.write_text(text, encoding="utf-8")
    yield clone
    clone.close()


@pytest.fixture(scope="module")
def site(clone):
    site = Site("conforming")
    site.declared(clone.folder)
    file = clone.folder / "site.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{DECLARED}\n", encoding="utf-8")
    yield site
    site.close()


def test_at_most_five_files_by_hand():
    assert len(FILES) == 4
    assert TABLE in SECTION


@lengths.WHOLE_RUN
def test_the_laws_hold(clone):
    ran = clone.type(f"pytest tests/framework/test_check_laws.py {TABLE} -q -k 'not test_whole'")
    assert ran.code == 0, ran.out


def test_the_file_and_its_schema(clone, site):
    assert clone.type("python -m intent site.yaml").code == 0
    assert '"health_monitors"' in clone.type("python -m intent --schema").out


@lengths.WHOLE_RUN
def test_absent_made_drifted_put_right_and_undone(clone, site):
    """One life: what each run says, in order."""

    def run(options, checks=CHECKS):
        return clone.type(f"pytest --environment=site.yaml {checks} {options}", **site.credentials)

    planned = run("--plan")
    assert planned.code == 1, planned.out
    assert "1 + health monitor probe   [safe]" in planned.out
    ran = run("--remediate")
    assert ran.code == 0, ran.out
    (journal,) = re.findall(r"undo with --rollback=(\S+)", ran.out)
    assert run("").code == 0
    interval(site, 30)
    drifted = run("")
    assert drifted.code == 1, drifted.out
    assert "health monitor probe: interval: declared 5, found 30" in drifted.out
    again = run("--remediate")
    assert again.code == 0, again.out
    written = clone.type("pytest --environment=site.yaml --bootstrap=new.yaml", **site.credentials)
    assert written.code == 0, written.out
    assert DECLARED.replace("  - ", "- ") in (clone.folder / "new.yaml").read_text(encoding="utf-8")
    (second,) = re.findall(r"undo with --rollback=(\S+)", again.out)
    undo(clone, site, second)
    assert monitor(site)["send_interval"] == 30
    interval(site, 5)
    undo(clone, site, journal)
    assert site.api("GET", "/api/healthmonitor?name=probe")["count"] == 0


def monitor(site):
    return site.one("healthmonitor", "probe")


def interval(site, seconds):
    """Somebody sets it by hand."""
    row = monitor(site)
    site.api("PUT", f"/api/healthmonitor/{row['uuid']}", {**row, "send_interval": seconds})


def undo(clone, site, journal):
    ran = clone.type(f"pytest --environment=site.yaml --rollback={journal}", **site.credentials)
    assert ran.code == 0, ran.out
