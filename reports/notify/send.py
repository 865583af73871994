"""Sending one message to one receiver, with retries; a URL never appears in what goes wrong."""

from __future__ import annotations

import http.client
import json
import re
import smtplib
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from intent.retry import attempts
from reports.notify.message import FORMS, Notification, html
from reports.notify.receivers import Mail, Receiver

TIMEOUT = 10.0
"""Seconds to wait for a receiver, each time."""

PAUSES = (1.0, 3.0)
"""Seconds between attempts; a receiver's own Retry-After goes first, up to `LONGEST`."""

LONGEST = 20.0
NETWORK = "check its host and port, and the network between"

DEADLINE = 90.0
"""Seconds for everything there is to send: a receiver that feeds its answer drop by drop cannot hold up a run."""


class NotSent(Exception):
    """A receiver did not take the message; says which and why, and whether trying again may help."""

    def __init__(self, text: str, *, again: bool, after: float | None = None) -> None:
        super().__init__(text)
        self.again = again
        self.after = after


def send(
    receiver: Receiver, notification: Notification, *, pause: Callable[[float], None] | None = None
) -> None:
    """Send it, trying again where that may help. Raises NotSent."""
    once = _mail if receiver.kind == "mail" else _post
    for attempt in attempts(PAUSES, sleep=pause):
        try:
            once(receiver, notification)
        except NotSent as why:
            if not why.again or attempt.pause is None:
                raise
            attempt.wait_at_least(min(why.after or 0.0, LONGEST))
        else:
            return


def send_all(notifications: Sequence[tuple[Receiver, Notification]]) -> list[NotSent | None]:
    """Send every message to its receiver, all at once; for each what went wrong, or None."""
    results: list[NotSent | None] = [
        NotSent(f"{receiver!r} did not take the message within {DEADLINE:g} s", again=True)
        for receiver, _ in notifications
    ]

    def send_one(number: int) -> None:
        receiver, notification = notifications[number]
        try:
            send(receiver, notification)
        except NotSent as why:
            results[number] = why
        except Exception as error:  # noqa: BLE001 -- whatever it is, it must not cost the run its verdict
            results[number] = NotSent(f"{receiver!r} could not be told: {type(error).__name__}", again=False)
        else:
            results[number] = None

    # Daemons: one that never ends is left behind when the run ends.
    threads = [
        threading.Thread(target=send_one, args=(number,), daemon=True) for number in range(len(notifications))
    ]
    end = time.monotonic() + DEADLINE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return list(results)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook that redirects is a wrong URL: the message must not follow it to another host."""

    def redirect_request(self, *_args: Any) -> None:
        return None


def _post(receiver: Receiver, notification: Notification) -> None:
    body = json.dumps(FORMS[receiver.kind](notification), ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310 -- `receiver` allows http and https only
        receiver.url,
        data=body,
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "avi-compliance"},
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            answer.read(65_536)
    except urllib.error.HTTPError as error:
        with error:
            again = error.code == 429 or error.code >= 500
            raise NotSent(
                f"{receiver!r} answered {error.code}; {'see its own log' if again else 'check its URL'}",
                again=again,
                after=_seconds(error.headers.get("Retry-After")),
            ) from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        certificate = isinstance(reason, ssl.SSLCertVerificationError)
        trust = "its certificate is not trusted; name the file of its CA in SSL_CERT_FILE"
        text = trust if certificate else f"{_why(reason)}; {NETWORK}"
        raise NotSent(f"{receiver!r} could not be reached: {text}", again=not certificate) from None


def _seconds(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[0-9]{1,9}", text.strip()) else None


def _why(reason: object) -> str:
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return "no answer in time" if isinstance(reason, TimeoutError) else type(reason).__name__


def _mail(receiver: Receiver, notification: Notification) -> None:
    mail = Mail.of(receiver)
    letter = EmailMessage()
    letter["Subject"] = " ".join(notification.subject.split())
    letter["From"] = mail.sender
    letter["To"] = ", ".join(mail.recipients)
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid("avi-compliance", domain=mail.sender.rpartition("@")[2] or None)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(f"{notification.text}\n\n{notification.place}\n")
    letter.add_alternative(html(notification), subtype="html")
    try:
        _deliver(mail, letter)
    except smtplib.SMTPResponseException as error:
        raise NotSent(
            f"{receiver!r} refused the mail ({error.smtp_code}); see who may send by it, and how large",
            again=400 <= error.smtp_code < 500,
        ) from None
    except smtplib.SMTPRecipientsRefused as refused:
        again = all(400 <= code < 500 for code, _ in refused.recipients.values())
        raise NotSent(f"{receiver!r} refused every recipient; check to=", again=again) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"{receiver!r} could not be reached: {_why(error)}; {NETWORK}", again=True) from None


def _deliver(mail: Mail, letter: EmailMessage) -> None:
    context = ssl.create_default_context()
    if mail.tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT)
    with server:
        server.ehlo()
        if not mail.tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif not mail.tls and mail.username is not None:
            raise NotSent(
                f"{mail.host} offers no TLS, and a password is not sent without; use smtps://", again=False
            )
        if mail.username is not None:
            server.login(mail.username, mail.password or "")
        server.send_message(letter)
