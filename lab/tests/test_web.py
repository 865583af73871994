"""The page at /lab/: what it shows, that it escapes, that it fetches nothing, and that a browser renders it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lab import control
from lab.controller import Request
from lab.tests.cloudsite import Client
from lab.web.html import Html, el, table, text
from lab.web.pages import site_page

ROOT = Path(__file__).parents[2]
EVIL = "<script>document.title='pwned'</script>\"'&"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "br", "hr"}


class Page(HTMLParser):
    """The elements of a page; fails on markup that is not balanced."""

    def __init__(self, source):
        super().__init__()
        self.stack, self.tags, self.links, self.words = [], [], [], []
        self.feed(source)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.links += [v for k, v in attrs if k in ("href", "src", "action", "srcset", "data")]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def site():
    return Client("drifted").site


def show(site, **query):
    return Page(site_page(site, query))


def test_the_control_plane_answers_it():
    lab = Client("drifted").lab
    answer = control.handle(lab, Request("GET", "/lab/"))
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert "local-dns-site1 OPER_UP" in Page(answer.body.decode()).text


def test_the_site_at_a_glance(site):
    page = show(site)
    assert "local-dns-site1 OPER_UP" in page.text
    assert "10.10.25.40" in page.text
    assert "dns-se-" in page.text
    assert "AVI K8S/Site1 AZ1" in page.text
    assert "3 of 20" in page.text
    assert "10.10.25.41 serviceengine dns-se-" in page.text
    assert "CLOUD_STATE_PLACEMENT_READY" in page.text
    assert "allocate_ip_in_vrf true false" in page.text  # a planted fault
    assert next((a["value"], a["max"]) for tag, a in page.tags if tag == "meter") == ("1", "3")


def test_every_type_and_every_object_has_its_page(site):
    for kind in site.store.types():
        assert f"{kind}: {site.store.count(kind)}" in show(site, type=kind).text
    service = site.one("virtualservice", "local-dns-site1")
    page = show(site, type=service.type, uuid=service.uuid)
    assert f'"uuid": "{service.uuid}"' in page.text
    assert "(DNS-SE-Group)" in page.text
    profile = site.one("applicationprofile", "System-DNS")
    assert "local-dns-site1" in show(site, type=profile.type, uuid=profile.uuid).text


def test_what_is_not_there_is_said(site):
    assert "no object of this type" in show(site, type="nosuch").text
    assert "no cloud nosuch" in show(site, type="cloud", uuid="nosuch").text


def test_requests_are_shown_latest_first():
    client = Client("fresh")
    client.get("/api/cloud?name=first")
    client.get("/api/cloud?name=second")
    words = show(client.site).text
    assert words.index("name=second") < words.index("name=first")


def test_an_empty_lab():
    words = show(Client("empty").site).text
    for said in ("no virtual service", "no Service Engine", "no network has a pool", "none planted"):
        assert said in words


def test_secrets_are_hidden(site):
    cloud = site.one("cloud", "Default-Cloud")
    source = site_page(site, {"type": "cloud", "uuid": cloud.uuid})
    assert cloud.body["vcenter_configuration"]["password"] not in source
    assert "&lt;sensitive&gt;" in source


def test_nothing_is_fetched_and_nothing_runs(site):
    for query in (
        {},
        {"type": "network"},
        {"type": "cloud", "uuid": site.one("cloud", "Default-Cloud").uuid},
    ):
        page = show(site, **query)
        assert all(link.startswith(("/lab/", "#")) for link in page.links)
        assert not {"script", "link", "img", "iframe", "object", "form", "base"} & {
            tag for tag, _ in page.tags
        }
        assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
        assert "@import" not in page.text
        assert "url(" not in page.text


def test_names_are_escaped_everywhere():
    client = Client("conforming")
    made = client.post("vrfcontext", name=EVIL)
    vip = [{"vip_id": "1", "ip_address": {"addr": "192.0.2.1", "type": "V4"}}]
    vsvip = client.post("vsvip", name=EVIL, vrf_context_ref=made["url"], vip=vip)
    client.post("virtualservice", name=EVIL, vsvip_ref=vsvip["url"], services=[{"port": 80}])
    client.get("/api/cloud?name=" + EVIL.replace("&", "%26"))
    queries = [
        {},
        {"type": "vrfcontext"},
        {"type": "vrfcontext", "uuid": made["uuid"]},
        {"type": EVIL},
        {"type": EVIL, "uuid": EVIL},
    ]
    for query in queries:
        assert "script" not in {tag for tag, _ in show(client.site, **query).tags}
        assert EVIL in show(client.site, **query).text


def test_the_builder():
    assert el("a", "<b>", href='x"y') == '<a href="x&quot;y">&lt;b&gt;</a>'
    assert text([el("br"), None, 3, ["<"]]) == "<br>3&lt;"
    assert isinstance(el("p"), Html)
    assert '<p class="empty">none</p>' in table("T", ["a"], [])


def test_a_real_browser_shows_it(tmp_path):
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    command = [sys.executable, "-m", "lab", "--state", "drifted", "--with-parent"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            said = json.loads(running.stdout.readline())
            browser = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"]
            browser += [f"--user-data-dir={tmp_path}", "--dump-dom", said["control"]]
            shown = subprocess.run(
                browser,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
                env={**os.environ, "HOME": str(tmp_path)},
            )
            page = Page(shown.stdout)
            assert "local-dns-site1 OPER_UP" in page.text
            assert "3 of 20" in page.text
            assert ("title", {}) in page.tags
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(10) == 0
