import json
import os
import signal
import subprocess
import sys
import time

import pytest

from fleet.run import environ_of, environments, join_metrics, main, named, share
from tests import lengths
from tests.reports.mini_suite import ROOT, case

CONFTEST_PER_SITE = """
def pytest_configure(config):
    import pathlib
    name = pathlib.Path(config.getoption("environment")).stem
    if name == "broken":
        raise pytest.UsageError("broken.yaml:1: is empty; write one")
    global SITE
    SITE = name
"""


@pytest.fixture
def sites(suite):
    """Three sites: north conforms, south has drifted, west cannot be read."""
    suite.prepare([case("drift", "NET_A")])
    conftest = suite.folder / "conftest.py"
    text = conftest.read_text().replace(
        '    cases = json.loads((HERE / "cases.json").read_text())[metafunc.function.__name__]\n',
        '    cases = json.loads((HERE / "cases.json").read_text())[metafunc.function.__name__]\n'
        '    how = {"north": "passed", "south": "drift", "west": "unknown"}[SITE]\n'
        '    cases[0].update(outcome=how, reason=os.environ.get("AVI_USERNAME", "nobody"))\n'
        '    cases[0].update({} if how == "drift" else {"drifts": []})\n',
    )
    text = text.replace('["reports.plugin"]', '["reports.plugin", "fleet.plugin"]')
    conftest.write_text(text + CONFTEST_PER_SITE)
    folder = suite.folder / "sites"
    folder.mkdir()
    for name in ("north", "south", "west"):
        (folder / f"{name}.yaml").write_text(f"name: {name}\ncontroller: {{address: 10.0.0.1}}\n")
    (folder / "north.waivers.yaml").write_text("waivers: []\n")
    return suite


def fleet(suite, *arguments, **environ):
    done = subprocess.run(
        [sys.executable, "-m", "fleet", *arguments],
        cwd=suite.folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environ},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@lengths.WHOLE_RUN
def test_each_site_has_its_own_result(sites):
    code, out = fleet(sites, "sites", "--out", "all", AVI_USERNAME="common", AVI_USERNAME__WEST="west-user")
    assert code == 1
    told = json.loads((sites.folder / "all/environments.json").read_text())
    assert {one["name"]: one["exit_code"] for one in told["environments"]} == {
        "north": 0,
        "south": 1,
        "west": 6,
    }
    for name in ("north", "south", "west"):
        assert (sites.folder / f"all/{name}/history.sqlite").is_file()
    assert "DRIFT: 0 of 1 fact as declared, 1 not" in out
    assert "west-user" in (sites.folder / "all/west/drift.json").read_text()
    metrics = (sites.folder / "all/avi_compliance.prom").read_text()
    assert metrics.count("# TYPE avi_compliance_drift gauge") == 1
    assert metrics.count("avi_compliance_drift{") == 2  # of the west no run has judged anything
    assert metrics.count("avi_compliance_unknown{") == 3


@lengths.WHOLE_RUN
def test_a_site_whose_file_is_wrong_costs_no_other_one(sites):
    (sites.folder / "sites/broken.yaml").write_text("")
    code, out = fleet(sites, "sites", "--out", "all")
    assert code == 4
    assert "broken  4  cannot be checked  broken.yaml:1: is empty; write one" in " ".join(out.split(" "))
    assert "north   0  conforms" in out


@lengths.WHOLE_RUN
def test_shares_of_an_indexed_job_are_put_together(sites):
    codes = [
        fleet(sites, "sites", "--out", "all", "--of", "2", JOB_COMPLETION_INDEX=str(n))[0] for n in range(2)
    ]
    assert codes == [6, 1]
    assert not (sites.folder / "all/environments.json").exists()
    code, out = fleet(sites, "--merge", "--out", "all")
    assert code == 1
    assert "3 environments; exit code 1" in out


def test_a_share_without_an_environment_has_done_its_work(sites):
    code, out = fleet(sites, "sites", "--out", "all", "--of", "5", "--index", "4")
    assert (code, out) == (0, "no environment falls to share 4 of 5\n")


def test_a_site_that_is_being_checked_is_left_alone(sites):
    import fcntl

    (sites.folder / "all/north").mkdir(parents=True)
    with (sites.folder / "all/north/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, out = fleet(sites, "sites/north.yaml", "--out", "all")
    assert code == 4
    assert "another run of it is going on" in out


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    "arguments",
    [
        ("--environment", "sites"),
        (
            "--environment=sites/north.yaml",
            "--environment=sites/south.yaml",
            "--environment",
            "sites/west.yaml",
        ),
    ],
    ids=["folder", "repeated"],
)
def test_by_pytest_itself(sites, arguments):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, "--report-dir", "all", "-q"],
        cwd=sites.folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "3 environments; exit code 1" in done.stdout
    assert (sites.folder / "all/west/drift.json").is_file()


@lengths.WHOLE_RUN
def test_a_file_of_one_is_not_shared_by_several(sites):
    code, out = fleet(sites, "sites", "--out", "all", "--", "--junitxml=junit.xml")
    assert code == 4
    assert "--junitxml: 3 environments would share junit.xml; write {environment}" in out
    assert not (sites.folder / "all").exists()
    code, out = fleet(sites, "sites", "--out", "all", "--", "--junitxml", "junit-{environment}.xml")
    assert code == 1, out
    assert 'tests="1"' in (sites.folder / "junit-west.xml").read_text()
    assert fleet(sites, "sites/north.yaml", "--out", "all", "--", "--junitxml=one.xml")[0] == 0


@lengths.WHOLE_RUN
def test_a_folder_that_cannot_be_written_costs_no_other_one(sites):
    (sites.folder / "all").mkdir()
    (sites.folder / "all/west").write_text("a file, not a folder")
    code, out = fleet(sites, "sites/north.yaml", "sites/west.yaml", "--out", "all")
    assert code == 3
    assert "CONFORMS: 1 of 1 fact as declared" in out
    assert "could not be run" in out


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    ("number", "send"),
    [(signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill), (signal.SIGINT, os.kill)],
    ids=["Ctrl-C", "Kubernetes", "a CI job"],
)
def test_after_an_interruption_nothing_new_begins(sites, number, send):
    """A terminal tells every process, Kubernetes only the first of them, which hands it on."""
    conftest = sites.folder / "conftest.py"
    conftest.write_text(conftest.read_text() + "    print('here', flush=True); import time; time.sleep(60)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "fleet", "sites", "--out", "all", "--jobs", "1", "--", "-q"],
        cwd=sites.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    log = sites.folder / "all/north/output.txt"
    end = time.monotonic() + 60
    while time.monotonic() < end and not (log.exists() and "here" in log.read_text()):
        time.sleep(0.05)
    send(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, out + err
    assert "Traceback" not in out + err
    assert "north  2  interrupted        told to stop while it began: nothing was asked of the site" in out
    assert "south  2  interrupted        not begun: the run was told to stop" in out
    *_, summary, last, how = out.splitlines()
    assert summary == f"3 environments; exit code 2; reports: {sites.folder / 'all'}"
    assert last == "INTERRUPTED: 0 of 3 environments ended, 1 had begun"
    files = " ".join(f"sites/{name}.yaml" for name in ("north", "south", "west"))
    assert how == f"go on with: python -m fleet {files} --out all --jobs 1 -- -q"
    folder = sites.folder / "all"
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"north"}
    kept = json.loads((folder / "environments.json").read_text())
    assert (kept["exit_code"], [one["exit_code"] for one in kept["environments"]]) == (2, [2, 2, 2])


def test_what_there_is_to_run(tmp_path, capsys):
    assert main([str(tmp_path)]) == 4
    assert "no environments" in capsys.readouterr().err
    for name in ("b.yaml", "a.yml", "a.waivers.yaml", "schema.json"):
        (tmp_path / name).write_text(f"name: {name[0]}\n")
    assert [path.name for path in environments([tmp_path])] == ["a.yml", "b.yaml"]
    (tmp_path / "c.yaml").write_text("name: b\n")
    assert main([str(tmp_path), "--of", "1"]) == 4
    assert "both declare 'b'" in capsys.readouterr().err
    assert main([str(tmp_path), "--index", "3", "--of", "2"]) == 4
    assert main(["--merge", "--out", str(tmp_path / "none")]) == 5


def test_shares_cover_everything_once(tmp_path):
    files = [tmp_path / f"{n}.yaml" for n in range(10)]
    shares = [share(files, n, 3) for n in range(3)]
    assert sorted(path for one in shares for path in one) == sorted(files)
    assert list(named(files)) == [str(n) for n in range(10)]


def test_a_sites_own_variables():
    environ = {
        "AVI_PASSWORD": "common",
        "AVI_PASSWORD__MY_SITE_1": "own",
        "AVI_TOKEN__OTHER": "x",
        "PATH": "/bin",
    }
    assert environ_of("my-site.1", environ) == {"AVI_PASSWORD": "own", "PATH": "/bin"}
    assert environ_of("other", environ) == {"AVI_PASSWORD": "common", "AVI_TOKEN": "x", "PATH": "/bin"}


def test_metrics_of_several_sites_are_one_valid_file():
    one = '# HELP m what\n# TYPE m gauge\nm{e="a"} 1\n# HELP n x\n# TYPE n gauge\nn{e="a"} 2\n'
    assert join_metrics([one, one.replace('"a"', '"b"')]) == (
        '# HELP m what\n# TYPE m gauge\nm{e="a"} 1\nm{e="b"} 1\n# HELP n x\n# TYPE n gauge\nn{e="a"} 2\nn{e="b"} 2\n'
    )
    older = one.replace("what", "that").replace('"a"', '"b"')
    assert [line for line in join_metrics([one, older]).splitlines() if "# HELP m" in line] == [
        "# HELP m what"
    ]


def test_hundreds_of_environments_stay_on_one_screen(tmp_path, capsys):
    """What must be looked at has a line, the worst first; all are in the files."""
    for number in range(500):
        (tmp_path / f"site-{number:03}").mkdir()
        code = {7: 1, 8: 6}.get(number % 10, 0)
        told = {"name": f"site-{number:03}", "file": "", "exit_code": code, "verdict": "said", "counts": {}}
        (tmp_path / f"site-{number:03}" / "outcome.json").write_text(json.dumps(told))
    assert main(["--merge", "--out", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 32
    assert lines[0] == "site-007  1  drift              said"
    assert lines[-2] == "and 400 x conforms, 20 x drift, 50 x unknown: see environments.json"
    assert lines[-1].startswith("500 environments; exit code 1")
    assert len(json.loads((tmp_path / "environments.json").read_text())["environments"]) == 500


def test_a_file_in_place_of_the_folder_of_results_is_bad_usage(tmp_path, capsys):
    """It ended with a traceback and exit code 1, which is drift."""
    (tmp_path / "out").write_text("kept")
    assert main(["--out", str(tmp_path / "out"), str(tmp_path / "a.yaml")]) == 4
    assert "is a file; name a folder" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "kept"
