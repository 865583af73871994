"""The HTTP session with a Controller: avisdk's ApiSession, made to send each request once and never log in by itself.

avisdk does the login, the CSRF token, cookies, headers (version and tenant) and paths. Switched off are: its shared
cache of sessions (whose key does not hold the api_version), its retries (it sends a write again whose answer was
lost, and logs in four times on one 401), redirects, and the process environment (which would decide on certificate
verification).

Neither avisdk nor requests bounds an exchange as a whole, so that is done below them: the connections' TLS context is
one whose sockets keep a deadline, see `live.deadlines`.
"""

from __future__ import annotations

import os
import re
import ssl
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from avi.sdk import avi_api
from pydantic import SecretStr
from requests import exceptions as http
from requests.adapters import HTTPAdapter
from urllib3.util import create_urllib3_context

from intent import Controller
from intent.scrubber import keep_secret
from live.avi.each_tenant import Ask, of_each
from live.avi.http_answers import HttpAnswer, Late, WrongName, seconds_of
from live.avi.identity import Json
from live.certificate import is_for_another_name, other_names
from live.deadlines import LARGEST_BODY, Deadline, FinalAnswer, bounded
from live.errors import ReadDenied, Unreachable

CONNECT_SECONDS = 10.0
THE_CA = "put the CA that signed the Controller's certificate there, as PEM"
"""What to do where `ca_file` is of no use."""

Meter = Callable[[str, str], None]
"""Called with (method, path) before every request is sent; may refuse it by raising."""


@dataclass(frozen=True)
class Credentials:
    """Who logs in: a user with a password or a token. Its repr shows neither."""

    username: str
    password: SecretStr | None = None
    token: SecretStr | None = None


@dataclass(frozen=True)
class Login:
    """What a login gave: all sessions of a gateway share it, so that a run logs in once. `number`: 1 for the first.

    `tenants`: those in which the user has a role, each with `name`, `uuid` and `url` [REC]; none where it does not say.
    """

    number: int
    csrf: str = field(repr=False)
    cookie: str = field(repr=False)
    version: str = ""
    tenants: tuple[Json, ...] = ()


class Denied(Exception):
    """401 or 419: the answer to a request that the Controller did not carry out for want of a session."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


class _Connection(urllib3.connection.HTTPSConnection):
    response_class = FinalAnswer


class _Connections(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    """What makes a session's connections: with a TLS context of ours, else as requests would."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)
        manager: Any = self.poolmanager
        manager.pool_classes_by_scheme = {"https": _Connections}


class Session(avi_api.ApiSession):  # type: ignore[misc]  # avisdk has no types
    """An ApiSession that sends each request once, to its own Controller. For one thread at a time.

    `timeout`: seconds that the Controller may be silent; when an exchange must have ended is said with each.
    """

    def __init__(  # noqa: PLR0913 -- the terms of a session
        self, prefix: str, username: str, tenant: str, *, verify: str | bool, timeout: float, meter: Meter
    ) -> None:
        self.deadline = Deadline(timeout)
        self.ahead: float | None = None
        """How far the Controller's clock is ahead of the monotonic clock, in seconds, by its latest answer."""
        super().__init__(
            urlsplit(prefix).hostname,
            username,
            tenant=tenant if fits_header(tenant) else "",
            verify=True,  # avisdk warns at False; the true value is set below
            timeout=timeout,
            retry_conxn_errors=False,
            max_api_retries=0,
            lazy_authentication=True,
        )
        self.prefix = prefix
        self.verify = verify
        self.trust_env = False
        trusted = ssl.CERT_NONE if verify is False else ssl.CERT_REQUIRED
        self.mount("https://", _Adapter(bounded(create_urllib3_context(cert_reqs=trusted), self.deadline)))
        # A key of its own in avisdk's global table, and no cookies but those that it sets from that table.
        self.key = f"{prefix} {uuid.uuid4()}"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._meter = meter
        self._logging_in = False
        self._greeting: requests.Response | None = None

    def adopt(self, login: Login) -> None:
        """Use this login from now on."""
        avi_api.sessionDict[self.key] = {
            "csrftoken": login.csrf,
            "session_id": login.cookie,
            "last_used": datetime.now(UTC).replace(tzinfo=None),
            "api": self,
            "connected": True,
        }

    def forget(self) -> None:
        """Delete this session from avisdk's global table and close its connections; the Controller is not asked."""
        self.delete_session()
        self.close()

    def log_in(self, number: int, password: SecretStr | None, token: SecretStr | None, limit: float) -> Login:
        """Log in, once. `limit` is a time on the monotonic clock.

        Raises avisdk's APIError (with `rsp`) when refused, requests' exceptions when there was no answer,
        LookupError when what answered is no Controller.
        """
        self._logging_in = True
        self.deadline.begin(limit)
        credentials = self.avi_credentials
        try:
            credentials.password = password.get_secret_value() if password else None
            credentials.token = token.get_secret_value() if token and not password else None
            self.delete_session()
            super().authenticate_session()
            entry = avi_api.sessionDict[self.key]
            login = Login(
                number,
                entry["csrftoken"],
                entry["session_id"],
                str(self.remote_api_version.get("Version", "")),
                _tenants(self._greeting),
            )
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            # No JSON, no cookies, other members than a Controller's: something else listens there.
            raise LookupError(type(error).__name__) from None
        finally:
            credentials.password = credentials.token = None
            self._logging_in, self._greeting = False, None
        keep_secret(login.csrf, login.cookie)
        return login

    def authenticate_session(self) -> None:
        """Refuse: only the gateway logs in, since a login too many can lock the account."""
        raise RuntimeError("a session of the gateway does not log in by itself")

    def exchange(  # noqa: PLR0913 -- the parts of a request
        self,
        method: str,
        path: str,
        *,
        limit: float,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        tenant: str | None = None,
        tenant_uuid: str = "",
        model: str | None = None,
    ) -> HttpAnswer:
        """One request and its answer. `limit` is a time on the monotonic clock, `model` another version than usual.

        `tenant_uuid`: in place of a tenant's name. Raises Denied (401, 419), requests' exceptions, what `meter` raises,
        which is called before each, and Unreachable where the tenant's name cannot be sent.
        """
        _named_in_header(self.prefix, tenant or "")
        self.deadline.begin(limit)
        call = getattr(self, method.lower())
        return _answer(
            call(
                path,
                params=dict(params or {}),
                tenant=tenant or "",
                tenant_uuid=tenant_uuid,
                data=body,
                api_version=model,
            )
        )

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """What every call of avisdk ends in: the one place that puts something on the wire."""
        self._meter(method.upper(), urlsplit(url).path)
        left = self.deadline.end - time.monotonic()
        if left <= 0:
            raise Late("no time left")
        options |= {
            "allow_redirects": False,
            "stream": True,
            "timeout": (min(CONNECT_SECONDS, left), min(float(self.timeout), left)),
        }
        try:
            response: requests.Response = requests.Session.request(self, method, url, **options)
            try:
                content = self._drain(response)
            except BaseException:
                response.close()  # what is left of the answer must not be taken for the next one
                raise
        except http.SSLError as error:
            if is_for_another_name(error) and (text := self._other_names(url)):
                raise WrongName(text) from None
            raise
        except http.ReadTimeout as error:
            raise Late(str(error)) if self.deadline.passed else error from None
        if (date := seconds_of(response.headers.get("Date"))) is not None:
            self.ahead = date - time.monotonic()
        # What requests itself does with a body, but for the deadline.
        response._content = content  # noqa: SLF001
        response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
        response.raw.release_conn()
        if self._logging_in:
            self._greeting = response
        elif response.status_code in (401, 419):
            raise Denied(_answer(response))
        return response

    def _other_names(self, url: str) -> str:
        """What the certificate is for that does not bear this address; "" where it cannot be looked at."""
        context = ssl.create_default_context(cafile=self.verify if isinstance(self.verify, str) else None)
        context.check_hostname = False
        parts, left = urlsplit(url), self.deadline.end - time.monotonic()
        seconds = max(0.1, min(float(self.timeout), left))
        return other_names(
            bounded(context, self.deadline),
            parts.hostname or "",
            parts.port or 443,
            seconds,
            "controller.address",
        )

    def _drain(self, response: requests.Response) -> bytes:
        """The body, within the deadline and `LARGEST_BODY`: one that comes byte by byte would otherwise never end."""
        body = bytearray()
        try:
            while block := response.raw.read1(65_536, decode_content=True):
                body += block
                if len(body) > LARGEST_BODY:
                    raise http.ContentDecodingError(
                        f"the answer is larger than {LARGEST_BODY // 1024**2} MiB"
                    )
                if self.deadline.passed:
                    raise Late("the answer came too slowly")
        except urllib3.exceptions.ReadTimeoutError as error:
            raise http.ReadTimeout(str(error)) from None
        except urllib3.exceptions.DecodeError as error:
            raise http.ContentDecodingError(str(error)) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, http.RequestException):
                raise
            raise http.ConnectionError(f"{type(error).__name__}: {error}") from None
        return bytes(body)


def trust(controller: Controller, credentials: Credentials, base: Path) -> str | bool:
    """What certificates are verified against: the declared CA's file, the process's bundle, or True: the usual CAs.

    False: they are not verified. `base`: the folder of the environment file. Raises Unreachable where what is declared
    cannot be used.
    """
    if not (credentials.password or credentials.token):
        raise Unreachable(
            f"the Controller at {controller.at}: there is no password or token; set AVI_PASSWORD or AVI_TOKEN"
        )
    if "/" in controller.address:
        raise Unreachable(
            f"controller.address is a host name or an IP address alone, not {controller.address}"
        )
    if not controller.verify_tls:
        return False
    if controller.ca_file is None:
        return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    path = base / controller.ca_file
    try:
        if "-----BEGIN CERTIFICATE-----" not in path.read_text(encoding="ascii", errors="replace"):
            raise Unreachable(f"controller.ca_file {path} holds no PEM certificate; {THE_CA}")
    except OSError as error:
        raise Unreachable(f"controller.ca_file {path} cannot be read: {error.strerror}; {THE_CA}") from None
    return str(path)


def fits_header(tenant: str) -> bool:
    """Whether a header carries a tenant's name as it is; one that has other letters than ASCII's goes by its uuid."""
    return re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", tenant) is not None


def _named_in_header(prefix: str, tenant: str) -> None:
    """Raise Unreachable where a tenant's name cannot stand in a request's header."""
    if tenant and (not re.fullmatch(r"\S[^\r\n]*", tenant) or any(ord(letter) > 0xFF for letter in tenant)):
        raise Unreachable(
            f"the Controller at {urlsplit(prefix).netloc}: it shows this user no tenant {tenant!r}, and without its "
            "uuid that cannot be named in a request, whose headers take Latin-1 without line breaks alone"
        )


def _tenants(greeting: requests.Response | None) -> tuple[Json, ...]:
    """The tenants that the answer to a login lists; none where it does not list them in the recorded shape."""
    try:
        rows = greeting.json()["tenants"] if greeting is not None else ()
        texts = [{member: row[member] for member in ("name", "uuid", "url")} for row in rows]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ()
    whole = all(isinstance(text, str) and text for row in texts for text in row.values())
    return tuple(texts) if whole else ()


def _answer(response: requests.Response) -> HttpAnswer:
    try:
        text, readable = response.content.decode("utf-8"), True
    except UnicodeDecodeError:
        text, readable = response.content.decode("utf-8", errors="replace"), False
    return HttpAnswer(response.status_code, text, response.headers, readable)


EVERY = "*"
"""The tenant by which one asks for what all tenants have."""


class EveryTenant:
    """How one user's reads over every tenant are asked: a Controller that has answered one to `*` is asked so."""

    by_star: bool | None = None
    """Whether a read to `*` was answered; None while none has been asked."""

    def read(self, path: str, params: Mapping[str, str], tenants: Sequence[str], ask: Ask) -> Json:
        """The answer of all `tenants`, those in which the user has a role; as one page where there are several.

        Raises what `ask` raises, and Unknown where the answers of several tenants make no whole.
        """
        if self.by_star is False:
            return of_each(path, params, tenants, ask)
        try:
            answer = ask(params, EVERY)
        except ReadDenied as denied:
            if self.by_star or not tenants:
                raise
            try:
                answer = of_each(path, params, tenants, ask)
            except ReadDenied:
                raise denied from None  # it is the type that he may not read
            self.by_star = bool(self.by_star)  # another thread may have been answered meanwhile
        else:
            self.by_star = True
        return answer
