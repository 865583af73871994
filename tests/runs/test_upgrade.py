"""`--upgrade-ako`, `--upgrade-controller`: reads the site, runs no check, and says by its exit code whether it stops."""

from __future__ import annotations

import pytest

from tests import lengths
from tests.runs.harness import run


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--upgrade-ako=2.2.1"], "is about a site"),
        (["--environment=environments/iberia.yaml", "--upgrade-ako=newest"], "not a version"),
        (
            ["--environment=environments/iberia.yaml", "--upgrade-controller=40"],
            "--upgrade-controller 40: is not a version in full; give one such as 31.2.1",
        ),
        (
            ["--environment=environments/iberia.yaml", "--upgrade-ako=2.1"],
            "--upgrade-ako 2.1: is not a version in full; give one such as 2.2.1",
        ),
        (
            ["--environment=environments/iberia.yaml", "--upgrade-ako=2.2.1", "--plan"],
            "does not go with --plan",
        ),
        (
            ["--environment=environments/iberia.yaml", "--upgrade-ako=2.2.1", "--upgrade-controller=32.1.1"],
            "environments/iberia.yaml declares no cluster with an AKO; add `clusters:` or `ako:`",
        ),
    ],
)
def test_what_cannot_be_meant_is_bad_usage(tmp_path, arguments, why):
    ran = run(tmp_path, *arguments)
    assert ran.code == 4
    assert why in ran.out


@lengths.WHOLE_RUN
def test_on_the_lab(tmp_path):
    ran = run(tmp_path, "--lab", "--lab-state=conforming", "--upgrade-controller=32.1.1")
    assert ran.code == 0, ran.out
    assert "changes: system configuration" in ran.out
    assert "the Controller to 32.1.1: 0 things refused or deleted, 2 changed" in ran.out


def test_of_what_could_not_be_read_nothing_is_counted(tmp_path):
    ran = run(tmp_path, "--environment=environments/iberia.yaml", "--upgrade-controller=32.1.1")
    assert ran.code == 6, ran.out
    assert "0 things refused or deleted, 0 changed, of what is known" in ran.out
