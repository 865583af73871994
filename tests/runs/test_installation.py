"""The wheel: one package, which loads no more than a run needs, beside modules and options of others."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from importlib import import_module

import pytest

from avi_compliance import plugin
from intent.installation import python
from tests import lengths
from tests.framework.source import ROOT, modules
from tests.runs.harness import run, surroundings
from tests.runs.installation import PYTEST


class TestTheWheel:
    def test_nothing_else_is_at_its_top(self, installation):
        assert {path.name.partition("-")[0] for path in installation.folder.iterdir()} == {"avi_compliance"}

    def test_no_module_imports_ours_by_a_name_of_its_own(self, installation):
        names = {path.name for path in (installation.folder / "avi_compliance").iterdir()}
        wrong = []
        for path in installation.folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    named = [node.module]
                wrong += [f"{path}: {name}" for name in named if name.partition(".")[0] in names]
        assert not wrong

    def test_it_carries_every_module_of_the_clone(self, installation):
        for name in modules("intent", "live", "fixtures", "checks", "remediate", "reports", "fleet", "lab"):
            assert (installation.folder / "avi_compliance" / name).is_file(), name

    @pytest.mark.parametrize("name", ["intent", "fleet", "reports.html", "reports.history", "lab"])
    def test_a_command_calls_itself_as_it_is_typed(self, installation, tmp_path, name):
        done = installation.type(tmp_path, "-m", f"avi_compliance.{name}", "--help")
        assert done.code == 0, done.out
        assert done.out.startswith(f"usage: python -m avi_compliance.{name} ")
        assert f"python -m {name}" not in done.out.replace("avi_compliance.", "")[
            len(f"usage: python -m {name}") :
        ] or (f"python -m avi_compliance.{name}" in done.out)
        assert f"python -m {name} " not in done.out


@lengths.sampled(3)
@pytest.mark.parametrize(
    ("installed", "typed"),
    [
        (True, ["--lab", "--lab-state", "conforming"]),
        (False, ["--lab", "--lab-state", "fresh", "--report-dir", "reports/nowhere"]),
        (True, ["--environment", "environments/iberia.yaml", "--lab"]),
        (False, ["--lab", "-k", "vrfs", "--waivers", "docs", "--request-timeout", "3"]),
        (False, []),
    ],
)
def test_no_run_of_checks_loads_the_settings_of_tests(installation, tmp_path, typed, installed):
    """pytest loads `test*/conftest.py` where it takes a value for a place: with libraries that only tests need."""
    assert settings_loaded(installation, tmp_path, typed, installed) == {f"{ROOT}/conftest.py"}


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    ("installed", "typed"),
    [
        (False, ["chekcs"]),
        (True, ["--environment=environments/iberia.yaml", "checks/test_vrf.py", "/nowhere::test_exists"]),
    ],
)
def test_nor_does_one_of_a_place_that_is_not_there(installation, tmp_path, typed, installed):
    """Where no place is there pytest looks in the folder that one is in, and in those whose names begin with `test`."""
    assert settings_loaded(installation, tmp_path, typed, installed) == set()


def settings_loaded(installation, tmp_path, typed, installed):
    """The conftest.py files that a run in the clone loads."""
    (tmp_path / "seen.py").write_text(
        textwrap.dedent(f"""
            def pytest_plugin_registered(plugin_name):
                with open("{tmp_path}/loaded", "a") as file:
                    file.write(f"{{plugin_name}}\\n")
        """)
    )
    path = f"{tmp_path}:{installation.folder}" if installed else str(tmp_path)
    arguments = ("-p", "seen", "--collect-only", "-q", f"-ocache_dir={tmp_path}/cache", *typed)
    installation.type(ROOT, *PYTEST, *arguments, PYTHONPATH=path)
    return {name for name in (tmp_path / "loaded").read_text().splitlines() if name.endswith("conftest.py")}


@lengths.WHOLE_RUN
def test_a_first_word_in_an_empty_folder_says_the_next(installation, tmp_path):
    """Who has installed the wheel and types `pytest`: there is nothing to collect, and that alone helps nobody."""
    done = installation.pytest(tmp_path)
    assert done.code == 5, done.out
    assert "no tests ran" in done.out
    (told,) = [line for line in done.out.splitlines() if line.startswith("avi-compliance: ")]
    assert "`pytest --environment=FILE`" in told
    assert "`python -m avi_compliance.intent new DIR`" in told
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    assert "avi-compliance: " not in installation.pytest(tmp_path).out, "a project of somebody else's"


@lengths.WHOLE_RUN
def test_the_lab_says_what_it_lacks(installation, tmp_path):
    """Where somebody has installed the checks alone: no traceback about a library that he has never heard of."""
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('no', name='uvicorn')\n")
    done = installation.pytest(tmp_path, "--lab", PYTHONPATH=f"{tmp_path}:{installation.folder}")
    assert done.code == 4, done.out
    assert "the lab did not start: lab: it needs uvicorn, which is not installed here; run " in done.out
    assert "[lab]'" not in done.out, "no index has it"
    (advice,) = re.findall(r"-m pip install (.*); in a requirements file, avi-compliance\[lab\] in", done.out)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert shlex.split(advice) == project["optional-dependencies"]["lab"]
    assert "Traceback" not in done.out


LATE = (
    "fleet.run",
    "intent.ako.",
    "intent.fingerprint",
    "intent.forecast",
    "intent.object_changes",
    "intent.objects.editor_schema",
    "intent.site_changes",
    "live.ako.as_ako",
    "live.ako.seen",
    "live.ako.upgrades",
    "live.ako.verdicts",
    "live.coverage",
    "live.entries",
    "live.facts.origins",
    "live.fingerprint",
    "live.illness.notices",
    "reports.allure.collector",
    "reports.allure.results",
    "reports.forecasts",
    "reports.grouping",
    "reports.history",
    "reports.notices",
    "reports.terminal",
    "reports.why",
    "remediate.plan",
    "remediate.write",
    "reports.artefacts",
    "reports.notify.send",
    "pyVmomi",
    "smtplib",
    "dns.",
)

FOLDERS = frozenset({"avi_schema", "checks", "fixtures", "fleet", "intent", "live", "remediate", "reports"})
MOST_LOADED = 190
"""Modules of ours that there are when the first check begins: only ever lowered."""
SEEN = """
import pathlib, sys

def pytest_runtest_logstart():
    if "first" not in globals():
        globals()["first"] = sorted(sys.modules)

def pytest_unconfigure():
    pathlib.Path(__file__).with_name("modules").write_text("\\n".join(globals().get("first", ())))
"""
"""A plugin that writes down what is imported when the first check begins."""


@lengths.WHOLE_RUN
def test_no_run_of_checks_imports_what_others_need(installation, site, tmp_path):
    """Until the first check: what plans and writes, makes and sends reports, speaks to vCenter or DNS, knows AKO."""
    (tmp_path / "seen.py").write_text(SEEN)
    site.declared(tmp_path)
    path = f"{tmp_path}:{installation.folder}"
    done = installation.pytest(
        tmp_path, "--environment=site.yaml", "-p", "seen", "-k", "vrfs", PYTHONPATH=path, **site.credentials
    )
    assert done.code == 0, done.out
    loaded = [
        name.removeprefix("avi_compliance.") for name in (tmp_path / "modules").read_text().splitlines()
    ]
    assert "live.avi.gateway" in loaded
    assert not [name for name in loaded if name.startswith(LATE)]
    ours = {name for name in loaded if name.partition(".")[0] in FOLDERS}
    assert len(ours) <= MOST_LOADED, (
        "every run waits for all it imports: import where it is used what is rarely needed"
    )


@lengths.WHOLE_RUN
def test_no_first_check_waits_for_the_clients_of_what_it_does_not_ask(tmp_path):
    """Of the whole example, which declares a vCenter and DNS services besides."""
    (tmp_path / "seen.py").write_text(SEEN)
    done = run(tmp_path, "--lab", "--lab-state=conforming", "-p", "seen", PYTHONPATH=str(tmp_path))
    assert set(done.counts) == {"passed"}
    loaded = (tmp_path / "modules").read_text().splitlines()
    assert "live.vcenter.source" in loaded
    assert not [name for name in loaded if name.startswith(("pyVmomi", "dns."))]


FOREIGN = """
import sys

def pytest_addoption(parser):
    parser.addoption("--environment", default="theirs")

def pytest_unconfigure(config):
    ours = [name for name in sys.modules if name.partition(".")[0] in ("avi_compliance", "intent", "live", "pydantic")]
    print("environment", config.getoption("environment"), "loaded", sorted(ours))
"""


def test_a_run_of_another_project_pays_nothing_for_it(installation, tmp_path):
    """Neither time nor names of options: no more than the plugin itself is loaded."""
    (tmp_path / "conftest.py").write_text(FOREIGN)
    (tmp_path / "test_theirs.py").write_text("def test_theirs():\n    pass\n")
    done = installation.pytest(tmp_path, "-q", PYTEST_ADDOPTS="-p no:allure_pytest")
    assert done.code == 0, done.out
    assert "environment theirs loaded ['avi_compliance', 'avi_compliance.plugin']" in done.out


@lengths.WHOLE_RUN
def test_who_asks_for_help_there_is_told_of_ours(installation, tmp_path):
    done = installation.pytest(tmp_path, "--help")
    assert "Avi Compliance: which site is checked" in done.out
    sections = re.findall(r"^Avi Compliance.*:\n((?:  .*\n|\n(?=  ))+)", done.out, re.MULTILINE)
    assert len(sections) > 1
    assert set(re.findall(r"^  (--[a-z-]+)", "".join(sections), re.MULTILINE)) == plugin.OPTIONS


@lengths.sampled(2)
@pytest.mark.parametrize("channel", [os.openpty, os.pipe], ids=["terminal", "log"])
def test_who_looks_on_is_told_at_once(installation, tmp_path, channel):
    """On a terminal and in a log, before anything of ours but the plugin is loaded."""
    screen, terminal = channel()
    process = subprocess.Popen(
        [sys.executable, *PYTEST, "--environment", "/nowhere.yaml"],
        cwd=tmp_path,
        env=surroundings(PYTHONPATH=str(installation.folder)),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    try:
        first = os.read(screen, 200).decode().splitlines()[0]
    finally:
        process.wait(60)
        os.close(screen)
    assert first == "avi-compliance: loading ..."


@pytest.mark.parametrize("name", ["intent", "live", "reports.html"])
def test_a_command_has_both_names_in_a_clone(name):
    """Pages for repositories of one's own are read in a clone, too, and typed there."""
    command = [sys.executable, "-m", f"avi_compliance.{name}", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: python -m {name} ")


def test_an_installation_within_a_clone_is_none_of_it(tmp_path):
    """`.venv` lies in the clone; the lab is started in its package's folder, wherever one has typed the command."""
    for mark in ("avi_compliance/plugin.py", "intent/__init__.py", "conftest.py", "pyproject.toml"):
        (tmp_path / mark).parent.mkdir(exist_ok=True)
        (tmp_path / mark).touch()
    package = tmp_path / ".venv/site-packages/avi_compliance"
    (package / "intent").mkdir(parents=True)
    (package / "__init__.py").write_bytes((ROOT / "avi_compliance/__init__.py").read_bytes())
    asked = [sys.executable, "-P", "-c", "import avi_compliance; print(avi_compliance.CLONE)"]
    clones = {
        folder: subprocess.run(
            asked,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(package.parent)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for folder in (package, tmp_path / "intent")
    }
    assert clones == {package: "None", tmp_path / "intent": str(tmp_path)}


def test_the_interpreter_is_named_as_it_is_typed(monkeypatch, tmp_path):
    """`python` alone is another one than `.tox/lab/bin/python` where nobody has activated that."""
    own = tmp_path / ".venv/bin/python"
    own.parent.mkdir(parents=True)
    own.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(own))
    assert python() == ".venv/bin/python"
    monkeypatch.setenv("PATH", str(own.parent))
    assert python() == "python"


@pytest.mark.parametrize(
    "name", ["intent.__main__", "live.__main__", "fleet.run", "reports.html", "reports.history.__main__"]
)
def test_bad_usage_of_a_command_is_no_interruption(name, capsys):
    """argparse itself ends with 2, which is an interrupted run's."""
    with pytest.raises(SystemExit) as ended:
        import_module(name).main(["--nosuch"])
    assert ended.value.code == 4
    assert capsys.readouterr().err.startswith("usage: python -m ")
