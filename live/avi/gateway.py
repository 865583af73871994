"""The gateway to a Controller: reads that are retried, writes that are sent once, one login for all threads.

Whatever goes wrong is raised as one of `live.errors`, with a sentence that names the Controller and what to do.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from avi.sdk.avi_api import APIError
from requests import exceptions as http

import avi_schema
from intent import Controller, Unknown
from intent.retry import attempts, jittered
from intent.scrubber import keep_secret
from live.avi.each_tenant import uuid_of_tenant
from live.avi.http_answers import HttpAnswer, failure, is_tls, never_sent, why_unread
from live.avi.identity import ADMIN, Json
from live.avi.session import EVERY, Credentials, Denied, EveryTenant, Login, Session, fits_header, trust
from live.avi.shapes import NotUnderstood, admitted, written
from live.avi.versions import Unsupported, negotiate, parse
from live.deadlines import USUAL, Timeouts, rest
from live.errors import Conflict, FateUnknown, LoginRefused, ReadOnly, Refused, Unreachable

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which a read or a login is tried again."""
PAUSES = (0.25, 0.5, 1.0)
"""Seconds between the attempts at a read or a login; a Controller's own Retry-After may make them longer."""


class Gateway:
    """A Controller, spoken to as one user. Threads may share it.

    `base` is the folder of the environment file, against which `ca_file` is resolved. `newest_model`: whatever is
    pinned, the newest known model is spoken. `name` is address and port; `requests` and `writes` count what was sent.
    After `connect`: `version` (the Controller's), `own_version` (as a model, maybe newer than any known one),
    `api_version` (the model spoken), `session_info` (a line for reports), `tenants` (those in which the user has a
    role; none where the login does not say). `user`: who that is; `client`: what this gateway alone is called in the
    Controller's log.
    """

    def __init__(  # noqa: PLR0913 -- what a session is made of
        self,
        controller: Controller,
        credentials: Credentials,
        *,
        base: Path,
        writable: bool = False,
        timeouts: Timeouts = USUAL,
        newest_model: bool = False,
    ) -> None:
        self.controller = controller
        self._pinned = None if newest_model else controller.api_version
        self.name = controller.at
        self.version = self.own_version = self.api_version = self.session_info = ""
        self.requests = self.writes = 0
        self.tenants: tuple[Json, ...] = ()
        self._credentials, self.user = credentials, credentials.username
        self.client = f"avi-compliance/{secrets.token_hex(8)}"
        self._base = base
        self.writable = writable
        self._timeouts = timeouts
        self._lock = threading.RLock()
        self._counting = threading.Lock()
        self._login: Login | None = None
        self._locked_out, self._upgraded, self._useless = "", "", 0
        self._verify: str | bool = True
        self._idle: list[Session] = []
        self._all: list[Session] = []
        self._ahead: float | None = None
        self._every_tenant = EveryTenant()
        for secret in (credentials.password, credentials.token):
            keep_secret(secret.get_secret_value() if secret else None)

    def __repr__(self) -> str:
        return f"Gateway({self.name}, {self._credentials.username}, {'writable' if self.writable else 'read-only'})"

    def connect(self) -> None:
        """Log in and agree on a version, once. Raises Unreachable."""
        with self._lock:
            if self._login is not None:
                return
            self._verify = trust(self.controller, self._credentials, self._base)
            login = self._log_in(1)
            version = login.version or self._version_without_login()
            try:
                self.api_version = avi_schema.dotted(negotiate(version, self._pinned))
            except Unsupported as why:
                raise Unreachable(self._sentence(str(why))) from None
            self.own_version = avi_schema.dotted(parse(version) or ())
            self.version, self.tenants, self._login = version, login.tenants, login
            for session in self._all:
                session.api_version = self.api_version
        tls = "TLS not verified" if self._verify is False else "TLS verified"
        self.session_info = (
            f"Controller {self.version} at {self.name} as {self._credentials.username}, tenant "
            f"{self.controller.tenant}, API version {self.api_version}, {tls}"
        )

    @property
    def clock(self) -> float | None:
        """The Controller's time now, in seconds since the epoch, to a second; None before its first answer."""
        return None if self._ahead is None else self._ahead + time.monotonic()

    def read(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        tenant: str | None = None,
        model: str | None = None,
        seconds: float = math.inf,
    ) -> Json:
        """One GET, such as `virtualservice-inventory` or `network/<uuid>`, tried again while that can help.

        `tenant`: another than the declared one; `*` is every tenant that the user may see, also where the Controller
        refuses him `*`. `model`: of another version than agreed on. `seconds`: less for all of it than usual. Raises
        Unreachable, NotFound or Unknown.
        """
        self.connect()
        ask = partial(self._read, path, model=model, seconds=seconds)
        if tenant != EVERY:
            return ask(params, tenant)
        tenants = sorted(str(row["name"]) for row in self.tenants)
        return self._every_tenant.read(path, params or {}, tenants, ask)

    def _read(
        self,
        path: str,
        params: Mapping[str, str] | None,
        tenant: str | None,
        model: str | None,
        seconds: float,
    ) -> Json:
        limit, last = self._timeouts.limits(time.monotonic(), seconds)
        trouble: Unknown = Unreachable(self._sentence(failure(http.Timeout())))
        for attempt in attempts(jittered(PAUSES), deadline=last, sleep=rest):
            try:
                answer = self._exchange("GET", path, limit=limit, params=params, tenant=tenant, model=model)
            except http.RequestException as error:
                trouble = Unreachable(self._sentence(failure(error)))
                if is_tls(error):
                    raise trouble from None
            else:
                if answer.status == 200:
                    try:
                        body, flawed = answer.object()
                    except ValueError as error:
                        trouble = Unknown(self._sentence(f"{path} {error}; try again"))
                    else:
                        return self._admitted(path, body, partial="fields" in (params or {}), flawed=flawed)
                elif answer.status in TRANSIENT:
                    why = f"{path} answered HTTP {answer.status}: {answer.sentence}"
                    trouble = Unknown(self._sentence(why))
                    attempt.wait_at_least(answer.retry_after or 0.0)
                else:
                    raise self._not_read(path, answer, tenant or self.controller.tenant)
        raise trouble

    def write(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        tenant: str | None = None,
        model: str | None = None,
    ) -> Json:
        """One POST, PUT, PATCH or DELETE, sent once; gives the object as the Controller answered it, or {}.

        A tenant other than admin is named by the uuid that was read: another one may have got its name since. Where it
        is answered as if there were no session (401, 419), one is made, and whether it was applied all the same, as
        where a proxy answers so, is for a read to tell. Raises ReadOnly, Conflict, Refused, FateUnknown, and Unknown
        when it surely was not sent.
        """
        if not self.writable:
            raise ReadOnly(f"{method} {path}: this run may only read")
        self.connect()
        what, (limit, last) = f"{method} {path}", self._timeouts.limits(time.monotonic())
        answer, login = self._sent(method, path, last, limit=limit, body=body, tenant=tenant, model=model)
        if answer.status in (401, 419) and self._useless < 2 and self._renewed(login, answer.status, limit):
            self._useless += 1
            why = f"{what} was answered with HTTP {answer.status}: {answer.sentence}"
            raise FateUnknown(why, denied=True)
        self._useless = 0
        if 200 <= answer.status < 300:
            try:
                body, flawed = answer.object() if answer.text.strip() else ({}, False)
                return written(body, flawed=flawed)
            except ValueError as error:
                why = f"{what} was answered with HTTP {answer.status}, but {path} {error}"
                raise FateUnknown(why) from None
        if answer.status == 412:
            raise Conflict(answer.sentence)
        if answer.status >= 500 or answer.status == 408:
            raise FateUnknown(f"{what} was answered with HTTP {answer.status}: {answer.sentence}")
        raise Refused(answer.status, answer.redirect or answer.sentence)

    def close(self) -> None:
        """Log out, so that no session is left on the Controller, and close every connection. Never raises."""
        with self._lock:
            login, self._login, self._upgraded = self._login, None, ""
            sessions, self._idle, self._all = self._all, [], []
            if login is not None and sessions and not self._locked_out:
                with suppress(http.RequestException, APIError, Denied, OSError):
                    sessions[0].adopt(login)
                    sessions[0].exchange(
                        "POST", "logout", limit=time.monotonic() + min(5.0, self._timeouts.silence)
                    )
            for session in sessions:
                session.forget()

    def _exchange(self, method: str, path: str, **options: Any) -> HttpAnswer:
        """One request; where it was answered with 401 or 419, sent once more under a new login."""
        answer, login = self._under_login(method, path, **options)
        if answer.status not in (401, 419) or not self._renewed(login, answer.status, options["limit"]):
            return answer
        answer, _ = self._under_login(method, path, **options)
        with self._lock:
            self._useless = self._useless + 1 if answer.status in (401, 419) else 0
        return answer

    def _under_login(
        self, method: str, path: str, *, limit: float, tenant: str | None = None, **more: Any
    ) -> tuple[HttpAnswer, Login]:
        if (login := self._login) is None:
            raise Unreachable(self._sentence("the session was closed"))
        if self._upgraded:
            raise Unreachable(self._upgraded)
        name, writes = tenant or self.controller.tenant, method != "GET"
        if not fits_header(name) or (writes and name not in (ADMIN, EVERY)):
            ask = partial(self._read, model=None, seconds=limit - time.monotonic())
            uuid = uuid_of_tenant(name, self.tenants, ask, written=more if writes else None)
            tenant = "" if uuid else name
            more = {**more, "tenant_uuid": uuid}
        with self._session() as session:
            session.adopt(login)
            if writes:
                session.close()  # an idle connection may be dead, and then nobody knows whether the write arrived
            try:
                answer = session.exchange(method, path, limit=limit, tenant=tenant, **more)
            except Denied as denied:
                answer = denied.answer
        return answer, login

    def _sent(self, method: str, path: str, last: float, **options: Any) -> tuple[HttpAnswer, Login]:
        """One request, tried again only where no connection was made. Raises FateUnknown; Unreachable: not sent."""
        trouble = Unreachable(self._sentence(failure(http.Timeout())))
        for _ in attempts(jittered(PAUSES), deadline=last, sleep=rest):
            try:
                return self._under_login(method, path, **options)
            except http.RequestException as error:
                if not never_sent(error):
                    lost = f"{method} {path} was sent to {self.name} and its answer lost: {failure(error)}"
                    raise FateUnknown(lost) from None
                trouble = Unreachable(self._sentence(failure(error)))
                if is_tls(error):
                    raise trouble from None
        raise trouble

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A session for the use of one thread."""
        with self._lock:
            session = self._idle.pop() if self._idle else self._new_session()
        try:
            yield session
        finally:
            with self._lock:
                self._ahead = session.ahead or self._ahead
                if session in self._all:
                    self._idle.append(session)
                else:
                    session.forget()  # closed meanwhile

    def _new_session(self) -> Session:
        host = self.controller.address
        session = Session(
            f"https://{f'[{host}]' if ':' in host else host}:{self.controller.port}".removesuffix(":443"),
            self._credentials.username,
            self.controller.tenant,
            verify=self._verify,
            timeout=self._timeouts.silence,
            meter=self._count,
        )
        session.headers["User-Agent"] = self.client
        session.api_version = self.api_version or None
        self._all.append(session)
        return session

    def _count(self, method: str, path: str) -> None:
        """Count a request before it is sent. Raises ReadOnly: a second lock behind that of `write`."""
        writes = method not in ("GET", "HEAD") and path not in ("/login", "/logout")
        if writes and not self.writable:
            raise ReadOnly(f"{method} {path}: this run may only read")
        with self._counting:
            self.requests += 1
            self.writes += writes

    def _log_in(self, number: int, limit: float = math.inf) -> Login:
        """Log in, before `limit`; try again only while the password was not refused. Raises Unreachable."""
        if self._locked_out:
            raise Unreachable(self._locked_out)
        user, (longest, last) = self._credentials.username, self._timeouts.limits(time.monotonic())
        limit = min(limit, longest)
        trouble = Unreachable(self._sentence(failure(http.Timeout())))
        for attempt in attempts(PAUSES, deadline=min(limit, last), sleep=rest):
            try:
                with self._session() as session:
                    return session.log_in(number, self._credentials.password, self._credentials.token, limit)
            except LookupError:
                raise Unreachable(self._sentence("what answers there is not an Avi Controller")) from None
            except APIError as refused:
                answer = HttpAnswer(refused.rsp.status_code, refused.rsp.text, refused.rsp.headers)
                trouble = self._login_refused(user, answer)
                if answer.status not in TRANSIENT:
                    raise trouble from None
                attempt.wait_at_least(answer.retry_after or 0.0)
            except http.RequestException as error:
                trouble = Unreachable(self._sentence(failure(error)))
                if is_tls(error) or isinstance(error, http.ConnectTimeout):
                    raise trouble from None
        raise trouble

    def _login_refused(self, user: str, answer: HttpAnswer) -> Unreachable:
        if answer.status in (401, 403):
            self._locked_out = self._sentence(
                f"it refused the login of {user} ({answer.sentence}); check AVI_USERNAME and AVI_PASSWORD "
                "(or AVI_TOKEN). It was tried once only, so that the account is not locked"
            )
            return LoginRefused(self._locked_out)
        if redirect := answer.redirect:
            return Unreachable(self._sentence(f"the login {redirect}"))
        if answer.status in (404, 405):
            return Unreachable(self._sentence("what answers there is not an Avi Controller"))
        return Unreachable(
            self._sentence(f"the login was answered with HTTP {answer.status}: {answer.sentence}; try later")
        )

    def _renewed(self, old: Login, status: int, limit: float) -> bool:
        """Whether there is a newer login than this: another thread's, or one made before `limit`. Raises Unreachable.

        Where two logins in a row did not help against 401, the 401 means a lacking permission, and nobody logs in
        again for it.
        """
        with self._lock:
            if self._login is not None and self._login.number != old.number:
                return True
            if status == 401 and self._useless >= 2:
                return False
            self._login = self._log_in(old.number + 1, limit)
            if (version := self._login.version) and self.version not in ("", version):
                self._upgraded = self._sentence(
                    f"its version is {version} by now, and was {self.version} when this run began; run again"
                )
            return True

    def _version_without_login(self) -> str:
        """The version of a Controller whose login does not tell it; asked where no session is needed."""
        with (
            suppress(http.RequestException, Denied, ValueError, KeyError, TypeError),
            self._session() as session,
        ):
            session.adopt(Login(0, "", ""))
            answer = session.exchange("GET", "initial-data", limit=time.monotonic() + self._timeouts.silence)
            return str(answer.object()[0]["version"]["Version"])
        return ""

    def _admitted(self, path: str, body: Json, *, partial: bool, flawed: bool) -> Json:
        """What was read, held against the schema. Raises Unknown."""
        try:
            return admitted(path, body, partial=partial, flawed=flawed)
        except (NotUnderstood, Unknown) as why:
            raise Unknown(self._sentence(str(why))) from None

    def _sentence(self, text: str) -> str:
        return f"the Controller at {self.name}: {text}"

    def _not_read(self, path: str, answer: HttpAnswer, tenant: str) -> Unknown:
        kind, why = why_unread(path, answer, self._credentials.username, tenant, self.tenants)
        return kind(self._sentence(why))
