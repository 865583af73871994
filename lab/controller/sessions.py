"""Sessions of callers: cookies, CSRF, basic authentication, tokens, and expiry on the site's clock."""

from __future__ import annotations

import binascii
import secrets
import uuid
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

import orjson

from lab.controller.messages import SAFE, Answered, Request, Response
from lab.controller.passwords import limits
from lab.objects import Json, Object, Refused
from lab.site import Site

CSRF_AGE = 31_449_600
SESSION_AGE = 86_400
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
BARE_419 = (17, 2, 6)
"""Before it the body of a 419 is a bare word [REC 17.2.5]."""


@dataclass(slots=True)
class Session:
    """One login: its key is the cookie's value, `made` and `used` are times of the site."""

    key: str
    csrf: str
    user: str
    made: float
    used: float


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: the user object, the session it came by (None for basic authentication)."""

    user: Object
    session: Session | None

    @property
    def superuser(self) -> bool:
        """Whether nothing is forbidden to this user."""
        return bool(self.user.body.get("is_superuser"))


class Sessions:
    """All logins and tokens of the Controller."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.live: dict[str, Session] = {}
        self.tokens: dict[str, Json] = {}
        self.failures: dict[str, tuple[int, float]] = {}

    def login(self, username: str, password: str, token: str) -> tuple[Object, Session] | None:
        """Open a session, or None when the user, password and token do not agree (or the account is locked).

        Raises Refused (401) when the user's account profile allows no further session [DOC; INF status and words].
        """
        user = self._user(username)
        if user is None or self._locked(user) or not self._proved(user, password, token):
            self._failed(username)
            return None
        self.failures.pop(username, None)
        now = self.site.clock.now()
        if self._full(user):
            raise Refused(401, f"User {username} has reached the limit of concurrent sessions")
        session = Session(_word(), _word(), user.uuid, now, now)
        self.live[session.key] = session
        return user, session

    def forget_gone(self) -> None:
        """End the sessions of users that are not there any more: another may get their uuid."""
        users = {user.uuid for user in self.site.store.all("user")}
        self.live = {key: session for key, session in self.live.items() if session.user in users}

    def logout(self, request: Request) -> None:
        """End the session a request came by, if any."""
        for name in ("avi-sessionid", "sessionid"):
            self.live.pop(request.cookies.get(name, ""), None)

    def caller(self, request: Request) -> Caller:
        """Who makes this request.

        Raises Answered: 401 without credentials or with a wrong CSRF token, 419 when the session has to be
        replaced (seen on GET) [REC].
        """
        if request.headers.get("authorization", "").lower().startswith("basic "):
            return self._basic(request)
        cookies = request.cookies
        key = cookies.get("avi-sessionid") or cookies.get("sessionid") or ""
        session = self._alive(key)
        user = self.site.store.get("user", session.user) if session else None
        if session is None or user is None or not user.body.get("is_active", True):
            raise Answered(self._stranger(known=bool(key), safe=request.method in SAFE))
        if request.method not in SAFE:
            self._forgery(request, session)
        self._check_age(user, request)
        session.used = self.site.clock.now()
        return Caller(user, session)

    def cookies(self, session: Session | None, *, first: bool = False) -> list[tuple[str, str]]:
        """Set-Cookie headers of an answer: the session's again every time, csrftoken only at login [REC].

        A call by basic authentication gets `None` as its session [REC].
        """
        if session is None:
            return [self._cookie(name, "None", SESSION_AGE) for name in ("avi-sessionid", "sessionid")]
        csrf = [self._cookie("csrftoken", session.csrf, CSRF_AGE)] if first else []
        return csrf + [
            self._cookie(name, session.key, SESSION_AGE) for name in ("avi-sessionid", "sessionid")
        ]

    def issue(self, user: Object, hours: float) -> Json:
        """A new token of a user, good for so many hours [CLIENT]."""
        until = datetime.fromtimestamp(self.site.clock.now() + hours * 3600, UTC)
        token = {
            "uuid": f"authtoken-{uuid.UUID(int=self.site.random.getrandbits(128), version=4)}",
            "token": secrets.token_hex(20),
            "username": user.body.get("username", user.name),
            "user_uuid": user.uuid,
            "hours": hours,
            "expires_at": until.isoformat(timespec="microseconds"),
        }
        self.tokens[str(token["token"])] = token
        return token

    def valid_tokens(self, username: str) -> list[Json]:
        """The tokens of a user that have not expired."""
        now = self.site.clock.utc().isoformat(timespec="microseconds")
        self.tokens = {key: token for key, token in self.tokens.items() if token["expires_at"] > now}
        return [token for token in self.tokens.values() if token["username"] == username]

    def _user(self, username: str) -> Object | None:
        found = self.site.store.named("user", username)
        return found[0] if found else None

    def _proved(self, user: Object, password: str, token: str) -> bool:
        if not user.body.get("is_active", True):
            return False
        if token:
            return any(each["token"] == token for each in self.valid_tokens(user.name))
        known = str(user.body.get("password", ""))
        return bool(known) and secrets.compare_digest(known.encode(), password.encode())

    def _locked(self, user: Object) -> bool:
        """Lock-out counts only for users whose limits ask for it; the first user's do not [INF]."""
        count, last = self.failures.get(user.name, (0, 0.0))
        own = limits(self.site, user)
        return 0 < own.failures <= count and self.site.clock.now() < last + own.locked

    def _full(self, user: Object) -> bool:
        """Whether a user has as many sessions as the account profile allows; 0 is no limit [SCHEMA]."""
        most = limits(self.site, user).sessions
        mine = [key for key, session in self.live.items() if session.user == user.uuid]
        return 0 < most <= sum(self._alive(key) is not None for key in mine)

    def _check_age(self, user: Object, request: Request) -> None:
        """Refuse (403) a user whose password is too old: only its change is left [DOC; INF]."""
        days = limits(self.site, user).days
        since = self.site.memory.get("passwords_set", {}).get(user.uuid, self.site.clock.now())
        expired = days > 0 and self.site.clock.now() > since + days * 86400
        if expired and request.path.rstrip("/") != "/api/useraccount":
            raise Refused(403, "Credentials have expired, please change the password")

    def _failed(self, username: str) -> None:
        count, last = self.failures.get(username, (0, 0.0))
        user, now = self._user(username), self.site.clock.now()
        window = limits(self.site, user).window if user is not None else 0.0
        self.failures[username] = (1 if window and now > last + window else count + 1, now)

    def _alive(self, key: str) -> Session | None:
        """The session of a cookie unless it has idled away or is older than its absolute age.

        Minutes of idling: controllerproperties.api_idle_timeout; hours of age: portal_configuration's
        api_force_timeout [REC]; their effect on a session is [INF].
        """
        if (session := self.live.get(key)) is None:
            return None
        now = self.site.clock.now()
        idle = int(self.site.singleton("controllerproperties").get("api_idle_timeout", 15)) * 60
        portal = self.site.system.get("portal_configuration", {})
        age = int(portal.get("api_force_timeout", 24)) * 3600
        if (idle and now - session.used > idle) or (age and now - session.made > age):
            del self.live[key]
            return None
        return session

    def _stranger(self, *, known: bool, safe: bool) -> Response:
        fresh = Session(_word(), _word(), "", 0.0, 0.0)
        if known and safe:
            body = b"error" if self.site.version < BARE_419 else b'{"error": "Need to switch session"}'
            return Response(419, body, [("Content-Type", "text/html"), *self.cookies(fresh, first=True)])
        body = b'{"detail": "Authentication credentials were not provided."}'
        return Response(401, body, [("Content-Type", "application/json"), *self.cookies(fresh)])

    def _forgery(self, request: Request, session: Session) -> None:
        text = ""
        if request.headers.get("x-csrftoken", "") != session.csrf:
            text = "CSRF token missing or incorrect."
        elif request.base.startswith("https:"):
            referer = request.headers.get("referer", "")
            if not referer:
                text = "Referer checking failed - no Referer."
            elif _host(referer) != _host(request.base):
                text = "Referer checking failed - the Referer is no trusted origin."
        if text:
            headers = [("Content-Type", "application/json"), *self.cookies(session)]
            raise Answered(Response(401, text.encode(), headers))

    def _basic(self, request: Request) -> Caller:
        portal = self.site.system.get("portal_configuration", {})
        challenge = [("Content-Type", "application/json"), ("WWW-Authenticate", 'Basic realm="api"')]
        if not portal.get("allow_basic_authentication", False):
            body = {"detail": "Authentication credentials were not provided."}
            raise Answered(Response(401, orjson.dumps(body), challenge))
        try:
            pair = b64decode(request.headers["authorization"][6:].strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        username, _, password = pair.partition(":")
        user = self._user(username)
        if user is None or self._locked(user) or not self._proved(user, password, ""):
            self._failed(username)
            raise Answered(Response(401, orjson.dumps({"error": "Invalid credentials"}), challenge))
        self._check_age(user, request)
        return Caller(user, None)

    def _cookie(self, name: str, value: str, age: int) -> tuple[str, str]:
        until = datetime.fromtimestamp(self.site.clock.now() + age, UTC)
        parts = [f"{name}={value}", f"expires={format_datetime(until, usegmt=True)}"]
        if name != "csrftoken":
            parts.append("HttpOnly")
        parts += [f"Max-Age={age}", "Path=/"]
        if self.site.version >= (20, 1, 5):
            parts.append("SameSite=None")
        return "Set-Cookie", "; ".join([*parts, "Secure"])


def _word() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(32))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
