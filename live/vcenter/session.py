"""The session with a vCenter: TLS, the API version, login, and a new login where the old one has lapsed.

pyVmomi knows a time-out of silence alone. What bounds a whole call is the TLS context of its connections, see
`live.deadlines`.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

from pydantic import SecretStr
from pyVmomi import SoapAdapter, VmomiSupport, vim, vmodl

from intent import Unknown, Vcenter
from intent.scrubber import keep_secret
from intent.words import harmless_line
from live.certificate import is_for_another_name, other_names
from live.deadlines import LARGEST_BODY, Connection, Deadline, FinalAnswer, Timeouts, TooSlow, bounded
from live.errors import Unreachable
from live.vcenter.decoding import ODD

Result = TypeVar("Result")


class Garbled(http.client.HTTPException):
    """An answer that pyVmomi cannot read, or that is none to what was asked."""


class _BoundedAnswer(FinalAnswer):
    """An answer as long as `LARGEST_BODY` and no longer. A packed one could grow without end, so none is asked for."""

    def begin(self) -> None:
        """Read status and headers. Raises Garbled where the body is packed."""
        super().begin()
        self._received = 0
        if (coding := self.getheader("Content-Encoding", "identity").lower()) != "identity":
            raise Garbled(f"packed as {harmless_line(coding)}")

    def read(self, amt: int | None = None) -> bytes:
        """The next so many bytes, or the rest. Raises Garbled where there are too many by now."""
        block = super().read(LARGEST_BODY + 1 if amt is None else amt)
        self._received += len(block)
        if self._received > LARGEST_BODY:
            raise Garbled(f"more than {LARGEST_BODY >> 20} MiB")
        return block


class _Connection(Connection):
    response_class = _BoundedAnswer


LOGOUT_SECONDS = 5.0
"""The most that a logout may take: the session ends by itself too."""
EXPIRED = 10
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED."""
BROKEN = (OSError, http.client.HTTPException)
"""The exceptions of a connection that failed."""


class VcenterSession:
    """A connection to a vCenter as one user. Not for several threads at once.

    `base` is the folder of the environment file, against which `ca_file` is resolved. `calls` counts SOAP calls. After
    `connect`: `content` (the ServiceContent) and `stub` (pyVmomi's).
    """

    def __init__(
        self,
        vcenter: Vcenter,
        username: str,
        password: SecretStr,
        *,
        base: Path,
        timeouts: Timeouts,
    ) -> None:
        self.vcenter = vcenter
        self.name = f"{vcenter.address}:{vcenter.port}"
        self.username = username
        self.timeouts = timeouts
        self._deadline = Deadline(timeouts.silence)
        self.calls = 0
        self.stub: Any = None
        self.content: Any = None
        self._password = password
        self._base = base
        keep_secret(password.get_secret_value())

    def connect(self) -> None:
        """Agree on a version and log in, once. Raises Unreachable."""
        if self.content is not None:
            return
        self._drop()
        try:
            self.stub = self._opened()
            service: Any = vim.ServiceInstance("ServiceInstance", self.stub)
            content = service.RetrieveServiceContent()
            content.sessionManager.Login(self.username, self._password.get_secret_value())
        except (vmodl.MethodFault, *BROKEN) as error:
            self._drop()
            if is_for_another_name(error) and (text := self._other_names()):
                raise Unreachable(self.sentence(f"cannot be trusted: {text}")) from None
            if isinstance(error, vim.fault.InvalidLogin):
                text = f"refuses the password of {self.username}; see VCENTER_PASSWORD"
                raise Unreachable(self.sentence(text)) from None
            raise Unreachable(self.sentence(failure(error))) from None
        self.content = content

    def _opened(self) -> Any:
        """A connection without a login."""
        trust = self._trust()
        stub: Any = SoapAdapter.SoapStubAdapter(
            host=self.vcenter.address,
            port=self.vcenter.port,
            path="/sdk",
            version=self._version(trust),
            sslContext=trust,
            httpConnectionTimeout=self.timeouts.silence,
            acceptCompressedResponses=False,
        )
        stub.scheme = _Connection
        sent = stub.InvokeMethod

        def counted(mo: Any, info: Any, arguments: Any, *more: Any) -> Any:
            self.calls += 1
            self._begin(self.timeouts.whole)
            try:
                answer = sent(mo, info, arguments, *more)
            except (vmodl.MethodFault, *BROKEN):
                raise
            except Exception as error:
                # From expat's to KeyError: whatever an unexpected answer leads pyVmomi to.
                raise Garbled(type(error).__name__) from error
            optional = info.result is type(None) or info.resultFlags & VmomiSupport.F_OPTIONAL
            if answer is None and not optional:
                raise Garbled(f"no answer to {info.name}")
            if answer is not None and not isinstance(answer, info.result):
                raise Garbled(f"{type(answer).__name__} to {info.name}")
            return answer

        stub.InvokeMethod = counted
        return stub

    def close(self) -> None:
        """Log out, so that no session is left on vCenter. Never raises."""
        content, self.content = self.content, None
        if content is not None:
            usual = self.timeouts
            self.timeouts = replace(usual, exchange=min(LOGOUT_SECONDS, usual.silence))
            with suppress(vmodl.MethodFault, *BROKEN):
                content.sessionManager.Logout()
            self.timeouts = usual
        self._drop()

    def _begin(self, seconds: float) -> None:
        """Begin an exchange that may take so long as a whole."""
        self._deadline.begin(time.monotonic() + seconds)

    def _drop(self) -> None:
        """Close every connection."""
        stub, self.stub = self.stub, None
        if stub is not None:
            stub.DropConnections()

    def _trust(self) -> ssl.SSLContext:
        """Always an explicit context: left to itself, pyVmomi trusts whoever answers on this machine's own names."""
        try:
            file = self.vcenter.ca_file
            context = ssl.create_default_context(cafile=str(self._base / file) if file else None)
        except (OSError, ssl.SSLError) as error:
            path, why = self._base / str(self.vcenter.ca_file), error.strerror or error
            raise Unreachable(
                f"vcenter.ca_file {path} cannot be used: {why}; put the CA that signed vCenter's certificate there, as "
                "PEM"
            ) from None
        return bounded(context, self._deadline)

    def _other_names(self) -> str:
        """What the certificate is for that does not bear the declared address; "" where it cannot be looked at."""
        context, vcenter = self._trust(), self.vcenter
        context.check_hostname = False
        self._begin(self.timeouts.silence)
        return other_names(context, vcenter.address, vcenter.port, self.timeouts.silence, "vcenter.address")

    def _version(self, trust: ssl.SSLContext) -> str:
        """The newest API version that both sides know, as pyVmomi names it. Raises Unreachable."""
        self._begin(self.timeouts.whole)
        connection = Connection(
            self.vcenter.address, self.vcenter.port, timeout=self.timeouts.silence, context=trust
        )
        try:
            connection.request("GET", "/sdk/vimServiceVersions.xml")
            response = connection.getresponse()
            body = response.read(1 << 20)
        finally:
            connection.close()
        offered: set[str | None] = set()
        if response.status == 200 and b"<!" not in body:
            with suppress(ET.ParseError):
                offered = {version.text for version in ET.fromstring(body).iter("version")}  # noqa: S314 -- no DTD in it
        for version in VmomiSupport.GetServiceVersions("vim25"):
            if VmomiSupport.versionIdMap[version] in offered:
                return str(version)
        raise Unreachable(
            self.sentence("answers, but not as a vCenter; see the environment's vcenter.address and port")
        )

    def read(self, call: Callable[[], Result]) -> Result:
        """Make a call that only reads. Raises Unreachable, and Unknown for a fault of vCenter's own."""
        try:
            return self.under_login(call)
        except vmodl.MethodFault as fault:
            raise Unknown(self.sentence(failure(fault))) from None
        except BROKEN as error:
            raise Unreachable(self.sentence(failure(error))) from None

    def under_login(self, call: Callable[[], Result]) -> Result:
        """Make a call, and where the session has lapsed, so that nothing was done, once more after a new login.

        Raises Unreachable when no session lasts, and whatever the call raises.
        """
        for _ in range(2):
            self.connect()
            try:
                return call()
            except vim.fault.NotAuthenticated:
                self.content = None
        raise Unreachable(self.sentence("ends every session at once; see its session limits"))

    def sentence(self, text: str) -> str:
        """A sentence about this vCenter, from its second half."""
        return f"vCenter {self.name} {text}"


def failure(error: Exception) -> str:
    """What went wrong, as the second half of a sentence, with the next step where there is one."""
    for kind, sentence in _FAILURES:
        if isinstance(error, kind):
            return sentence if isinstance(sentence, str) else sentence(error)
    if type(error) is http.client.HTTPException:  # pyVmomi's own, with the status and its reason
        return f"answered HTTP {error} and no SOAP; see what stands between"
    return f"closed the connection without an answer ({type(error).__name__}); see what stands between"


def _untrusted(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == EXPIRED:
        return "shows a certificate that has expired; renew it on vCenter"
    return (
        f"shows a certificate that is not trusted ({error.verify_message}); give the PEM of the CA that signed it as "
        "vcenter.ca_file"
    )


_FAILURES: tuple[tuple[Any, str | Callable[[Any], str]], ...] = (
    (vim.fault.NotAuthenticated, "ended the session; see its session limits"),
    (
        vim.fault.NoPermission,
        lambda error: (
            f"lacks a permission for {error.privilegeId or 'what was asked of it'}; give this run's account "
            "that privilege"
        ),
    ),
    (ssl.SSLCertVerificationError, _untrusted),
    (
        ssl.SSLError,
        lambda error: (
            f"does not speak TLS with us ({error.reason or error}); check vcenter.port, and see what stands "
            "between"
        ),
    ),
    (socket.gaierror, "cannot be resolved by name; check vcenter.address and this machine's DNS"),
    (
        ConnectionRefusedError,
        "refuses the connection; see whether it is up, and the environment's vcenter.port",
    ),
    (TooSlow, "answers too slowly; see how busy it is and what stands between"),
    (TimeoutError, "gave no answer in time; see whether it is up and its port is open between"),
    (
        vmodl.MethodFault,
        lambda fault: (
            f"answered with a fault: {harmless_line(getattr(fault, 'msg', None) or type(fault).__name__)}; see "
            "vCenter's own log of it, and try again"
        ),
    ),
    (Garbled, lambda error: f"sends an answer that cannot be read ({error}); see what stands between"),
    (
        ODD,
        lambda error: (
            f"sends an answer that cannot be read ({type(error).__name__}); see what stands between"
        ),
    ),
    (
        OSError,
        lambda error: (
            f"cannot be reached: {error.strerror or error}; check vcenter.address and the network between"
        ),
    ),
)
"""By the type of an error, the first that fits: to pyVmomi, NotAuthenticated is a lack of permission too."""
