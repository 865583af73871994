"""`--bootstrap`: from a site that is there to an environment file that a check finds to hold."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import yaml

from fixtures.bootstrap import Bootstrapping
from intent import load_environment
from tests import lengths
from tests.runs.harness import run


def start(lab, folder, **controller):
    """The option of an environment file that says no more than where the Controller is."""
    there = {
        "address": "127.0.0.1",
        "port": lab.endpoints["controller"]["port"],
        "ca_file": lab.endpoints["ca_file"],
    }
    path = folder / "start.yaml"
    path.write_text(yaml.safe_dump({"name": "mine", "controller": there | controller}), encoding="utf-8")
    return f"--environment={path}"


@lengths.WHOLE_RUN
def test_a_site_conforms_to_what_was_written_of_it(lab, tmp_path):
    ran = run(tmp_path, start(lab, tmp_path), f"--bootstrap={tmp_path}/site.yaml", **lab.credentials)
    assert ran.code == 0, ran.out
    assert "objects as of now; read it before you rely on it" in ran.out
    assert {line.split()[0] for line in lab.paths} == {"GET", "POST"}
    assert [line for line in lab.paths if line.startswith("POST")] == ["POST /login", "POST /logout"]

    # All but names: the lab's DNS does not stand on port 53.
    again = run(tmp_path, f"--environment={tmp_path}/site.yaml", "-k", "not test_names", **lab.credentials)
    assert again.code == 0, again.out
    assert len(again.cases) > 60


def test_a_file_that_is_there_is_not_written_over(lab, tmp_path):
    (tmp_path / "site.yaml").write_text("mine", encoding="utf-8")
    ran = run(tmp_path, start(lab, tmp_path), f"--bootstrap={tmp_path}/site.yaml", **lab.credentials)
    assert (ran.code, ran.errors) == (
        4,
        [f"--bootstrap {tmp_path}/site.yaml: is there already; name a new file"],
    )
    assert (tmp_path / "site.yaml").read_text(encoding="utf-8") == "mine"


def test_a_site_that_cannot_be_read_gives_no_file(lab, tmp_path):
    ran = run(tmp_path, start(lab, tmp_path, port=9), f"--bootstrap={tmp_path}/site.yaml", **lab.credentials)
    assert ran.code == 6, ran.out
    assert "nothing was written: the Controller at 127.0.0.1:9: nothing listens there" in ran.out
    assert not (tmp_path / "site.yaml").exists()


def test_it_reads_and_does_nothing_else(lab, tmp_path):
    ran = run(tmp_path, start(lab, tmp_path), f"--bootstrap={tmp_path}/site.yaml", "--remediate")
    assert ran.code == 4
    assert ran.errors == ["--bootstrap only reads and runs no check: it does not go with --remediate"]


@pytest.mark.parametrize(
    ("exitstatus", "own", "code"),
    [(5, 0, 0), (5, 6, 6), (2, 0, 2), (2, 6, 2), (3, 0, 3)],
)
def test_an_interrupted_one_does_not_end_well(exitstatus, own, code):
    session = SimpleNamespace(exitstatus=exitstatus)
    Bootstrapping.pytest_sessionfinish(SimpleNamespace(exit_code=own), session, exitstatus)
    assert session.exitstatus == code


@lengths.WHOLE_RUN
def test_objects_are_written_too_and_need_a_bootstrap(lab, tmp_path):
    lab.api("POST", "/api/pool", {"name": "web", "cloud_ref": "/api/cloud?name=Default-Cloud"})
    arguments = (start(lab, tmp_path), f"--bootstrap={tmp_path}/site.yaml")
    ran = run(tmp_path, *arguments, "--objects=pool", **lab.credentials)
    assert ran.code == 0, ran.out
    assert [each.name for each in load_environment(tmp_path / "site.yaml").objects] == ["web"]
    ran = run(tmp_path, arguments[0], f"--bootstrap={tmp_path}/all.yaml", "--objects", **lab.credentials)
    assert ran.code == 0, ran.out
    assert "web" in {each.name for each in load_environment(tmp_path / "all.yaml").objects}
    ran = run(tmp_path, arguments[0], f"--bootstrap={tmp_path}/other.yaml", "--objects=pol")
    assert "--objects=pol: type 'pol' is none of the Controller's; did you mean 'pool'?" in ran.out
    ran = run(tmp_path, start(lab, tmp_path), "--objects")
    assert (ran.code, ran.errors) == (
        4,
        ["--objects says what a bootstrap writes: it needs --bootstrap=FILE"],
    )
