"""Who is let in, how often it is tried, and whom the gateway trusts; without a wire."""
# ruff: noqa: PLR0917 -- a fixture may be wanted for what it does; sentences are matched as they stand

from __future__ import annotations

import pytest
from requests import exceptions as http

from intent import Controller, Unknown
from live.avi.gateway import Gateway
from live.avi.session import Credentials, Denied, Login
from live.errors import FateUnknown, Unreachable
from tests.live.pretended import HERE, Pretended, alone, answer, ok, refused


class TestLogin:
    @pytest.mark.parametrize("status", [401, 419])
    def test_a_session_that_has_lapsed_is_renewed_and_asked_again(self, site, writer, status):
        writer.connect()
        writer.tenants = ({"name": "team", "uuid": "tenant-1", "url": "/api/tenant/tenant-1"},)
        team = ok('{"name": "team", "uuid": "tenant-1", "url": "https://avi.example/api/tenant/tenant-1"}')
        site.answers = [team, answer(status, "who?"), team, ok('{"a": 1}')]
        with pytest.raises(FateUnknown, match=f"PUT cloud/c1 was answered with HTTP {status}: who"):
            writer.write(
                "PUT", "cloud/c1", {"a": 1}, tenant="team"
            )  # it is not sent anew before it was looked for
        assert writer.write("PUT", "cloud/c1", {"a": 1}, tenant="team") == {"a": 1}
        assert [number for number, *_ in site.logins] == [1, 2]
        put = {
            "limit": HERE + 300.0,
            "body": {"a": 1},
            "tenant": "",
            "tenant_uuid": "tenant-1",
            "model": None,
        }
        puts = [each for each in site.asked if each[0] == "PUT"]
        assert puts == [("PUT", "cloud/c1", put, number) for number in (1, 2)]
        site.answers = [Denied(answer(status)), ok()]
        writer.read("cloud")
        assert [number for number, *_ in site.logins] == [1, 2, 3]

    def test_another_thread_s_login_is_as_good(self, site, reader):
        reader.connect()
        old = reader._login
        reader._login = Login(7, "csrf", "cookie", "30.2.1")
        assert reader._renewed(old, 401, HERE + 9) is True
        assert len(site.logins) == 1
        assert reader._renewed(reader._login, 419, HERE + 9) is True
        assert site.logins[-1][0] == reader._login.number == 8

    def test_logins_that_do_not_help_are_not_spent(self, site, reader):
        site.answers = [answer(401, "no")]
        for logins in (2, 3, 3, 3):
            with pytest.raises(Unknown, match="cloud is denied to ops even after a new login: no"):
                reader.read("cloud")
            assert len(site.logins) == logins
        assert len(site.asked) == 2 + 2 + 1 + 1, "without a login that helped nothing is asked again"
        site.answers = [answer(419)]
        with pytest.raises(Unknown, match="denied"):
            reader.read("cloud")
        assert len(site.logins) == 4, "419 says that the session has lapsed, whatever came of the last two"
        site.answers = [answer(419), ok()]
        reader.read("cloud")
        site.answers = [answer(401)]
        for logins in (6, 7, 7):
            with pytest.raises(Unknown, match="denied"):
                reader.read("cloud")
            assert len(site.logins) == logins, "one that helped makes good those that did not"

    def test_a_session_that_will_not_last_is_no_permission(self, site, reader):
        """Two logins in a row that did not help, whatever was said: from then on 401 costs none."""
        site.answers = [answer(419)]
        for logins in (2, 3):
            with pytest.raises(Unknown, match="denied"):
                reader.read("cloud")
            assert len(site.logins) == logins
        site.answers = [answer(401)]
        with pytest.raises(Unknown, match="denied"):
            reader.read("cloud")
        assert len(site.logins) == 3

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_refused_password_is_tried_once(self, site, reader, status):
        site.entrances = [refused(status, '{"error": "Invalid"}')]
        for _ in range(2):
            with pytest.raises(Unreachable) as caught:
                reader.read("cloud")
            assert str(caught.value) == (
                "the Controller at avi.example:443: it refused the login of ops (Invalid); check AVI_USERNAME and "
                "AVI_PASSWORD (or AVI_TOKEN). It was tried once only, so that the account is not locked"
            )
        assert len(site.logins) == 1
        reader.close()
        assert site.asked == [], "nobody who is not in logs out"

    def test_locked_out_in_mid_run(self, site, reader):
        reader.connect()
        site.answers, site.entrances = [answer(401)], [refused(403)]
        with pytest.raises(Unreachable, match="it refused the login of ops"):
            reader.read("cloud")
        asked = len(site.asked)
        reader.close()
        assert len(site.asked) == asked
        assert site.sessions[0].done[-1] == "forget"

    @pytest.mark.parametrize(
        ("trouble", "said"),
        [
            (LookupError("KeyError"), "what answers there is not an Avi Controller"),
            (refused(404), "what answers there is not an Avi Controller"),
            (refused(405), "what answers there is not an Avi Controller"),
            (
                refused(302, Location="https://x/"),
                "the login redirects to https://x/; give the address it leads to",
            ),
            (refused(400, "bad"), "the login was answered with HTTP 400: bad; try later"),
            (http.SSLError("certificate has expired"), "its TLS certificate has expired"),
            (http.ConnectTimeout("x"), "no answer to the connection"),
        ],
    )
    def test_what_will_not_pass(self, site, reader, trouble, said):
        site.entrances = [trouble]
        with pytest.raises(Unreachable) as caught:
            reader.connect()
        assert str(caught.value).startswith(f"the Controller at avi.example:443: {said}")
        assert (len(site.logins), site.naps) == (1, [])
        site.entrances = [None]
        reader.connect()
        assert reader.version == "30.2.1", "it may be asked again"

    @pytest.mark.parametrize("trouble", [refused(503), http.ConnectionError("Connection refused")])
    def test_what_may_pass(self, site, reader, trouble):
        site.entrances = [trouble, None]
        reader.connect()
        assert (len(site.logins), site.naps) == (2, [0.25])
        assert {limit for *_, limit in site.logins} == {HERE + 300.0}
        assert [number for number, *_ in site.logins] == [1, 1]

    def test_how_long_it_waits(self, site, reader):
        site.entrances = [refused(503, "starting", Retry_After="0.4")]
        with pytest.raises(Unreachable, match="the login was answered with HTTP 503: starting; try later"):
            reader.connect()
        assert site.naps == [0.25, 0.5, 1.0]
        site.naps.clear()
        site.entrances = [refused(429, Retry_After="9"), http.ConnectionError("x"), None]
        reader.connect()
        assert site.naps == [9.0, 0.5]

    @pytest.mark.parametrize(("timeout", "tries"), [(0.125, 1), (0.13, 2), (0.375, 2), (0.38, 3), (0.9, 4)])
    def test_no_try_that_would_come_too_late(self, site, tmp_path, timeout, tries):
        site.entrances = [refused(503)]
        with pytest.raises(Unreachable):
            alone(tmp_path, timeout=timeout).connect()
        assert len(site.logins) == tries

    def test_a_login_that_tells_no_version(self, site, tmp_path, monkeypatch):
        monkeypatch.setattr(
            Pretended, "log_in", lambda _self, number, *_: Login(number, "csrf", "cookie", "")
        )
        site.answers = [ok('{"version": {"Version": "22.1.3"}}')]
        made = alone(tmp_path, timeout=4.0)
        made.connect()
        assert (made.version, made.api_version) == ("22.1.3", "22.1.3")
        assert site.asked == [("GET", "initial-data", {"limit": HERE + 4.0}, 0)]
        assert len(site.sessions) == 1
        assert site.sessions[0].api_version == "22.1.3"

    @pytest.mark.parametrize(
        "told",
        [ok("{}"), ok('{"version": null}'), ok("no JSON"), Denied(answer(401)), http.ConnectionError("x")],
    )
    def test_a_version_that_nobody_tells(self, site, tmp_path, monkeypatch, told):
        monkeypatch.setattr(
            Pretended, "log_in", lambda _self, number, *_: Login(number, "csrf", "cookie", "")
        )
        site.answers = [told]
        with pytest.raises(Unreachable, match=r"it does not say its version"):
            alone(tmp_path).connect()

    def test_a_pinned_version(self, site, tmp_path):
        made = alone(tmp_path, api_version="22.1.3")
        made.connect()
        assert (made.version, made.api_version) == ("30.2.1", "22.1.3")
        assert site.sessions[0].api_version == "22.1.3"


class TestTrust:
    @pytest.mark.parametrize("address", ["https://avi.example", "avi.example/api"])
    def test_an_address_is_no_url(self, site, tmp_path, address):
        made = alone(tmp_path)
        made.controller = made.controller.model_copy(update={"address": address})  # which no file can say
        with pytest.raises(Unreachable) as caught:
            made.connect()
        assert str(caught.value) == (
            f"controller.address is a host name or an IP address alone, not {address}"
        )
        assert site.sessions == []

    def test_a_file_that_is_no_ca(self, site, tmp_path):
        path = tmp_path / "ca.pem"
        do = "put the CA that signed the Controller's certificate there, as PEM"
        with pytest.raises(Unreachable) as caught:
            alone(tmp_path, ca_file="ca.pem").connect()
        assert (
            str(caught.value) == f"controller.ca_file {path} cannot be read: No such file or directory; {do}"
        )
        path.write_bytes(b"\xff\xfe nonsense")
        with pytest.raises(Unreachable) as caught:
            alone(tmp_path, ca_file="ca.pem").connect()
        assert str(caught.value) == f"controller.ca_file {path} holds no PEM certificate; {do}"
        assert site.sessions == []

    def test_no_credentials(self, site, tmp_path):
        made = Gateway(Controller(address="avi.example"), Credentials("ops"), base=tmp_path)
        with pytest.raises(
            Unreachable, match=r"there is no password or token; set AVI_PASSWORD or AVI_TOKEN$"
        ):
            made.connect()
        assert site.sessions == []

    @pytest.mark.parametrize(
        ("declared", "environment", "verify", "said"),
        [
            ({}, {}, True, "TLS verified"),
            ({}, {"REQUESTS_CA_BUNDLE": "/r.pem", "CURL_CA_BUNDLE": "/c.pem"}, "/r.pem", "TLS verified"),
            ({}, {"CURL_CA_BUNDLE": "/c.pem"}, "/c.pem", "TLS verified"),
            ({"verify_tls": False}, {"REQUESTS_CA_BUNDLE": "/r.pem"}, False, "TLS not verified"),
            ({"ca_file": "ca.pem"}, {"REQUESTS_CA_BUNDLE": "/r.pem"}, "ca.pem", "TLS verified"),
        ],
    )
    def test_what_certificates_are_verified_against(
        self, site, tmp_path, monkeypatch, declared, environment, verify, said
    ):
        (tmp_path / "ca.pem").write_text("L\u00e4mp\n-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        made = alone(tmp_path, **declared)
        made.connect()
        expected = str(tmp_path / verify) if verify == "ca.pem" else verify
        assert site.sessions[0].terms["verify"] == expected
        assert made.session_info == (
            f"Controller 30.2.1 at avi.example:443 as ops, tenant admin, API version 30.2.1, {said}"
        )
