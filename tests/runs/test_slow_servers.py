"""One SIGTERM ends a run whose Controller or vCenter is never silent and never comes to the end of an answer."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import trustme

from remediate.write.record import load
from tests import lengths
from tests.live.stub import DRIPS, Fault, Stub, after
from tests.runs.harness import ROOT, Site, command, run, surroundings

SOON = 30.0
"""Seconds for what takes two or three: a run's time of silence is one, and its reports are to be written."""
SLOW = ("--request-timeout=1", "--exchange-timeout=600")


@pytest.fixture
def site():
    lab = Site("drifted")
    yield lab
    lab.close()


@pytest.fixture
def between(site, tmp_path):
    """Stands between the runs and each server of the lab: {"controller": ..., "vcenter": ...}, and `lab.json` that says so."""
    ca = trustme.CA()
    there = json.loads(json.dumps(site.endpoints))
    stubs = {}
    for name in ("controller", "vcenter"):
        stubs[name] = Stub(behind=("127.0.0.1", there[name]["port"])).start(ca.issue_cert("127.0.0.1"))
        there[name]["port"] = stubs[name].port
    for vcenter in there["vcenters"].values():
        vcenter["port"] = stubs["vcenter"].port
    own = Path(there["ca_file"]).read_bytes()
    there["ca_file"] = str(tmp_path / "ca.pem")
    (tmp_path / "ca.pem").write_bytes(own + ca.cert_pem.bytes())
    (tmp_path / "lab.json").write_text(json.dumps(there), encoding="utf-8")
    yield stubs
    for stub in stubs.values():
        stub.stop()


def stopped(tmp_path, lingering, *options):
    """Its code and output: a run that gets one SIGTERM once a server lingers in an answer."""
    process = subprocess.Popen(
        command(
            tmp_path, "--lab", f"--lab-at={tmp_path}/lab.json", f"--journals={tmp_path}/j", *SLOW, *options
        ),
        cwd=ROOT,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        end = time.monotonic() + 120
        while not lingering() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.3)
        assert process.poll() is None, process.communicate()[0]
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=SOON)
    except BaseException:
        process.kill()
        raise
    assert "Traceback" not in out
    return process.returncode, out


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    ("server", "path", "drip"),
    [
        ("controller", "/login", "interim answers"),
        ("controller", "/api/virtualservice", "headers"),
        ("vcenter", "/sdk", "body"),
    ],
    ids=["login", "read", "vCenter"],
)
def test_a_check(between, tmp_path, server, path, drip):
    stub = between[server]
    stub.faults.append(Fault(path, DRIPS[drip], times=99))
    code, out = stopped(tmp_path, lambda: stub.calls(path))
    assert code == 2
    assert "KeyboardInterrupt: SIGTERM" in out


@lengths.WHOLE_RUN
@pytest.mark.parametrize("path", ["/logout", "/api/wafpolicy"], ids=["logout", "last read"])
def test_the_end_of_a_check(between, tmp_path, path):
    """All is judged by then, but what only coverage reads: what is stopped is the wait alone."""
    stub = between["controller"]
    stub.faults.append(Fault(path, DRIPS["headers"], times=99))
    code, out = stopped(tmp_path, lambda: stub.calls(path), f"--report-dir={tmp_path}/reports")
    assert code == 2
    assert "INTERRUPTED: until then 175 of 200 facts as declared, 20 not, 5 could not be judged" in out
    kept = json.loads((tmp_path / "reports" / "drift.json").read_text(encoding="utf-8"))
    assert len(kept["drifts"]) == 20


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    ("sessions", "outcome"),
    [(1, "1 unknown"), (2, "1 put right")],
    ids=["before the second pass", "at the end"],
)
def test_a_logout_of_a_run_that_has_written(between, tmp_path, sessions, outcome):
    """Each pass has a session of its own: what is written and not asked again is not called right."""
    stub = between["controller"]
    stub.faults.append(Fault("/logout", DRIPS["headers"], times=99))
    chosen = ("--remediate", "-k", "test_vrf and REGIONB_VMS_3023")
    code, out = stopped(tmp_path, lambda: stub.calls("/logout")[sessions - 1 :], *chosen)
    assert code == 2
    assert outcome in out
    (journal,) = (tmp_path / "j").glob("*.jsonl")
    assert [entry.fate for entry in load(journal).entries] == ["done"]
    assert load(journal).end == "1 done"


@lengths.WHOLE_RUN
def test_a_write(between, tmp_path):
    """It was applied and its answer drips: within the time of one silence it is given up, read back, and known."""
    stub = between["controller"]
    stub.faults += [
        Fault("/api/", after(DRIPS["chunk size"]), times=1, method=method) for method in ("PUT", "PATCH")
    ]
    sent = lambda: stub.calls("/api/", "PUT") + stub.calls("/api/", "PATCH")  # noqa: E731
    code, out = stopped(tmp_path, sent, "--remediate")
    assert code == 2
    assert "SIGTERM: stopping after the write that is under way" in out
    assert len(sent()) == 1
    (journal,) = (tmp_path / "j").glob("*.jsonl")
    answers = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    assert "done" in {line.get("fate") for line in answers}, answers


def test_a_log_says_what_is_waited_for(tmp_path):
    """Before the wait begins: all that was printed until then has left the process, too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (tmp_path / "site.yaml").write_text(
            f"name: silent\ncontroller: {{address: 127.0.0.1, port: {port}, verify_tls: false}}\nvrfs: [{{name: blue}}]\n"
        )
        process = subprocess.Popen(
            command(tmp_path, f"--environment={tmp_path}/site.yaml"),
            cwd=ROOT,
            env=surroundings(AVI_USERNAME="x", AVI_PASSWORD="y"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        silent.settimeout(120)
        asked, _ = silent.accept()
        with asked, process.stdout:
            out = os.read(process.stdout.fileno(), 1 << 16).decode()
            process.kill()
            process.wait()
    assert out.startswith("avi-compliance: loading ...\n")
    assert f"site: live, Controller 127.0.0.1:{port}" in out
    assert out.endswith(f"avi-compliance: reading 127.0.0.1:{port} ...\n")


@lengths.WHOLE_RUN
def test_hosts_are_waited_for_in_a_log(tmp_path):
    ran = run(tmp_path, "--lab", "--lab-state=conforming", "-k", "test_hosts and not lookup")
    assert re.search(r"^avi-compliance: asking \d+ hosts? \.\.\.$", ran.out, re.MULTILINE), ran.out
