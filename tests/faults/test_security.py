"""What a hostile name, a hostile server or a second run may try: proved on the real command."""

from __future__ import annotations

import json
import re
import ssl
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from tests import lengths
from tests.live.stub import Stub
from tests.runs.harness import ZYGOTE, Site, cases, command, surroundings

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
HARMLESS = {
    "text/plain",
    "application/json",
    "text/uri-list",
    "text/csv",
    "application/x-yaml",
    "text/markdown",
}


@pytest.fixture(scope="module")
def lab():
    found = Site("conforming")
    yield found
    found.close()


def run(folder, *arguments, **variables):
    given = [*command(folder, *arguments)[3:], f"--journals={folder}/journals"]
    code = ZYGOTE.run(given, surroundings(**variables), folder / "out", 60).code
    return code, (folder / "out").read_text(encoding="utf-8")


def test_a_name_is_only_a_name_in_every_report(lab, tmp_path):
    """Markup in the name of an object becomes text: no report carries it where a browser would run it."""

    def hostile(data):
        data["vrfs"].append({"name": EVIL})
        data["se_groups"][0]["name_prefix"] = EVIL

    code, out = run(
        tmp_path,
        lab.declared(tmp_path, hostile),
        f"--alluredir={tmp_path}/allure",
        "-k",
        "vrfs or name_prefix",
        **lab.credentials,
    )
    assert code == 1, out[-2000:]
    assert EVIL in out
    rows = [
        json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "allure").glob("*-result.json")
    ]
    assert any("script" in row["name"] for row in rows), "the name is there to be searched"
    for row in rows:
        assert not row.get("descriptionHtml")
        assert not re.search(r"(?<!`)<(script|img)", row.get("description") or ""), row["description"]
        for one in _attachments(row):
            assert one["type"] in HARMLESS or one["type"] == "text/html", one
            if one["type"] == "text/html":
                page = (tmp_path / "allure" / one["source"]).read_text(encoding="utf-8")
                assert not re.search(r"<(script|img)", page), page
    summary = (tmp_path / "reports" / "summary.md").read_text(encoding="utf-8")
    assert "alert(1)" in summary
    assert not re.search(r"(?<![`\\])<(script|img)", summary), summary
    archive = tmp_path / "reports" / "allure-results.zip"
    assert not archive.exists() or not [
        n for n in zipfile.ZipFile(archive).namelist() if n.endswith((".html", ".svg"))
    ]


def _attachments(row):
    yield from row.get("attachments", [])
    for step in row.get("steps", []):
        yield from _attachments(step)


def _certificate(kind):
    authority, other = trustme.CA(), trustme.CA()
    now = datetime.now(UTC)
    options = {
        "wrong CA": (other, "127.0.0.1", {}),
        "expired": (
            authority,
            "127.0.0.1",
            {"not_before": now - timedelta(9), "not_after": now - timedelta(1)},
        ),
        "wrong name": (authority, "controller.example.org", {}),
    }
    issuer, name, more = options[kind]
    return authority, issuer.issue_cert(name, **more)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("wrong CA", "not signed by a CA trusted here"),
        ("expired", "has expired"),
        ("wrong name", "is for another name"),
    ],
)
def test_a_certificate_that_cannot_be_trusted_gets_no_password(lab, tmp_path, kind, says):
    authority, certificate = _certificate(kind)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    stub = Stub().start(certificate)
    try:
        given = lab.declared(tmp_path, None, port=stub.port, ca_file=str(tmp_path / "ca.pem"))
        code, out = run(tmp_path, given, "-k", "test_vrfs", **lab.credentials)
    finally:
        stub.stop()
    assert code == 6, out[-2000:]
    assert says in out
    assert stub.seen == [], "nothing was sent"
    assert {word for word, _ in cases(tmp_path / "junit.xml").values()} == {"unknown"}


@lengths.WHOLE_RUN
def test_no_redirect_is_followed_with_credentials(lab, tmp_path):
    """Neither that of the login nor that of a read, which carries the session's cookies."""
    authority = trustme.CA()
    other = Stub().start(authority.issue_cert("127.0.0.1"))
    try:
        for path in ("^/login", "^/api/vrfcontext"):
            lab.faults(
                {"path": path, "status": 302, "headers": {"Location": f"https://127.0.0.1:{other.port}/x"}}
            )
            code, out = run(tmp_path, lab.declared(tmp_path), "-k", "test_vrfs", **lab.credentials)
            assert code == 6, out[-2000:]
            assert f"redirects to https://127.0.0.1:{other.port}/x" in " ".join(out.split())
        assert other.seen == []
        assert other.connections == 0
    finally:
        lab.faults()
        other.stop()


@lengths.WHOLE_RUN
def test_reading_only_reads(lab, tmp_path):
    """A check and a plan of a site with drift send nothing but GET, the login and the logout."""
    lab.reset("drifted")
    try:
        for mode in ((), ("--plan",)):
            code, out = run(tmp_path, lab.declared(tmp_path), *mode, **lab.credentials)
            assert code == 1, out[-2000:]
            sent = {(one["method"], one["path"].partition("?")[0]) for one in lab.heard["requests"]}
            assert {pair for pair in sent if pair[0] != "GET"} == {("POST", "/login"), ("POST", "/logout")}
            assert lab.heard["writes"] == 0
    finally:
        lab.reset()


def test_verification_is_on_in_every_context():
    """The context that vCenter and the clocks are asked under is made by one call, which verifies."""
    context = ssl.create_default_context()
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
