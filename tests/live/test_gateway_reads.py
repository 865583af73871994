"""The gateway's reads, against a Controller that misbehaves to order."""
# ruff: noqa: PLR0917 -- a fixture may be wanted for what it does; sentences are matched as they stand

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from intent import Unknown
from live.avi import gateway as gateway_module
from live.errors import NotFound, ReadDenied, Unreachable
from tests.live.stub import Fault, cut, drip, hang_up, reset, stall, status, whole

pytestmark = [
    pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning"),
    pytest.mark.usefixtures("hasty"),
]


class TestRead:
    @pytest.fixture(autouse=True)
    def _cloud(self, stub):
        stub.objects["cloud"] = [whole(uuid="c1")]

    @pytest.mark.parametrize("code", [100, 102, 103, 199])
    def test_what_is_said_before_the_answer_is_passed_over(self, stub, gateway, code):
        """RFC 9110 §15.2: else the answer itself, left on its connection, would be taken for that to the next request."""
        stub.objects["tenant"] = [whole(uuid="t1")]
        first = f"HTTP/1.1 {code} Early Hints\r\nLink: </style.css>\r\n\r\n".encode() * 3

        def interim(handler):
            handler.wfile.write(first)
            handler.normal()

        stub.faults = [Fault("/api/cloud", interim), Fault("/api/tenant", interim)]
        for api, uuid in (("cloud", "c1"), ("tenant", "t1"), ("cloud", "c1")):
            assert [row["uuid"] for row in gateway.read(api)["results"]] == [uuid]

    def test_a_change_of_protocols_is_no_answer(self, stub, gateway):
        stub.faults = [Fault("/api/cloud", status(101, "", {"Upgrade": "h2c"}))]
        with pytest.raises(Unknown, match="HTTP 101"):
            gateway.read("cloud")
        assert [row["uuid"] for row in gateway.read("cloud")["results"]] == ["c1"]

    @pytest.mark.parametrize(
        "trouble",
        [
            status(429, {"error": "slow down"}),
            status(500, "boom"),
            status(502, "<html><h1>Bad Gateway</h1></html>"),
            status(503, ""),
            reset,
            hang_up,
            cut(500, '{"count": 1, "results": [{"uu'),
            cut(None, '{"count": 1, "results": [{"uu'),
            status(200, "<html><title>Login</title></html>", {"Content-Type": "text/html"}),
            status(200, "[]"),
            status(200, ""),
        ],
    )
    def test_trouble_that_passes_is_ridden_out(self, stub, gateway, trouble):
        stub.faults.append(Fault("/api/cloud", trouble, times=2))
        assert gateway.read("cloud")["results"] == [whole(uuid="c1")]
        assert len(stub.calls("/api/cloud")) == 3

    @pytest.mark.parametrize(
        ("trouble", "kind", "words"),
        [
            (status(503, "maintenance"), Unknown, "cloud answered HTTP 503: maintenance"),
            (reset, Unreachable, "the connection was (reset|closed)"),
            (hang_up, Unreachable, "the connection was closed without an answer"),
            (cut(500, '{"count"'), Unreachable, "the answer broke off"),
            (
                status(200, "<html><body>Hi</body></html>"),
                Unknown,
                "cloud did not answer with whole JSON but with: an HTML page: Hi",
            ),
            (status(200, "[1, 2]"), Unknown, "cloud did not answer with a JSON object"),
            (status(200, "[" * 100_000), Unknown, "cloud did not answer with whole JSON"),
        ],
    )
    def test_trouble_that_stays_is_unknown(self, stub, gateway, trouble, kind, words):
        stub.faults.append(Fault("/api/cloud", trouble, times=99))
        with pytest.raises(Unknown, match=words) as caught:
            gateway.read("cloud")
        assert type(caught.value) is kind
        assert len(stub.calls("/api/cloud")) == len(gateway_module.PAUSES) + 1

    @pytest.mark.parametrize(
        ("code", "body", "kind", "words"),
        [
            (400, {"error": "Invalid version 40.1.1"}, Unknown, "cloud answered HTTP 400: Invalid version"),
            (
                403,
                {"error": "Tenant 'iberia' does not exist!"},
                ReadDenied,
                "admin may not read cloud in tenant admin: Tenant",
            ),
            (404, {"error": "Cloud object not found!"}, NotFound, "it has no cloud: Cloud object not found!"),
            (404, "<html>gone</html>", NotFound, "it has no cloud: an HTML page: gone"),
        ],
    )
    def test_what_is_certain_is_not_tried_again(self, stub, gateway, code, body, kind, words):
        stub.faults.append(Fault("/api/cloud", status(code, body), times=9))
        with pytest.raises(Unknown, match=words) as caught:
            gateway.read("cloud")
        assert type(caught.value) is kind
        assert len(stub.calls("/api/cloud")) == 1

    def test_retry_after_in_seconds(self, stub, gateway, naps):
        stub.faults.append(Fault("/api/cloud", status(429, "", {"Retry-After": "2"})))
        gateway.read("cloud")
        assert naps == [2.0]

    def test_retry_after_as_a_date(self, stub, open_gateway, naps):
        gateway = open_gateway(timeout=60.0)  # a busy machine may take seconds for the login
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        stub.faults.append(Fault("/api/cloud", status(503, "", {"Retry-After": when})))
        gateway.read("cloud")
        assert 30 < naps[0] <= 90

    def test_retry_after_beyond_the_deadline(self, stub, gateway, naps):
        stub.faults.append(Fault("/api/cloud", status(429, "busy", {"Retry-After": "3600"}), times=9))
        with pytest.raises(Unknown, match="429: busy"):
            gateway.read("cloud")
        assert naps == []

    def test_backoff_grows_and_is_bounded(self, stub, gateway, naps):
        stub.faults.append(Fault("/api/cloud", status(503), times=9))
        with pytest.raises(Unknown):
            gateway.read("cloud")
        assert len(naps) == 3
        assert naps[0] < naps[1] < naps[2] <= 1.25 * max(gateway_module.PAUSES)
        assert [0.75 * 0.25 * 2**n <= nap <= 1.25 * 0.25 * 2**n for n, nap in enumerate(naps)] == [True] * 3

    def test_a_stall_ends_at_the_deadline(self, stub, open_gateway):
        gateway = open_gateway(timeout=0.4)
        stub.faults.append(Fault("/api/cloud", stall(90), times=99))
        gateway.connect()
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="no answer in time"):
            gateway.read("cloud")
        assert time.monotonic() - begin < 30

    def test_a_slow_drip_ends_at_the_deadline(self, stub, open_gateway):
        gateway = open_gateway(timeout=0.4, exchange=0.8)
        stub.faults.append(Fault("/api/cloud", drip, times=99))
        gateway.connect()
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="its answer came too slowly"):
            gateway.read("cloud")
        assert time.monotonic() - begin < 12

    def test_a_big_page_that_flows_is_not_cut(self, stub, open_gateway):
        """It takes longer than the Controller may be silent, also longer than reads are tried again."""
        gateway = open_gateway(timeout=0.4)

        def flow(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "12")
            handler.end_headers()
            for byte in b'{"count": 1}':
                stub.gone.wait(0.1)
                handler.wfile.write(bytes([byte]))

        stub.faults.append(Fault("/api/cloud", flow))
        assert gateway.read("cloud") == {"count": 1}
        assert len(stub.calls("/api/cloud")) == 1

    def test_an_answer_without_end(self, stub, gateway, monkeypatch):
        monkeypatch.setattr("live.avi.session.LARGEST_BODY", 1000)
        stub.objects["cloud"] = [whole(uuid="c" * 2000)]
        with pytest.raises(Unreachable, match="the answer is larger than"):
            gateway.read("cloud")
