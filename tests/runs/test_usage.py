"""Usage that is wrong, and help: options and files with which no site can be checked."""

from __future__ import annotations

import ast
import re

import pytest

from avi_compliance.plugin import OPTIONS
from tests import lengths
from tests.runs.harness import IBERIA, ROOT


@pytest.mark.ahead("--help")
def test_help_names_every_option(ran):
    """Every option that a module of ours adds, read from the sources, and those known before any is loaded."""
    options = set(OPTIONS)
    for folder in ("fixtures", "reports", "remediate"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "addoption":
                    options |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    assert {
        "--environment",
        "--lab",
        "--lab-state",
        "--lab-version",
        "--snapshot",
        "--from-snapshot",
    } <= options
    assert options == OPTIONS, "write it into OPTIONS of avi_compliance/plugin.py"
    assert ran.code == 0
    assert not [
        option for option in sorted(options) if not re.search(rf"^  {option}[ =\n]", ran.out, re.MULTILINE)
    ]


@pytest.mark.ahead
def test_no_site_chosen(ran):
    assert ran.code == 4
    assert len(ran.errors) == 2
    assert "pytest --lab" in ran.errors[0]
    assert "pytest --environment=FILE" in ran.errors[1]
    assert ran.cases == {}


@lengths.WHOLE_RUN
@pytest.mark.ahead("tests/framework/test_layers.py", "-q")
def test_own_tests_need_no_site(ran):
    assert ran.code == 0, ran.out
    assert ran.counts == {"passed": len(ran.cases)}


BLOG = f"--environment={IBERIA}"


BROKEN = """\
name: iberia
controler: {address: 10.10.20.10}
controller: {address: 10.10.20.10}
vrfs:
  - name: VRF_AZ1
  - name: VRF_AZ1
networks:
  - name: N
    vrf: VRF_AZ9
    subnets:
      - prefix: 10.10.25.0/24
        pools:
          - {range: 10.10.99.40-10.10.99.59}
"""


def broken(text):
    """The option of an environment file with this text."""

    def option(_site, folder):
        (folder / "broken.yaml").write_text(text, encoding="utf-8")
        return f"--environment={folder}/broken.yaml"

    return option


@pytest.mark.ahead.with_args(broken(BROKEN))
def test_environment_file_with_errors(ran):
    """All problems at once, each with its line; nothing runs."""
    assert ran.code == 4, ran.out
    assert ran.cases == {}
    for line, word in ((2, "controler"), (6, "VRF_AZ1")):
        assert re.search(rf"broken.yaml:{line}: .*{word}", ran.out), ran.out
    assert "did you mean" in ran.out


@pytest.mark.ahead(
    broken(BROKEN.replace("controler: {address: 10.10.20.10}\n", "").replace("  - name: VRF_AZ1\n", "", 1)),
    "-n2",
)
def test_environment_file_that_dangles(ran):
    assert ran.code == 4, ran.out
    assert "VRF_AZ9" in ran.out
    assert "10.10.99.40" in ran.out


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param(sentence, id=" ".join(arguments), marks=pytest.mark.ahead(*arguments))
        for arguments, sentence in [
            (("--environment=/nowhere/site.yaml",), "/nowhere/site.yaml"),
            (("--from-snapshot=x.json",), "--from-snapshot needs --environment=FILE"),
            (("--lab", "--from-snapshot=x.json"), "two different sites"),
            (("--lab", "--snapshot=/nowhere/x.json"), "--snapshot /nowhere/x.json: cannot be written"),
            (
                ("--lab", "--request-timeout=0"),
                "argument --request-timeout: '0': give seconds from 0.1 to 3,600",
            ),
            (("--lab", "--exchange-timeout=29"), "--exchange-timeout 29: give seconds, at least those of"),
            (("--lab", "--lab-state=broken"), "invalid choice: 'broken'"),
            ((BLOG, "--lab-state=fresh"), "--lab-state is about the simulated site"),
            ((BLOG, "--lab-at=x", "--remediate"), "--lab-at is about the simulated site"),
            (("--lab", "--lab-at=x.json", "--lab-state=fresh"), "--lab-at is a lab that runs already"),
            (
                ("--lab", "--lab-version=9.9.9"),
                "the lab did not start: lab: unknown version '9.9.9'; known: 18.2.13",
            ),
            (
                (f"--environment={IBERIA}", "--from-snapshot=/nowhere/x"),
                "/nowhere/x: cannot be read",
            ),
        ]
    ],
)
def test_bad_usage(ran, sentence):
    assert ran.code == 4, ran.out
    assert ran.cases == {}
    assert sentence in ran.out
    assert len(ran.errors) <= 4, ran.out


@pytest.mark.ahead("--lab", "--rollback=nowhere.jsonl")
def test_a_journal_that_is_not_there_costs_no_start_of_a_lab(ran):
    assert ran.code == 4
    assert "nowhere.jsonl: cannot be read: No such file or directory" in ran.out
    assert "starting the simulated site" not in ran.out
