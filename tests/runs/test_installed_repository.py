"""An installation at work in a repository of one's own: its rules, its CI, and values of options beside its settings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from live.avi.snapshot import FORMAT, FORMAT_MEMBER
from remediate import check_page
from tests import lengths
from tests.framework.source import ROOT
from tests.runs.installation import PYTEST


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
    pinned = (folder / "requirements.txt").read_text()
    assert re.fullmatch(r"avi-compliance==0\.1\.0(\+\d{14}\.g[0-9a-f]{12}(\.dirty)?)?\n", pinned)
    return lines[1:]


def rules(folder, package="avi_compliance."):
    folder.mkdir()
    (folder / "test_names_of_the_house.py").write_text(RULE.format(package=package))
    return folder


@lengths.sampled(5)
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
        (folder / "test_groups.py").write_text("from avi_compliance.intent import SeGroups\n")
        (folder / "test_half.py").write_text("def test_half(:\n")
        done = installation.pytest(
            repository, "--environment=environments/site.yaml", "--checks=rules", *more, **site.credentials
        )
        assert done.code == 4, done.out
        assert "rules/test_groups.py:1: avi_compliance.intent has no 'SeGroups'; did you mean" in done.out
        assert "rules/test_half.py:1: is no Python: invalid syntax" in done.out
        assert done.out.count("SeGroups") == 1, "it is said once"
        assert "no check was run, neither these nor the project's" in done.out
        assert "Traceback" not in done.out
        assert "reading" not in done.out, "the site is not asked for it"
        assert "rules/test_other.py:8: test_other.test_short: Why: is missing" in done.out
        assert "end it with a full stop" in done.out
        assert "rules/test_vrfs.py:8: test_vrfs.test_exists: " in done.out
        assert "has the same name" in done.out

    def test_the_page_of_ones_own_rules(self, installation, repository):
        rules(repository / "rules")
        done = installation.type(repository, "-m", "avi_compliance.remediate.check_page", "rules")
        assert done.code == 0, done.out
        assert "| **{vrf} has a short name.**<br>`test_short` | long names are cut." in done.out

    def test_a_page_of_no_rules_is_bad_usage(self, tmp_path, capsys):
        assert check_page.main([str(tmp_path / "rulez")]) == 4
        assert capsys.readouterr().err.startswith(
            f"{tmp_path / 'rulez'}: there is no such folder, so it holds no"
        )
        assert check_page.main([str(tmp_path)]) == 4
        assert "no file in it is named test_*.py" in capsys.readouterr().err

    def test_ones_own_folder_alone_is_no_whole_run(self, installation, repository, site):
        """Else the history would miss our checks, and the summary would count what they declare as not declared."""
        rules(repository / "rules")
        asked = ("--environment=environments/site.yaml", "--checks=rules")
        done = installation.pytest(repository, *asked, "rules", "--report-dir=out", **site.credentials)
        assert done.code == 0, done.out
        assert json.loads((repository / "out/drift.json").read_text())["run"]["complete"] is False
        assert "declared: " not in done.out

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


@lengths.sampled(5)
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
