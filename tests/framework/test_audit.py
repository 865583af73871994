"""The audit says *unknown* wherever nobody could tell, and never calls that clean."""

from __future__ import annotations

import importlib.util
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("requirements_audit", ROOT / "requirements" / "audit.py")
audit = importlib.util.module_from_spec(SPEC)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
CONTROL = {
    "id": "PYSEC-2020-96",
    "modified": "2026-11-20T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "PyYAML"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.3.1"}]}],
        }
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    import sys

    sys.modules[SPEC.name] = audit
    SPEC.loader.exec_module(audit)
    yield
    del sys.modules[SPEC.name]


def record(name, *, ranges=(), versions=(), **more):
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": list(ranges),
        "versions": list(versions),
    }
    return {"id": f"X-{name}", "modified": "2026-11-01T00:00:00Z", "affected": [affected], **more}


def span(*events, kind="ECOSYSTEM"):
    return {"type": kind, "events": [dict([event]) for event in events]}


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    class Today(datetime):
        @classmethod
        def now(cls, _zone):
            return NOW

    monkeypatch.setattr(audit, "datetime", Today)

    def audited(*records, lock="a==1.0 \\\n    --hash=sha256:00\nB_c==2.0 ; sys_platform == 'linux' \\\n"):
        path, pins = tmp_path / "all.zip", tmp_path / "lock.txt"
        with zipfile.ZipFile(path, "w") as archive:
            for number, one in enumerate(records):
                archive.writestr(f"{number}.json", json.dumps(one))
        pins.write_text(lock)
        code = audit.main([f"--osv={path}", f"--lock={pins}"])
        return code, capsys.readouterr().out

    return audited


def test_the_whole_lock_is_read():
    text = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
    assert len(audit.locked(text)) == len(re.findall(r"^[^\s#]", text, re.MULTILINE)) > 20
    assert {"avisdk", "pyyaml"} <= {name for name, _ in audit.locked(text)}


def test_none_is_known(run):
    code, out = run(CONTROL, record("other", versions=["1.0"]), record("a", versions=["0.9"]))
    assert code == 0
    assert out.splitlines() == [
        "asked: all.zip, as of 2026-11-20",
        "no known vulnerability in 2 locked packages",
    ]


def test_some_are_known(run):
    code, out = run(
        CONTROL, record("a", versions=["1.0"]), record("b.C", ranges=[span(("introduced", "1.5"))])
    )
    assert code == 1
    assert "a 1.0: X-a" in out
    assert "b-c 2.0: X-b.C" in out
    assert out.endswith("VULNERABLE: 2 of 2 packages that could be asked for\n")


@pytest.mark.parametrize(
    ("records", "lock", "says"),
    [
        ((), "a==1\n", "knows nothing of pyyaml 5.3"),
        ((record("a", versions=["1"]),), "a==1\n", "knows nothing of pyyaml 5.3"),
        ((CONTROL | {"withdrawn": "2021-01-01T00:00:00Z"},), "a==1\n", "knows nothing of pyyaml 5.3"),
        ((CONTROL | {"modified": "2026-01-01T00:00:00Z"},), "a==1\n", "is 328 days old; fetch a newer one"),
        ((CONTROL,), "# nothing\n", "locks nothing"),
    ],
)
def test_an_export_that_tells_nothing(run, records, lock, says):
    code, out = run(*records, lock=lock)
    assert code == 6
    assert out.startswith("UNKNOWN: no advisories could be had")
    assert says in out
    assert "no known vulnerability" not in out


def test_a_file_that_is_none(tmp_path, capsys):
    (tmp_path / "all.zip").write_text("x")
    for path in (tmp_path / "all.zip", tmp_path / "absent.zip"):
        assert audit.main([f"--osv={path}"]) == 6
        assert "UNKNOWN" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([("introduced", "0"), ("fixed", "2.0")], ["0.1", "1.9", "2.0rc1"], ["2.0", "3"]),
        ([("introduced", "1.0"), ("last_affected", "1.5")], ["1.0", "1.5"], ["0.9", "1.5.1"]),
        (
            [("introduced", "3"), ("fixed", "3.2"), ("introduced", "0"), ("fixed", "1")],
            ["0.5", "3.1"],
            ["1", "2", "3.2"],
        ),
        ([("introduced", "0"), ("fixed", "garbage")], ["9"], []),
    ],
)
def test_ranges(events, inside, outside):
    affected = {"ranges": [span(*events)]}
    assert all(audit.affects(affected, one) for one in inside)
    assert not any(audit.affects(affected, one) for one in outside)
    assert not audit.affects({"ranges": [span(*events, kind="GIT")]}, inside[0])


def answer(*dependencies):
    return {"dependencies": list(dependencies), "fixes": []}


def test_a_registry_without_advisories_is_not_believed(monkeypatch, capsys):
    """A mirror that knows the releases and no advisory answers for all of them: none."""
    asked = []

    def ask(service, packages):
        asked.append(service)
        clean = [{"name": name, "version": version, "vulns": []} for name, version in packages]
        return audit.read(service, packages, answer(*clean))

    monkeypatch.setattr(audit, "_asked", ask)
    assert audit.main([]) == 6
    out = capsys.readouterr().out
    assert asked == ["pypi", "osv"]
    assert "pypi serves no advisories: it knows nothing of pyyaml 5.3" in out
    assert "no known vulnerability" not in out


def test_a_service_that_is_believed_and_skips(monkeypatch, capsys):
    skipped = []

    def ask(service, packages):
        bad = {"name": "PyYAML", "version": "5.3", "vulns": [{"id": "PYSEC-2020-96"}]}
        if packages == [audit.CONTROL]:
            return audit.read(service, packages, answer(bad))
        rows = [{"name": n, "version": v, "vulns": []} for n, v in packages if n != "avisdk"]
        return audit.read(service, packages, answer(*rows, *skipped))

    monkeypatch.setattr(audit, "_asked", ask)
    assert audit.main([]) == 6
    assert "avisdk: unknown: no answer" in capsys.readouterr().out
    skipped.append({"name": "avisdk", "skip_reason": "not found on PyPI"})
    assert audit.main([]) == 6
    assert "avisdk: unknown: not found on PyPI\nUNKNOWN: 1 of" in capsys.readouterr().out
    skipped[0] = {"name": "avisdk", "version": "32.1.4", "vulns": []}
    assert audit.main([]) == 0
    assert "no known vulnerability in" in capsys.readouterr().out
