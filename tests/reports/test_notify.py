import base64
import email
import email.policy
import json
import socketserver
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
import trustme
from mini_suite import case
from receivers import mailbox, running, webhook

from intent import Drift, Key
from intent.notice import Notice, Sort
from intent.plain_data import to_json
from reports.history.store import History
from reports.notify.message import Notification, html, slack, teams
from reports.notify.receivers import BadReceiver, receiver, receivers
from reports.notify.send import NotSent, send, send_all
from tests import lengths

TOLD = Notification(
    "❌ demo: DRIFT: 1 of 2", ["new: network <A> & *B*: vrf"], {"drift": 1}, "demo", "run-1", 1
)


def no_pause(_seconds):
    pass


@lengths.WHOLE_RUN
def test_only_changes_are_told(suite):
    with webhook() as hook:
        suite.environ["AVI_COMPLIANCE_NOTIFY"] = hook.url
        suite.run([case(name="A"), case(name="B")])
        assert hook.got == []  # conforming from the start: nothing to tell

        ran = suite.run([case("drift", "A"), case(name="B")])
        assert "told: json at 127.0.0.1" in ran.out
        assert "T0KEN" not in ran.out
        assert hook.got[-1][1]["lines"] == ["new, critical: network A: vrf: declared VRF_AZ1, found global"]
        assert hook.got[-1][1]["exit_code"] == 1

        suite.again()
        assert len(hook.got) == 1  # still the same

        suite.run([case("drift", "A", have="VRF_AZ2"), case(name="B")])
        assert hook.got[-1][1]["lines"] == [
            "changed, critical: network A: vrf: declared VRF_AZ1, found VRF_AZ2"
        ]

        suite.run([case("unknown", "A", reason="no answer"), case("unknown", "B", reason="no answer")])
        assert hook.got[-1][1]["lines"] == ["could not be read: no answer (2 facts)"]
        suite.again()
        assert len(hook.got) == 3

        suite.run([case("drift", "A", have="VRF_AZ2"), case(name="B")])
        assert hook.got[-1][1]["lines"] == ["everything can be read again"]

        suite.run([case(name="A"), case(name="B")])
        assert [line.partition(" (")[0] for line in hook.got[-1][1]["lines"]] == [
            "fixed: network A: A is in its VRF context"
        ]
        assert len(hook.got) == 5


def test_a_change_beside_the_declaration_is_told_once_and_later_where_it_could_not_be_sent(suite):
    notice = Notice(Sort.CHANGED, "pool", "shop", "p", "objects", "normal", path="x", was=1, now=2)
    told = suite.folder / "notices.json"
    with webhook(200, 404, 200) as hook:
        suite.environ["AVI_COMPLIANCE_NOTIFY"] = hook.url
        suite.run([case("drift", "A")])
        told.write_text(json.dumps([to_json(notice)]))
        suite.again()
        told.unlink()
        suite.again()
        suite.again()
    assert [body["lines"] for _, body in hook.got[1:]] == 2 * [["normal: changed pool shop: x: 1 -> 2"]]


def test_an_object_is_told_with_its_cloud_and_tenant_where_others_have_its_name(suite):
    """In messages, in the history and on the page; each of them is a story of its own."""

    def of(outcome, cloud, tenant="admin"):
        result = case(outcome, "A", waiver="")
        key = Key("network", "A", cloud, tenant)
        return replace(
            result, fact=replace(result.fact, key=key, several_clouds=True), drifts=_drifts(outcome, key)
        )

    west, blue = "network A (cloud west)", "network A (cloud east, tenant blue)"
    drift = "vrf: declared VRF_AZ1, found global"
    with webhook() as hook:
        suite.environ["AVI_COMPLIANCE_NOTIFY"] = hook.url
        both = suite.run([of("drift", "west"), of("drift", "east", "blue"), of("passed", "east")])
        assert hook.got[-1][1]["lines"] == [
            f"new, critical: {west}: {drift}",
            f"new, critical: {blue}: {drift}",
        ]
        page = (both.reports / "page.html").read_text()
        assert f"<b>{west}</b>" in page
        assert f"<b>{blue}</b>" in page
        suite.run([of("passed", "west"), of("drift", "east", "blue"), of("passed", "east")])
    (fixed,) = hook.got[-1][1]["lines"]
    assert fixed.startswith(f"fixed: {west}: A is in its VRF context")
    (path,) = suite.folder.rglob("history.sqlite")
    with History(path) as kept:
        names = {entry.object: entry.outcome for entry in kept.entries(kept.runs()[-1].id).values()}
    assert names == {west: "passed", blue: "drift", "network A (cloud east)": "passed"}


def _drifts(outcome, key):
    return (Drift(key, "vrf", "VRF_AZ1", "global"),) if outcome == "drift" else ()


def test_what_could_not_be_sent_is_told_at_the_next_run(suite):
    with webhook(404, 200) as hook:
        ran = suite.run([case("drift", "A")], "--notify", hook.url)
        assert ran.code == 1
        assert "note: json at 127.0.0.1 answered 404; check its URL; it is told at the next run" in ran.out
        assert "T0KEN" not in ran.out
        suite.again("--notify", hook.url)
        assert len(hook.got) == 2
        assert hook.got[1][1]["lines"] == hook.got[0][1]["lines"]


def test_every_receiver_has_its_own_knowledge(suite):
    with webhook() as first, webhook() as second:
        suite.run([case("drift", "A")], "--notify", first.url)
        suite.again("--notify", first.url, "--notify", second.url)
        assert (len(first.got), len(second.got)) == (1, 1)


@pytest.mark.parametrize(("answers", "attempts"), [((503, 429, 200), 3), ((500, 200), 2), ((200,), 1)])
def test_a_busy_receiver_is_tried_again(answers, attempts):
    with webhook(*answers, headers={"Retry-After": "7"}) as hook:
        pauses = []
        send(receiver(hook.url), TOLD, pause=pauses.append)
        assert len(hook.got) == attempts
        assert pauses == [7.0] * (attempts - 1)


@pytest.mark.parametrize("said", ["\u00b2", "9" * 400, "soon", "-1", ""])
def test_a_busy_receiver_that_names_no_time_is_tried_again_too(said):
    with webhook(503, 200, headers={"Retry-After": said}) as hook:
        pauses = []
        send(receiver(hook.url), TOLD, pause=pauses.append)
        assert len(hook.got) == 2
        assert 0 < pauses[0] < 60


@pytest.mark.parametrize("answer", [400, 401, 404, 301])
def test_a_refusal_is_final(answer):
    with webhook(answer, headers={"Location": "http://127.0.0.1:1/elsewhere"}) as hook:
        with pytest.raises(NotSent, match=f"answered {answer}"):
            send(receiver(hook.url), TOLD, pause=no_pause)
        assert len(hook.got) == 1


def test_a_dead_receiver_is_given_up_without_its_url():
    with pytest.raises(NotSent) as caught:
        send(receiver("http://127.0.0.1:9/services/T0KEN"), TOLD, pause=no_pause)
    assert "T0KEN" not in str(caught.value)


def test_slack_and_teams_forms():
    with webhook() as hook:
        send(receiver("slack+" + hook.url), TOLD)
        send(receiver("teams+" + hook.url), TOLD)
    (_, to_slack), (_, to_teams) = hook.got
    assert to_slack == slack(TOLD)
    assert to_slack["text"] == "*❌ demo: DRIFT: 1 of 2*\n• new: network &lt;A&gt; &amp; *B*: vrf"
    assert [
        (block["type"], block["text"]["type"], block["text"]["text"]) for block in to_slack["blocks"]
    ] == [
        ("header", "plain_text", "❌ demo: DRIFT: 1 of 2"),
        ("section", "plain_text", "• new: network <A> & *B*: vrf"),
    ]
    assert to_teams == teams(TOLD)
    card = to_teams["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["body"][1]["text"] == "- new: network <A> & \\*B\\*: vrf"


def test_no_block_is_longer_than_slack_takes():
    long = Notification("s" * 1_000, ["l" * 5_000], link="https://ci.example.org/1")
    lengths = [len(block["text"]["text"]) for block in slack(long)["blocks"]]
    assert lengths[:2] == [150, 3_000]
    assert "https://ci.example.org/1" in json.dumps(teams(long))


def test_without_a_history_everything_is_told(suite):
    (suite.folder / "reports/out/demo/history.sqlite").mkdir(
        parents=True
    )  # what cannot be opened, nor set aside
    with webhook() as hook:
        suite.environ["AVI_COMPLIANCE_NOTIFY"] = hook.url
        ran = suite.run([case("drift", "A")])
        assert "note: no history is kept of this run" in ran.out
        ((_, told),) = hook.got
        assert told["lines"][0] == "new, critical: network A: vrf: declared VRF_AZ1, found global"
        assert "the history could not be kept" in told["lines"][1]
        suite.run([case(name="A")])
        assert len(hook.got) == 1


def test_another_reason_is_news(suite):
    """One fact that cannot be read must not hide that, the next night, nothing can be read."""
    with webhook() as hook:
        suite.environ["AVI_COMPLIANCE_NOTIFY"] = hook.url
        suite.run([case("unknown", "A", reason="403: no permission"), case(name="B")])
        suite.run(
            [case("unknown", "A", reason="403: no permission"), case("unknown", "B", reason="no answer")]
        )
        suite.again()
        assert [told["lines"] for _, told in hook.got] == [
            ["could not be read: 403: no permission (1 fact)"],
            ["could not be read: no answer (1 fact)"],
        ]


def test_owner_and_ci_job_are_told(suite):
    suite.environ |= {"GITLAB_CI": "1", "CI_JOB_URL": "https://gitlab.example.org/-/jobs/7"}
    with webhook() as hook:
        suite.run([case("drift", "A", owner="network team")], "--notify", hook.url)
    ((_, told),) = hook.got
    assert told["lines"] == ["new, critical: network A: vrf: declared VRF_AZ1, found global [network team]"]
    assert told["link"] == "https://gitlab.example.org/-/jobs/7"


@contextmanager
def drops():
    """A receiver that takes everything and answers a byte at a time, for ever."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(65_536)
            with suppress(OSError):
                while not over.wait(0.05):
                    self.request.sendall(b"H")

    over = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/T0KEN"
        over.set()


def test_nobody_who_is_slow_or_wrong_costs_the_others_their_message(monkeypatch):
    monkeypatch.setattr("reports.notify.send.DEADLINE", 2.0)
    with drops() as slow, webhook() as hook:
        wrong = f"http://{'a' * 70}.example.org/T0KEN"  # a label longer than DNS allows: no OSError in Python
        found = send_all([(receiver(url), TOLD) for url in (slow, wrong, hook.url)])
    assert "did not take the message within 2 s" in str(found[0])
    assert found[1] is not None
    assert found[2] is None
    assert len(hook.got) == 1
    assert "T0KEN" not in f"{found[0]} {found[1]}"


def test_mail(suite):
    with mailbox() as box:
        url = f"smtp://127.0.0.1:{box.port}/?from=avi@example.org&to=a+ops@example.org,b@example.org"
        suite.run([case("drift", "A")], "--notify", url)
        suite.again("--notify", url)
    ((to, text),) = box.mails
    letter = email.message_from_string(text, policy=email.policy.default)
    assert [line.partition("<")[2].partition(">")[0] for line in to] == ["a+ops@example.org", "b@example.org"]
    assert letter["Subject"].startswith("❌ demo: DRIFT: 0 of 1 fact")
    assert letter["Auto-Submitted"] == "auto-generated"
    for form in ("plain", "html"):
        body = letter.get_body((form,)).get_content()
        assert "new, critical: network A: vrf: declared VRF_AZ1, found global" in body


def test_nothing_of_a_site_is_markup_in_a_mail():
    assert "<li>new: network &lt;A&gt; &amp; *B*: vrf</li>" in html(TOLD)


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_mail_over_tls_with_a_login(monkeypatch, tmp_path, scheme):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with mailbox(**{"smtps": {"tls": context}, "smtp": {"starttls": context}}[scheme]) as box:
        send(receiver(f"{scheme}://me:p%40ss@localhost:{box.port}/?from=a@b.c&to=d@e.f"), TOLD)
    assert len(box.mails) == 1
    assert base64.b64decode(box.logins[0]) == b"\0me\0p@ss"


def test_a_mail_password_is_not_sent_in_the_clear():
    with mailbox() as box, pytest.raises(NotSent):
        send(receiver(f"smtp://me:pass@127.0.0.1:{box.port}/?from=a@b.c&to=d@e.f"), TOLD, pause=no_pause)
    assert box.logins == box.mails == []


def test_a_busy_mail_server_is_tried_again():
    with mailbox(451, 250) as box:
        send(receiver(f"smtp://127.0.0.1:{box.port}/?from=a@b.c&to=d@e.f"), TOLD, pause=no_pause)
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "https:///",
        "host/path",
        "smtp://host/",
        "smtp://host/?from=a@b.c",
        "http://h:port/",
        "smtp://host/?from=a@b.c&to=nobody&",
        "smtp://host/?from=a@b.c&to=d@e.f%0aBcc:x@y.z&",
        "file:/none",
    ],
)
def test_a_wrong_url_ends_the_run_without_being_shown(suite, url):
    ran = suite.run([case()], "--notify", url + "SECRETPART" if "file" not in url else url)
    assert ran.code == 4
    assert "SECRETPART" not in ran.out


def test_urls_from_a_file(tmp_path, monkeypatch):
    monkeypatch.delenv("AVI_COMPLIANCE_NOTIFY", raising=False)
    (tmp_path / "urls").write_text(
        "# receivers\nhttps://hooks.slack.com/services/x\nhttps://x.webhook.office.com/y\n"
    )
    found = receivers([f"file:{tmp_path / 'urls'}", "https://hooks.slack.com/services/x"])
    assert [one.kind for one in found] == ["slack", "teams"]
    assert repr(found[0]) == "slack at hooks.slack.com"


def test_no_url_is_ever_a_plain_message():
    with pytest.raises(BadReceiver):
        receiver("file:///etc/passwd")
