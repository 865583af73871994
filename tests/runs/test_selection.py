"""Leaving out the objects that a command line cannot mean never changes what pytest selects."""

import re

import pytest

from fixtures import parametrize
from tests import lengths
from tests.runs.harness import IBERIA, ROOT, run

NETWORKS = "checks/test_networks.py"
SELECTIONS = [
    [f"{NETWORKS}::test_vrf[AVI_FRONTEND_3025]"],
    [f"{NETWORKS}::test_vrf[AVI_FRONTEND_3025]", f"{NETWORKS}::test_vrf[AVI_FRONTEND_3026]"],
    [f"{NETWORKS}::test_vrf[AVI_FRONTEND_3025]", f"{NETWORKS}::test_vrf"],
    [f"{NETWORKS}::test_vrf[AVI_FRONTEND_3025]", NETWORKS],
    [f"{NETWORKS}::test_vrf"],
    ["checks/test_names.py::test_resolves[test.avi.iberia.local-udp]"],
    ["-k", "3025"],
    ["-k", "frontend_3025 or AZ2"],
    ["-k", "3025 and vrf"],
    ["-k", "not 3025"],
    ["-k", "networks and not 3025"],
    ["-k", "test_vrf"],
    ["-k", "udp"],
    ["-k", "vrf and (3025 or 3026)"],
    ["-k", "S1-AZ1"],
    ["-k", "local-dns-site1 and up"],
]


@lengths.sampled(4)
@pytest.mark.parametrize("chosen", SELECTIONS, ids=" ".join)
def test_the_same_tests_as_pytest_would_select(chosen, monkeypatch, tmp_path):
    """Against a run in which nothing is left out beforehand."""
    given = [*chosen] if chosen[0] != "-k" else ["checks", *chosen]
    site = f"--environment={IBERIA}"
    short = run(tmp_path / "short", site, "--collect-only", "-q", *given)
    whole = run(tmp_path / "whole", site, "--collect-only", "-q", "-p", "tests.runs.whole", *given)
    tests = [[line for line in ran.out.splitlines() if "::" in line] for ran in (short, whole)]
    assert tests[0] == tests[1]
    assert tests[0]


class Config:
    """What parametrisation asks of a pytest.Config."""

    class invocation_params:  # noqa: N801
        dir = ROOT

    def __init__(self, args=(), keyword=""):
        self.args, self.keyword = list(args), keyword

    def getoption(self, name):
        return {"keyword": self.keyword}[name]


def test_vrf():
    """Stands for a check."""


def meant(config, names=("NET_1", "NET_2", "net_3")):
    test = parametrize.selectable(config, ROOT / NETWORKS, test_vrf, alone=True)
    return None if test is None else [name for name in names if test(name)]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ([], []),
        (["checks"], None),
        (["."], None),
        ([NETWORKS], None),
        ([f"{NETWORKS}::test_vrf"], None),
        ([f"{NETWORKS}::test_vrf[NET_1]"], ["NET_1"]),
        ([f"{NETWORKS}::test_vrf[NET_1-udp]"], ["NET_1"]),
        ([f"{NETWORKS}::test_other[NET_1]"], []),
        ([f"{NETWORKS}::test_vrf[NET_1]", "checks"], None),
        ([str(ROOT / f"{NETWORKS}::test_vrf[NET_2]")], ["NET_2"]),
    ],
)
def test_by_node_id(args, found):
    assert meant(Config(args)) == found


@pytest.mark.parametrize(
    ("keyword", "found"),
    [
        ("", None),
        ("NET_1", ["NET_1"]),
        ("net", None),  # test_networks.py
        ("net_", ["NET_1", "NET_2", "net_3"]),
        ("NET_1 or net_3", ["NET_1", "net_3"]),
        ("NET_1 and NET_2", ["NET_1", "NET_2"]),
        ("not NET_1", None),
        ("NET_1 and vrf", None),
        ("NET_1 or param", None),
        ("'NET_1'", None),
        ("nothing", []),
    ],
)
def test_by_keyword(keyword, found):
    assert meant(Config(["checks"], keyword)) == found


@lengths.WHOLE_RUN
def test_settings_of_what_to_collect_make_no_whole_run(lab, tmp_path):
    """Else checks that were left out would be missed in the history, and their waivers called unused."""
    for setting, whole in (("python_files=test_vrfs.py", False), ("console_output_style=count", True)):
        ran = run(tmp_path / setting, lab.declared(tmp_path), "-o", setting, **lab.credentials)
        assert ran.code == 0, ran.out
        report = (tmp_path / setting / "reports/drift.json").read_text(encoding="utf-8")
        assert f'"complete": {str(whole).lower()}' in report


def test_tests_that_are_no_checks_are_not_missed(tmp_path):
    """The project's own tests take turns: part of a file is deselected, and what is left passes."""
    ran = run(tmp_path, "tests/live/test_credentials.py", "-k", "vcenter")
    assert re.search(r"\d passed, \d+ deselected", ran.out), ran.out
    assert "NOTHING CHECKED" not in ran.out
