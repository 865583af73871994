"""The wheel: one package, which runs from a folder of one's own, beside folders and modules of the names of ours."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from avi_compliance import plugin
from live.avi.snapshot import FORMAT, FORMAT_MEMBER
from tests.framework.source import ROOT, modules
from tests.runs.harness import Site, surroundings
from tests.runs.installation import PYTEST, Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    return Installation(tmp_path_factory)


@pytest.fixture(scope="module")
def site():
    site = Site("conforming")
    yield site
    site.close()


@pytest.fixture
def repository(tmp_path, site):
    """A team's repository: settings of its own, an environment, and modules that bear names of our folders."""
    folder = tmp_path / "repository"
    (folder / "environments").mkdir(parents=True)
    site.declared(folder / "environments")
    (folder / "pytest.ini").write_text("[pytest]\njunit_suite_name = ours\n")
    return folder


RULE = '''
"""Rules of the house."""

from {package}intent import VrfContext
from {package}live.avi.snapshot import Live


def test_short(vrf: VrfContext, live: Live) -> None:
    """{{vrf}} has a short name.

    Reads: vrfcontext
    Why: long names are cut.
    Do: rename it.
    """
    assert len(live.raw(vrf)["name"]) < 9, f"{{vrf.name}} is long"
'''


def ci_commands(folder, ci, environment):
    """The commands of the check in a CI file, without those that install."""
    if ci == "gitlab":
        lines = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())["avi-compliance"]["script"]
    else:
        steps = yaml.safe_load((folder / ".github/workflows/avi-compliance.yml").read_text())["jobs"][
            "check"
        ]["steps"]
        lines = [step["run"] for step in steps if step.get("name") in ("Install", "Check")]
    assert "-r requirements.txt" in lines[0]
    assert (folder / "requirements.txt").read_text() == "avi-compliance==0.1.0\n"
    return lines[1:]


def rules(folder, package="avi_compliance."):
    folder.mkdir()
    (folder / "test_names_of_the_house.py").write_text(RULE.format(package=package))
    return folder


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


class TestARepositoryOfOnesOwn:
    def test_a_run_from_an_empty_folder(self, installation, tmp_path):
        """Checks bear the ids that they have in a clone, for history knows them by these; so do questions for one."""
        done = installation.pytest(tmp_path, "--lab", "--lab-state", "conforming", "-k", "test_vrfs")
        assert done.code == 0, done.out
        assert "\nchecks/test_vrfs.py ......" in done.out
        kept = json.loads((tmp_path / "reports/out/iberia-lab/drift.json").read_text())
        assert kept["counts"]["passed"] == 6
        asked = "checks/test_vrfs.py::test_exists[VRF_AZ1]"
        done = installation.pytest(tmp_path, "--lab", "--lab-state", "conforming", asked)
        assert "= 1 passed in" in done.out, done.out

    def test_names_that_others_have_too(self, installation, repository, site):
        """A package `fixtures`, a module `intent` and a folder `reports` stay what they are, for workers too."""
        (repository / "fixtures").mkdir()
        (repository / "fixtures/__init__.py").write_text("THEIRS = 1\n")
        (repository / "intent.py").write_text("THEIRS = 2\n")
        (repository / "reports").mkdir()
        (repository / "conftest.py").write_text(
            "import fixtures, intent, reports\nassert (fixtures.THEIRS, intent.THEIRS) == (1, 2)\n"
        )
        rules(repository / "rules")
        asked = ("--environment", "environments/site.yaml", "--checks", "rules", "-k", "vrfs or house", "-n2")
        done = installation.type(repository, "-m", "pytest", *asked, **site.credentials)
        assert done.code == 0, done.out
        assert "= 8 passed in" in done.out

    @pytest.mark.parametrize(
        ("how", "package"), [("option", "avi_compliance."), ("setting", ""), ("variable", "avi_compliance.")]
    )
    def test_rules_of_ones_own(self, installation, repository, site, how, package):
        """Beside ours, from one's own folder, by any of the ways to name it and either name of what they import."""
        rules(repository / "rules", package)
        options, variables = ["--environment=environments/site.yaml", "-k", "vrfs or house"], {}
        match how:
            case "option":
                options += ["--checks", "rules"]
            case "setting":
                (repository / "pytest.ini").write_text("[pytest]\navi_checks = rules\n")
            case "variable":
                variables["AVI_COMPLIANCE_CHECKS"] = "rules"
        done = installation.pytest(repository, *options, **variables, **site.credentials)
        assert done.code == 0, done.out
        assert "\nrules/test_names_of_the_house.py .. " in done.out
        assert "\nchecks/test_vrfs.py ......" in done.out

    @pytest.mark.parametrize("more", [[], ["-n2"]], ids=["alone", "workers"])
    def test_rules_that_break_a_law(self, installation, repository, site, more):
        """Every fault of all of them at once, each with its place."""
        folder = rules(repository / "rules")
        text = (folder / "test_names_of_the_house.py").read_text()
        (folder / "test_vrfs.py").write_text(text.replace("test_short", "test_exists"))
        (folder / "test_other.py").write_text(
            text.replace("    Why: long names are cut.\n", "").replace("short name.", "name")
        )
        done = installation.pytest(
            repository, "--environment=environments/site.yaml", "--checks=rules", *more, **site.credentials
        )
        assert done.code == 4, done.out
        assert "rules/test_other.py:8: test_other.test_short: Why: is missing" in done.out
        assert "end it with a full stop" in done.out
        assert "rules/test_vrfs.py:8: test_vrfs.test_exists: " in done.out
        assert "has the same name" in done.out

    def test_the_page_of_ones_own_rules(self, installation, repository):
        rules(repository / "rules")
        done = installation.type(repository, "-m", "avi_compliance.remediate.check_page", "rules")
        assert done.code == 0, done.out
        assert "| **{vrf} has a short name.**<br>`test_short` | long names are cut." in done.out

    @pytest.mark.parametrize("ci", ["gitlab", "github"])
    def test_a_new_one_runs_in_its_ci(self, installation, site, tmp_path, ci):
        """As `new` writes it, with a second environment: the commands of its CI file, in their order."""
        team = tmp_path / "acme"
        there = site.endpoints["controller"]
        done = installation.type(
            tmp_path, "-m", "avi_compliance.intent", "new", "acme", "--ci", ci, "--address", there["address"]
        )
        assert done.code == 0, done.out
        first = team / "environments/acme.yaml"
        (team / "environments/controller-ca.pem").write_bytes(Path(site.endpoints["ca_file"]).read_bytes())
        assert len(first.read_text().splitlines()) == 3
        first.write_text(first.read_text().replace("ca_file:", f"port: {there['port']}, ca_file:"))
        (team / "environments/north.yaml").write_text(first.read_text().replace("name: acme", "name: north"))
        for name in ("acme", "north"):
            for command in ci_commands(team, ci, name):
                done = installation.shell(team, command, ENVIRONMENT=name, **site.credentials)
                assert done.code == 0, done.out
            assert "rules/test_house_controller.py ." in done.out.replace("\n", " ") or "passed" in done.out
            kept = json.loads((team / "reports/out" / name / "drift.json").read_text())
            assert kept["counts"]["passed"] == kept["counts"]["facts"] == 4
        assert done.out

    def test_where_no_site_is_chosen(self, installation, repository):
        rules(repository / "rules")
        done = installation.pytest(repository, "--checks=rules")
        assert done.code == 4, done.out
        assert "no site chosen" in done.out

    @pytest.mark.parametrize(
        ("folder", "said"),
        [("nowhere", "there is no such folder"), ("environments", "no file in it is named test_")],
    )
    def test_a_folder_without_checks(self, installation, repository, folder, said):
        done = installation.pytest(repository, "--environment=environments/site.yaml", "--checks", folder)
        assert done.code == 4, done.out
        assert said in done.out


class TestValuesThatStandAlone:
    """`--option VALUE`, as pytest's users type it, wherever the value is: before, pytest looked for its settings there."""

    def test_all_at_once_outside(self, installation, repository, site, tmp_path):
        elsewhere = tmp_path / "els where"
        elsewhere.mkdir()
        (repository / "environments/site.yaml").rename(elsewhere / "site.yaml")
        rules(elsewhere / "rules")
        for name in ("allure", "kept", "journals"):
            (elsewhere / name).mkdir()
        (elsewhere / "accepted.yaml").write_text("waivers: []\n")
        (elsewhere / "snapshot.json").write_text(json.dumps({FORMAT_MEMBER: FORMAT}))
        done = installation.pytest(
            repository,
            *("--environment", str(elsewhere / "site.yaml"), "--alluredir", str(elsewhere / "allure")),
            *("--report-dir", str(elsewhere / "kept"), "--waivers", str(elsewhere / "accepted.yaml")),
            *("--snapshot", str(elsewhere / "snapshot.json"), "--journals", str(elsewhere / "journals")),
            *(
                "--checks",
                str(elsewhere / "rules"),
                "--junitxml",
                str(elsewhere / "junit.xml"),
                "-k",
                "vrfs or house",
            ),
            **site.credentials,
        )
        assert done.code == 0, done.out
        assert "= 8 passed" in done.out
        assert f"rootdir: {repository}\nconfigfile: pytest.ini" in done.out
        assert 'name="ours"' in (elsewhere / "junit.xml").read_text(), "the repository's own settings hold"
        assert (elsewhere / "kept/drift.json").is_file()
        assert any((elsewhere / "allure").iterdir())

    def test_in_the_variable_of_pytest(self, installation, repository, site, tmp_path):
        (repository / "environments/site.yaml").rename(tmp_path / "site.yaml")
        added = f"--environment {tmp_path}/site.yaml"
        done = installation.pytest(repository, "-k", "vrfs", PYTEST_ADDOPTS=added, **site.credentials)
        assert done.code == 0, done.out
        assert "configfile: pytest.ini" in done.out

    @pytest.mark.parametrize("more", [[], ["-n2"]])
    def test_in_a_clone_that_is_installed_too(self, installation, site, tmp_path, more):
        """The clone's own modules are used, by its own settings."""
        site.declared(tmp_path)
        asked = (
            "--environment",
            str(tmp_path / "site.yaml"),
            "--report-dir",
            str(tmp_path),
            "-k",
            "vrfs",
            *more,
        )
        done = installation.type(ROOT, *PYTEST, *asked, f"-ocache_dir={tmp_path}/cache", **site.credentials)
        assert done.code == 0, done.out
        assert f"rootdir: {ROOT}\nconfigfile: pyproject.toml" in done.out or more

    def test_a_value_that_is_no_place_at_all(self, installation, repository):
        done = installation.pytest(repository, "--environment", "/nowhere/site.yaml")
        assert done.code == 4, done.out
        assert "/nowhere/site.yaml" in done.out
        assert "unrecognized" not in done.out


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
    loaded = {name for name in (tmp_path / "loaded").read_text().splitlines() if name.endswith("conftest.py")}
    assert loaded == {f"{ROOT}/conftest.py"}


def test_the_lab_says_what_it_lacks(installation, tmp_path):
    """Where somebody has installed the checks alone: no traceback about a library that he has never heard of."""
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('no', name='uvicorn')\n")
    done = installation.pytest(tmp_path, "--lab", PYTHONPATH=f"{tmp_path}:{installation.folder}")
    assert done.code == 4, done.out
    assert "the lab did not start: lab: it needs uvicorn, which is not installed here; run " in done.out
    assert "-m pip install 'avi-compliance[lab]'" in done.out
    assert "Traceback" not in done.out


LATE = (
    "remediate.plan",
    "remediate.write",
    "reports.artefacts",
    "reports.notify.send",
    "pyVmomi",
    "smtplib",
    "dns.",
)


def test_no_run_of_checks_imports_what_others_need(installation, site, tmp_path):
    """Until the first check: what plans and writes, what makes and sends reports, what speaks to vCenter or DNS."""
    (tmp_path / "seen.py").write_text(
        textwrap.dedent("""
            import sys

            def pytest_runtest_logstart():
                if "first" not in globals():
                    globals()["first"] = sorted(sys.modules)

            def pytest_unconfigure():
                with open("modules", "w") as file:
                    file.write("\\n".join(globals().get("first", ())))
        """)
    )
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


def test_who_asks_for_help_there_is_told_of_ours(installation, tmp_path):
    done = installation.pytest(tmp_path, "--help")
    assert "Avi Compliance: which site is checked" in done.out
    sections = re.findall(r"^Avi Compliance.*:\n((?:  .*\n|\n(?=  ))+)", done.out, re.MULTILINE)
    assert len(sections) > 1
    assert set(re.findall(r"^  (--[a-z-]+)", "".join(sections), re.MULTILINE)) == plugin.OPTIONS


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
