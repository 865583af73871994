"""A stub Controller and gateways to it; a site before and after; a lab with two people."""

from types import SimpleNamespace

import pytest
import trustme
from pydantic import SecretStr

from intent import Controller, retry
from live.avi import gateway as gateway_module
from live.avi.gateway import Gateway
from live.avi.session import Credentials
from live.deadlines import Timeouts
from tests.live import pretended
from tests.live.pair import pair
from tests.live.people import bench, people_lab
from tests.live.pretended import alone
from tests.live.stub import PASSWORD, Stub

__all__ = ["bench", "pair", "people_lab"]


@pytest.fixture(scope="session")
def ca():
    return trustme.CA()


@pytest.fixture(scope="session")
def cert(ca):
    return ca.issue_cert("127.0.0.1", "localhost")


@pytest.fixture
def stub(ca, cert, tmp_path):
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    made = Stub().start(cert)
    yield made
    made.stop()


@pytest.fixture
def controller(stub):
    return Controller(address="127.0.0.1", port=stub.port, ca_file="ca.pem")


@pytest.fixture
def open_gateway(controller, tmp_path):
    """Gateways to the stub; closed at the end."""
    made = []

    def open_one(*, password=PASSWORD, token=None, writable=False, timeout=3.0, exchange=None, **changes):
        credentials = Credentials(
            "admin", SecretStr(password) if password else None, SecretStr(token) if token else None
        )
        declared = controller.model_copy(update=changes)
        made.append(
            Gateway(
                declared, credentials, base=tmp_path, writable=writable, timeouts=Timeouts(timeout, exchange)
            )
        )
        return made[-1]

    yield open_one
    for gateway in made:
        gateway.close()


@pytest.fixture
def gateway(open_gateway):
    return open_gateway()


@pytest.fixture
def naps(monkeypatch):
    """Backoff without the wait; how long each would have been, in seconds."""
    taken = []
    monkeypatch.setattr(gateway_module, "rest", taken.append)
    return taken


@pytest.fixture
def hasty(naps):
    """Backoff without the wait, where a test does not look at it."""
    del naps


@pytest.fixture
def site(monkeypatch):
    """A Controller that is played, and its time."""
    made = pretended.Site()
    for module in (gateway_module, retry):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: made.now, sleep=made.sleep))
    monkeypatch.setattr(retry, "random", SimpleNamespace(uniform=made.uniform))
    monkeypatch.setattr(gateway_module, "Session", made.session)
    monkeypatch.setattr(gateway_module, "rest", made.sleep)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def reader(site, tmp_path):
    """A gateway to it that may only read."""
    return alone(tmp_path)


@pytest.fixture
def writer(site, tmp_path):
    """A gateway to it that may write."""
    return alone(tmp_path, writable=True)
