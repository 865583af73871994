"""The gateway without a wire and without a clock of its own: how often it asks, and how long it waits."""
# ruff: noqa: ARG002, RUF043 -- a fixture may be wanted for what it does; sentences are matched as they stand

from __future__ import annotations

import pytest
from pydantic import SecretStr
from requests import exceptions as http

from intent import Controller, Unknown
from intent.scrubber import SCRUBBER
from live.avi.gateway import PAUSES, Gateway
from live.avi.session import Credentials, Denied
from live.errors import Conflict, FateUnknown, NotFound, ReadDenied, ReadOnly, Refused, Unreachable
from tests.live.pretended import HERE, alone, answer, ok, refused


class TestBefore:
    def test_what_it_is_by_itself(self, site, tmp_path):
        made = Gateway(
            Controller(address="avi.example"), Credentials("ops", SecretStr("pl4nted-pass")), base=tmp_path
        )
        assert (made.version, made.api_version, made.session_info) == ("", "", "")
        assert (made.writable, made.name) == (False, "avi.example:443")
        assert repr(made) == "Gateway(avi.example:443, ops, read-only)"
        assert repr(alone(tmp_path, writable=True)) == "Gateway(avi.example:443, ops, writable)"
        assert "pl4nted" not in SCRUBBER.text("a line with pl4nted-pass")
        made.read("cloud")
        assert site.asked[0][2]["limit"] == HERE + 300.0


class TestSessions:
    @pytest.mark.parametrize(
        ("address", "port", "prefix"),
        [
            ("avi.example", 443, "https://avi.example"),
            ("avi.example", 9443, "https://avi.example:9443"),
            ("2001:db8::1", 443, "https://[2001:db8::1]"),
            ("2001:db8::443", 8443, "https://[2001:db8::443]:8443"),
        ],
    )
    def test_where_and_how(self, site, tmp_path, address, port, prefix):
        made = alone(tmp_path, timeout=7.0, address=address, port=port, tenant="iberia", token="t")
        made.read("cloud")
        (session,) = site.sessions
        assert session.given == (prefix, "ops", "iberia")
        assert {name: session.terms[name] for name in ("verify", "timeout")} == {
            "verify": True,
            "timeout": 7.0,
        }
        assert session.api_version == made.api_version == "30.2.1"
        assert site.logins == [(1, SecretStr("pl4nted-pass"), SecretStr("t"), HERE + 70.0)]
        assert site.asked == [
            ("GET", "cloud", {"limit": HERE + 70.0, "params": None, "tenant": None, "model": None}, 1)
        ]

    def test_each_gateway_bears_a_name_of_its_own_in_the_log(self, site, tmp_path):
        """By it the undo of a run tells what that run has made from what another one of the same account has."""
        made = [alone(tmp_path) for _ in range(2)]
        for each in made:
            each.read("cloud")
        assert [session.headers["User-Agent"] for session in site.sessions] == [each.client for each in made]
        assert made[0].client != made[1].client

    def test_one_is_used_again(self, site, reader):
        for _ in range(3):
            reader.read("cloud")
        assert len(site.sessions) == 1
        with reader._session() as one, reader._session() as other:
            assert one is not other
            assert other.api_version == "30.2.1", "one that is made later speaks the same model"
        assert len(site.sessions) == 2

    def test_one_that_is_still_out_when_all_are_closed(self, site, reader):
        reader.connect()
        with reader._session() as out:
            reader.close()
            done = list(out.done)
        assert out.done == [*done, "forget"]
        reader.read("cloud")
        assert site.sessions[-1] is not out

    def test_closing_logs_out_once(self, site, reader):
        reader.read("cloud")
        reader.close()
        assert site.asked[-1] == ("POST", "logout", {"limit": HERE + 5.0}, 1)
        assert site.sessions[0].done[-1] == "forget"
        asked = len(site.asked)
        reader.close()
        assert len(site.asked) == asked

    @pytest.mark.parametrize(
        "trouble", [http.ConnectionError("x"), refused(500), Denied(answer(401)), OSError("x")]
    )
    def test_a_logout_that_fails_is_no_trouble(self, site, tmp_path, trouble):
        made = alone(tmp_path, timeout=2.0)
        made.connect()
        site.answers = [trouble]
        made.close()
        assert site.asked[-1][2] == {"limit": HERE + 2.0}
        assert site.sessions[0].done[-1] == "forget"

    def test_a_request_after_all_were_closed(self, reader):
        reader.connect()
        reader._login = None
        with pytest.raises(Unreachable, match="the Controller at avi.example:443: the session was closed"):
            reader._exchange("GET", "cloud", limit=0.0)

    def test_a_controller_that_was_upgraded_meanwhile_is_asked_nothing_more(self, site, writer):
        """It has ended the sessions; what was read and planned is of its former version."""
        writer.read("cloud")
        site.version, site.answers = "31.1.1", [answer(401, "no session")]
        said = "its version is 31.1.1 by now, and was 30.2.1 when this run began; run again"
        for _ in range(2):
            with pytest.raises(Unreachable, match=said):
                writer.read("cloud")
        with pytest.raises(Unreachable, match=said):
            writer.write("PUT", "cloud/c1", {})
        assert (len(site.logins), len(site.asked)) == (2, 2), "no more than what has told it"
        writer.close()
        site.answers = [ok()]
        writer.read("cloud")
        assert writer.version == "31.1.1"

    def test_a_write_never_goes_over_a_connection_that_was_idle(self, site, writer):
        writer.read("cloud")
        writer.write("PUT", "cloud/c1", {})
        assert site.sessions[0].done == ["GET", "close", "PUT"]

    def test_the_controllers_clock(self, site, reader):
        assert reader.clock is None
        reader.connect()
        site.sessions[0].ahead = 500.0
        reader.read("cloud")
        assert reader.clock == HERE + 500.0
        site.sessions[0].ahead = None
        reader.read("cloud")
        assert reader.clock == HERE + 500.0

    def test_what_counts_as_a_write(self, site, reader):
        for method, path in (("GET", "/api/x"), ("HEAD", "/api/x"), ("POST", "/login"), ("POST", "/logout")):
            reader._count(method, path)
        assert (reader.requests, reader.writes) == (4, 0)
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            with pytest.raises(ReadOnly, match=f"{method} /api/login: this run may only read"):
                reader._count(method, "/api/login")
        assert (reader.requests, reader.writes) == (4, 0)


class TestReads:
    def test_how_long_it_waits(self, site, reader):
        site.answers = [answer(503, "away")]
        with pytest.raises(Unknown, match="cloud answered HTTP 503: away"):
            reader.read("cloud", {"a": "b"}, tenant="*")
        assert site.naps == [0.25, 0.5, 1.0]
        assert set(site.spread) == {(0.75, 1.25)}
        assert site.asked == [
            ("GET", "cloud", {"limit": HERE + 300.0, "params": {"a": "b"}, "tenant": "*", "model": None}, 1)
        ] * (len(PAUSES) + 1)

    def test_no_two_wait_for_the_same_time(self, site, reader):
        site.factor, site.answers = 0.8, [answer(503)]
        with pytest.raises(Unknown):
            reader.read("cloud")
        assert site.naps == [0.2, 0.4, 0.8]

    @pytest.mark.parametrize(("timeout", "tries"), [(0.125, 1), (0.13, 2), (0.375, 2), (0.38, 3), (0.9, 4)])
    def test_no_try_that_would_come_too_late(self, site, tmp_path, timeout, tries):
        site.answers = [http.ConnectionError("Connection refused")]
        with pytest.raises(Unreachable, match="nothing listens there"):
            alone(tmp_path, timeout=timeout).read("cloud")
        assert len(site.asked) == tries

    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
    def test_what_may_pass(self, site, reader, status):
        site.answers = [answer(status, Retry_After="3"), ok('{"a": 1}')]
        assert reader.read("cloud") == {"a": 1}
        assert site.naps == [3.0]

    @pytest.mark.parametrize("asked", ["0", ""])
    def test_a_retry_after_does_not_hurry_it(self, site, reader, asked):
        site.answers = [answer(503, Retry_After=asked), ok()]
        reader.read("cloud")
        assert site.naps == [0.25]

    @pytest.mark.parametrize(
        ("trouble", "kind", "said"),
        [
            (answer(400, "bad"), Unknown, "cloud answered HTTP 400: bad"),
            (answer(403, "no"), ReadDenied, "ops may not read cloud in tenant admin: no (it takes PERMISSION_CLOUD)"),
            (answer(404, "what?"), NotFound, "it has no cloud: what?"),
            (answer(201, "x"), Unknown, "cloud answered HTTP 201: x"),
            (answer(300), Unknown, "cloud redirects to nowhere; give the address it leads to as controller.address"),
            (answer(399, Location="https://x/"), Unknown, "cloud redirects to https://x/; give the address"),
            (http.SSLError("CERTIFICATE_VERIFY_FAILED"), Unreachable, "its TLS certificate is not signed"),
        ],
    )  # fmt: skip
    def test_what_will_not_pass(self, site, reader, trouble, kind, said):
        site.answers = [trouble]
        with pytest.raises(Unknown) as caught:
            reader.read("cloud")
        assert type(caught.value) is kind
        assert str(caught.value).startswith(f"the Controller at avi.example:443: {said}")
        assert (len(site.asked), site.naps) == (1, [])

    def test_where_it_may_not_read(self, site, reader):
        site.answers = [answer(403, "no")]
        for tenant, named in ((None, "in tenant admin"), ("team", "in tenant team"), ("*", "in all tenants")):
            with pytest.raises(Unknown, match=f"ops may not read cloud {named}: no"):
                reader.read("cloud", tenant=tenant)

    def test_where_he_may_read_instead(self, site, reader):
        """Who has a role in other tenants alone is told which to declare, and not which permission it takes."""
        site.answers = [answer(403, "no")]
        reader.connect()
        reader.tenants = tuple({"name": name} for name in ("green", "blue"))
        with pytest.raises(Unknown) as caught:
            reader.read("cloud")
        assert str(caught.value).endswith(
            "ops may not read cloud in tenant admin: no; the user has a role in tenants blue and green: declare "
            "`tenant: blue` under `controller`"
        )
        with pytest.raises(
            Unknown,
            match=r"in tenant blue: no \(it takes PERMISSION_CLOUD; see too whether tenant blue is still called so\)",
        ):
            reader.read("cloud", tenant="blue")

    @pytest.mark.parametrize(
        ("path", "permission"),
        [
            ("networkservice?page_size=200", " (it takes PERMISSION_NETWORKSERVICE)"),
            ("virtualservice/virtualservice-1/runtime", " (it takes PERMISSION_VIRTUALSERVICE)"),
            ("vsvip-inventory", " (it takes PERMISSION_VIRTUALSERVICE)"),
            ("gslbservice", " (it takes PERMISSION_GSLBSERVICE)"),
            ("initial-data", ""),
        ],
    )
    def test_the_permission_that_a_refused_question_takes(self, site, reader, path, permission):
        site.answers = [answer(403, "no")]
        with pytest.raises(Unknown) as caught:
            reader.read(path)
        assert str(caught.value).endswith(f": no{permission}")

    def test_half_an_answer_is_asked_for_again(self, site, reader):
        site.answers = [ok('{"a":'), ok("[]"), ok('{"a": 1}')]
        assert reader.read("cloud") == {"a": 1}
        site.answers = [ok("[]")]
        with pytest.raises(
            Unknown, match=r"cloud did not answer with a JSON object but with: \[\]; try again$"
        ):
            reader.read("cloud")


BLUE = "declare `tenant: blue` under `controller`"
BOTH = "the user has a role in tenants blue and green"


@pytest.mark.parametrize(
    ("seen", "asked", "advice"),
    [
        (["blue"], "admin", f"the user has a role in tenant blue: {BLUE}"),
        (["blue"], "*", "it takes PERMISSION_CLOUD"),
        (["blue"], "blue", "it takes PERMISSION_CLOUD"),
        (["blue"], "Blue", f"the user has a role in tenant blue: {BLUE}"),
        (["green", "blue"], "admin", f"{BOTH}: {BLUE}"),
        (["green", "blue"], "green", "it takes PERMISSION_CLOUD"),
        (["admin", "blue"], "admin", "it takes PERMISSION_CLOUD"),
        (
            ["admin"],
            "blue",
            "the user has a role in tenant admin: declare `tenant: admin` under `controller`",
        ),
        ([], "admin", "it takes PERMISSION_CLOUD"),
        ([], "blue", "it takes PERMISSION_CLOUD"),
    ],
)
def test_a_user_of_other_tenants_is_told_which_one_to_declare(site, reader, seen, asked, advice):
    """And never that he lacks a permission, where it is the tenant that is another."""
    reader.connect()
    reader.tenants = tuple({"name": name, "uuid": f"tenant-{name}", "url": "/"} for name in seen)
    site.answers = [answer(403, "no")]
    with pytest.raises(ReadDenied) as caught:
        reader.read("cloud", tenant=asked)
    assert advice in str(caught.value)
    assert ("declare" in str(caught.value)) == ("declare" in advice)


class TestWrites:
    def test_what_is_sent(self, site, tmp_path):
        writer = alone(tmp_path, writable=True, timeout=8.0)
        writer.connect()
        writer.tenants = ({"name": "team", "uuid": "tenant-1", "url": "/api/tenant/tenant-1"},)
        team = '{"name": "team", "uuid": "tenant-1", "url": "https://avi.example/api/tenant/tenant-1"}'
        site.answers = [ok(team), ok()]
        assert writer.write("PATCH", "cloud/c1", {"a": 1}, tenant="team") == {}
        limit = {"limit": HERE + 80.0, "model": None}
        assert site.asked == [
            ("GET", "tenant/tenant-1", limit | {"params": {}, "tenant": "admin"}, 1),
            ("PATCH", "cloud/c1", limit | {"body": {"a": 1}, "tenant": "", "tenant_uuid": "tenant-1"}, 1),
        ]
        assert (writer.requests, writer.writes) == (2, 1)
        writer.read("cloud")
        writer.write("PUT", "cloud/c1", {})
        assert (writer.requests, writer.writes) == (4, 2)

    @pytest.mark.parametrize("status", [200, 201, 204, 299])
    def test_accepted(self, site, writer, status):
        site.answers = [answer(status, '{"uuid": "c1"}')]
        assert writer.write("POST", "cloud", {}) == {"uuid": "c1"}
        site.answers = [answer(status, " \n")]
        assert writer.write("DELETE", "cloud/c1") == {}

    @pytest.mark.parametrize(
        ("found", "kind", "said"),
        [
            (answer(412, "stale"), Conflict, "stale"),
            (answer(400, "bad"), Refused, "bad (HTTP 400)"),
            (answer(199, "odd"), Refused, "odd (HTTP 199)"),
            (answer(409, "twice"), Refused, "twice (HTTP 409)"),
            (answer(499, "odd"), Refused, "odd (HTTP 499)"),
            (answer(300, "{}"), Refused,
             "redirects to nowhere; give the address it leads to as controller.address (HTTP 300)"),
            (answer(307, Location="https://x/"), Refused,
             "redirects to https://x/; give the address it leads to as controller.address (HTTP 307)"),
            (answer(408, "slow"), FateUnknown, "PUT cloud/c1 was answered with HTTP 408: slow"),
            (answer(500, "oops"), FateUnknown, "PUT cloud/c1 was answered with HTTP 500: oops"),
            (answer(201, "half"), FateUnknown,
             "PUT cloud/c1 was answered with HTTP 201, but cloud/c1 did not answer with whole JSON but with: half"),
            (http.ConnectionError("Connection reset by peer"), FateUnknown,
             ("PUT cloud/c1 was sent to avi.example:443 and its answer lost: the connection was reset; "
             "try again, and look at what stands between")),
            (http.ConnectTimeout("x"), Unreachable,
             ("the Controller at avi.example:443: no answer to the connection; check controller.address and the "
             "firewalls between")),
        ],
    )  # fmt: skip
    def test_what_became_of_it(self, site, writer, found, kind, said):
        site.answers = [found]
        with pytest.raises(kind) as caught:
            writer.write("PUT", "cloud/c1", {})
        assert type(caught.value) is kind
        assert str(caught.value) == said
        again = [0.25, 0.5, 1.0] if kind is Unreachable else []
        assert (len(site.asked), site.naps) == (1 + len(again), again), (
            "sent again only where it surely was not sent"
        )

    def test_read_only(self, site, reader):
        with pytest.raises(ReadOnly, match="^PUT cloud/c1: this run may only read$"):
            reader.write("PUT", "cloud/c1", {})
        assert site.sessions == site.logins == []
