"""`--ako-log`: a text, a file, standard input; no site is needed, and nothing harms the screen or shows a secret."""

from __future__ import annotations

import gzip
import secrets
import subprocess
import sys

import pytest

from fixtures.ako_log_answer import log_of
from tests import lengths
from tests.runs.harness import ROOT, run, surroundings

LINE = "Error while validating input: network zz not found under vrf "


def ako_log(tmp_path, *arguments, **variables):
    """(exit code, what was printed)."""
    ran = run(tmp_path, *arguments, **variables)
    return ran.code, ran.out


def test_a_file_of_windows_with_a_secret_and_an_escape(tmp_path):
    path = tmp_path / "pod log.txt"
    path.write_bytes(f"{LINE}s3cr\u202eet-\x1b]0;x\x07 hunter22\r\n".encode("utf-16"))
    code, out = ako_log(tmp_path, f"--ako-log={path}", AVI_PASSWORD="hunter22")
    assert code == 0
    assert "step V4d" in out
    assert not {"\x1b", "\u202e", "\x07"} & set(out)
    assert "hunter22" not in out


@lengths.WHOLE_RUN
def test_standard_input_and_credentials_in_a_line():
    line = (
        "FATAL Avi Controller information missing (username: admin, password: two words, authToken: t0ken, controller: ). "
        "Update them in avi-secret."
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--ako-log=-"],
        cwd=ROOT,
        input=line.encode(),
        capture_output=True,
        env=surroundings(),
        check=False,
    )
    out = ran.stdout.decode()
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "step B1" in out
    assert "two words" not in out
    assert "t0ken" not in out


def test_a_packed_log(pytestconfig, tmp_path):
    """Of a file that gzip has packed, what can be unpacked is read; nothing at all is bad usage."""
    whole = gzip.compress((f"{LINE}\n" + secrets.token_hex(2_000_000)).encode())
    path = tmp_path / "ako.log.gz"
    path.write_bytes(whole)
    assert LINE in log_of(pytestconfig, str(path))
    path.write_bytes(whole[: len(whole) // 2 + 500_000])
    assert LINE in log_of(pytestconfig, str(path))
    path.write_bytes(whole[:15])
    with pytest.raises(pytest.UsageError, match="packed with gzip and cannot be unpacked"):
        log_of(pytestconfig, str(path))


def test_what_is_not_recognised_is_unknown(tmp_path):
    code, out = ako_log(tmp_path, "--ako-log=something else happened")
    assert code == 6
    assert out.startswith("none of AKO's texts")


def test_it_goes_with_no_plan(tmp_path):
    code, out = ako_log(tmp_path, f"--ako-log={LINE}", "--plan")
    assert code == 4
    assert "it does not go with --plan" in out


@pytest.mark.parametrize(
    ("given", "why"),
    [("nosuch.log", "there is no such file"), ("/dev/zero", "cannot be read"), ("", "no such file")],
)
def test_what_is_neither_text_nor_file_is_bad_usage(pytestconfig, given, why):
    with pytest.raises(pytest.UsageError, match=why):
        log_of(pytestconfig, given)
