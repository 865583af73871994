"""The README's commands, typed in its order in a clone, and what it shows of their output."""

from __future__ import annotations

import inspect
import json
import os
import re
import signal
import time

import pytest
import yaml

from checks import test_networks
from intent import load_environment
from tests import lengths
from tests.framework.source import ROOT
from tests.pages.clone import Clone
from tests.pages.examples import blocks
from tests.pages.shown import missing
from tests.reports.receivers import webhook
from tests.runs.harness import Site

PAGE = "README.md"
BLOCKS = {block.text.splitlines()[0]: block for block in blocks(PAGE)}


PLAN = "pytest --lab --lab-state fresh --plan"
REMEDIATE = "pytest --lab --lab-state fresh --remediate"
STATES = "pytest --lab --lab-state fresh|conforming|drifted"
BESIDE = BLOCKS["$ python -m lab --state fresh > lab.json &"].commands
"""A lab that stays: started, put right, and put back."""
CHECK = ".venv/bin/python -m intent environments/start.yaml"
BOOTSTRAP = ".venv/bin/pytest --environment environments/start.yaml --bootstrap environments/mysite.yaml"
FIRST = ".venv/bin/pytest --environment environments/mysite.yaml"


def shown_after(command):
    """The lines that the page shows after a command, up to the next one."""
    text = next(block.text for block in BLOCKS.values() if f"$ {command}\n" in block.text)
    return text.partition(f"$ {command}\n")[2].partition("\n$ ")[0].splitlines()


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    clone = Clone(tmp_path_factory.mktemp("clone"))
    yield clone
    clone.close()


@pytest.fixture(scope="module")
def planned(clone):
    return clone.type(PLAN)


@lengths.sampled(4)
class TestTheLab:
    """On the simulated site, each command on its own."""

    def test_see_it_work(self, clone):
        """`tox -e lab` makes an environment and runs this."""
        ran = clone.type("python tour.py")
        assert ran.code == 0, ran.out
        summary = next(
            block for first, block in BLOCKS.items() if first.startswith("=") and "drifted" in first
        )
        assert not (differs := missing(summary.printed, ran.out)), differs
        failure = next(
            block for first, block in BLOCKS.items() if "test_ipam_profile[Default-Cloud]" in first
        )
        assert not (differs := missing(failure.printed, ran.out)), differs

    def test_plan(self, planned):
        assert planned.code == 1, planned.out
        assert not (differs := missing(shown_after(PLAN), planned.out)), differs

    @pytest.mark.usefixtures("planned")  # since when it says what has been put right
    def test_remediate(self, clone):
        ran = clone.type(REMEDIATE)
        assert ran.code == 0, ran.out
        assert not (differs := missing(shown_after(REMEDIATE), ran.out)), differs

    def test_rollback(self, clone):
        start, remediate, rollback = BESIDE
        clone.type(start.removesuffix("&") + "2> lab.log &")
        line = clone.folder / "lab.json"
        deadline = time.monotonic() + 60
        while not line.read_text().endswith("\n") and time.monotonic() < deadline:
            time.sleep(0.1)
        try:
            ran = clone.type(remediate)
            assert ran.code == 0, ran.out
            (journal,) = re.findall(r"undo with --rollback=(\S+)", ran.out.partition("= remediation =")[2])
            ran = clone.type(re.sub(r"journals/\S+", journal, rollback))
            assert ran.code == 1, ran.out
            assert not (differs := missing(shown_after(rollback), ran.out)), differs
        finally:
            os.kill(json.loads(line.read_text())["pid"], signal.SIGTERM)

    @pytest.mark.parametrize("state", STATES.rpartition(" ")[2].split("|"))
    def test_states(self, clone, state):
        ran = clone.type(f"pytest --lab --lab-state {state} -k test_networks")
        assert ran.code == (0 if state == "conforming" else 1), ran.out


@pytest.fixture(scope="module")
def own(clone):
    """A live site as one's own: `start.yaml` names it, `file.yaml` declares it, and credentials stand in `.env`."""
    site = Site("conforming")
    site.declared(clone.folder / "environments")
    (clone.folder / "environments/site.yaml").rename(clone.folder / "environments/file.yaml")
    controller = yaml.safe_load((clone.folder / "environments/file.yaml").read_text())["controller"]
    start = {
        "name": "iberia",
        "controller": {name: controller[name] for name in ("address", "port", "ca_file")},
    }
    (clone.folder / "environments/start.yaml").write_text(yaml.safe_dump(start))
    lines = [f"{name}={value}\n" for name, value in site.credentials.items()]
    (clone.folder / ".env").write_text("".join(lines))
    (clone.folder / "rules").mkdir()
    rule = (ROOT / "deploy/repository/test_house_controller.py").read_text(encoding="utf-8")
    (clone.folder / "rules/test_house.py").write_text(rule)
    yield site
    site.close()


@pytest.fixture(scope="module")
def drifted(own):
    """The same site, which is no longer as its file declares it."""
    own.reset("drifted")


OWN = {
    "python -m intent FILE": 0,
    "pytest --environment=FILE": 1,
    'pytest --environment=FILE -k "vrf or pool"': 1,
    "pytest --environment=FILE --lf": 1,
    "pytest --environment=FILE --snapshot=site.json": 1,
    "pytest --environment=FILE --alluredir=DIR --junitxml=FILE": 1,
    "pytest --environment=FILE --notify=URL": 1,
    "pytest --environment=FILE --bootstrap=NEW": 0,
    "pytest --environment=FILE --checks=rules": 1,
    "pytest --environment=FILE --plan": 1,
    "pytest --environment=FILE --remediate": 0,
    "pytest --help": 0,
}
"""Commands on one's own site, in an order in which each finds what it needs, and their exit codes."""


TYPED = {PAGE: {PLAN, REMEDIATE, STATES, *BESIDE, CHECK, BOOTSTRAP, FIRST, *OWN}}


class TestOnesOwnSite:
    def test_the_smallest_file_that_is_shown_can_be_used(self, tmp_path):
        (shown,) = [block.text for block in blocks(PAGE) if block.language == "yaml"]
        (tmp_path / "start.yaml").write_text(shown)
        assert load_environment(tmp_path / "start.yaml").name == "mysite"

    @lengths.WHOLE_RUN
    def test_bootstrap_then_check(self, clone, own):
        assert clone.type(CHECK).code == 0
        ran = clone.type(BOOTSTRAP)
        assert ran.code == 0, ran.out
        made = clone.folder / "environments/mysite.yaml"
        declared = yaml.safe_load(made.read_text())
        for service in declared["dns_services"]:  # it answers at a port of its own, which no Controller knows
            service["resolve_via"] = f"127.0.0.1:{own.endpoints['dns']['port']}"
        made.write_text(yaml.safe_dump(declared))
        ran = clone.type(FIRST)
        assert ran.code == 0, ran.out

    @lengths.sampled(4)
    @pytest.mark.usefixtures("drifted")
    @pytest.mark.parametrize("command", OWN)
    def test_command(self, clone, command):
        with webhook() as hook:
            typed = command.replace("xml=FILE", "xml=junit.xml")
            for word, value in (
                ("FILE", "environments/file.yaml"),
                ("NEW", "environments/new.yaml"),
                ("DIR", "allure"),
                ("URL", hook.url),
            ):
                typed = re.sub(rf"\b{word}\b", value, typed)
            ran = clone.type(typed)
        assert ran.code == OWN[command], ran.out
        assert bool(hook.got) == ("--notify" in command)


def test_the_check_that_is_shown_is_the_one_in_checks():
    (shown,) = [block.text for block in blocks(PAGE) if block.language == "python"]
    assert shown.strip() == inspect.getsource(test_networks.test_vrf).strip()
