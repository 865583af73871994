"""What a gateway meets in tests that have neither wire nor clock: answers and logins in the order in which they are told."""

from __future__ import annotations

import requests
from avi.sdk.avi_api import APIError
from pydantic import SecretStr

from intent import Controller
from live.avi.gateway import Gateway
from live.avi.http_answers import HttpAnswer
from live.avi.session import Credentials, Login
from live.deadlines import Timeouts

HERE = 1000.0


def ok(text="{}"):
    return HttpAnswer(200, text)


def answer(status, text="", **headers):
    return HttpAnswer(status, text, {name.replace("_", "-"): value for name, value in headers.items()})


def refused(status, text="", **headers):
    """How avisdk says that a login was refused."""
    response = requests.Response()
    response.status_code, response._content = status, text.encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return APIError("no", response)


class Site:
    """Clock, naps, sessions, and what each request and login in turn comes to; the last one again and again."""

    def __init__(self):
        self.now, self.factor = HERE, 1.0
        self.naps, self.spread, self.sessions, self.asked, self.logins = [], [], [], [], []
        self.answers, self.entrances, self.version = [ok()], [None], "30.2.1"

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.now += seconds

    def uniform(self, low, high):
        self.spread.append((low, high))
        return self.factor

    def session(self, *given, **terms):
        made = Pretended(self, given, terms)
        self.sessions.append(made)
        return made


def following(these):
    found = these.pop(0) if len(these) > 1 else these[0]
    if isinstance(found, Exception):
        raise found
    return found


class Pretended:
    """In the place of a session."""

    def __init__(self, site, given, terms):
        self.headers = {}
        self.site, self.given, self.terms = site, given, terms
        self.api_version = self.ahead = self.login = None
        self.done = []

    def adopt(self, login):
        self.login = login

    def close(self):
        self.done.append("close")

    def forget(self):
        self.done.append("forget")

    def exchange(self, method, path, **options):
        self.terms["meter"](method, "/logout" if path == "logout" else f"/api/{path}")
        self.done.append(method)
        self.site.asked.append((method, path, options, self.login.number))
        return following(self.site.answers)

    def log_in(self, number, *terms):
        self.site.logins.append((number, *terms))
        following(self.site.entrances)
        return Login(number, "csrf", "cookie", self.site.version)


def alone(tmp_path, *, timeout=30.0, writable=False, token=None, **declared):
    credentials = Credentials("ops", SecretStr("pl4nted-pass"), SecretStr(token) if token else None)
    return Gateway(
        Controller(**{"address": "avi.example", **declared}), credentials,
        base=tmp_path, writable=writable, timeouts=Timeouts(timeout),
    )  # fmt: skip
