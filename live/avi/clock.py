"""The Controller's clock: how far it is off, by the Date of an HTTP answer. It takes no login."""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass
from pathlib import Path

from intent import Controller, Unknown
from live.avi.http_answers import seconds_of
from live.deadlines import Connection, Deadline, bounded


@dataclass(frozen=True)
class ClockOffset:
    """`skew`: a clock minus this machine's, in seconds. `slack`: by how much that may be wrong either way."""

    skew: float
    slack: float


def controller_clock(controller: Controller, base: Path, timeout: float = 10.0) -> ClockOffset:
    """How far the Controller's clock is off, read within `timeout` seconds. Raises Unknown when it cannot be read."""
    name = f"{controller.address}:{controller.port}"
    try:
        trust = ssl.create_default_context(
            cafile=str(base / controller.ca_file) if controller.ca_file else None
        )
        if not controller.verify_tls:
            trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        deadline = Deadline(timeout)
        deadline.begin(time.monotonic() + timeout)
        connection = Connection(
            controller.address, controller.port, timeout=timeout, context=bounded(trust, deadline)
        )
        try:
            connection.connect()
            sent = time.time()
            connection.request("GET", "/api/initial-data")
            date = connection.getresponse().getheader("Date")
            answered = time.time()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise Unknown(f"the clock of Controller {name} could not be read: {error}") from None
    moment = seconds_of(date)
    if moment is None:
        raise Unknown(f"Controller {name} does not say what time it is")
    # A Date is cut to the whole second: the clock is half a second later, give or take as much.
    return ClockOffset(moment + 0.5 - (sent + answered) / 2, (answered - sent) / 2 + 0.5)
