"""Old releases of the official client against Controllers of their time, unmodified."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.tests.running import Running

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("sdk_session.py")


@pytest.mark.evidence("CLIENT", "§1.1", "§1.2", "§1.5", "§2.7", "§2.9")
@pytest.mark.parametrize(
    ("release", "controller"),
    [("17.2.8", "18.2.13"), ("20.1.5", "20.1.6"), ("22.1.3", "22.1.7")],
)
def test_an_old_sdk_does_what_its_own_tests_do(release, controller):
    sdk = ROOT / ".tools" / f"avisdk-{release}"
    if not (sdk / "avi").is_dir():
        pytest.skip(f"avisdk {release} is not in {sdk.relative_to(ROOT)}: .ci/run puts it there")
    lab = Running("--state", "empty", "--api-version", controller)
    try:
        environment = {**os.environ, "PYTHONPATH": str(sdk), "REQUESTS_CA_BUNDLE": lab.ca}
        environment.pop("CURL_CA_BUNDLE", None)
        command = [sys.executable, str(PROGRAM), str(lab.port), lab.said["password"], release]
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
    finally:
        lab.stop()


@pytest.mark.evidence("CLIENT", "§1.2")
def test_the_cookies_of_the_oldest_sdk_are_understood():
    """avisdk 17.2 sends how Python prints its cookies."""
    from lab.tests.controller_client import Client, make

    client = Client(make("18.2.13"))
    jar = dict(pair.split("=") for pair in client.headers["cookie"].split("; "))
    printed = ", ".join(f"<Cookie {name}={jar[name]} for 127.0.0.1/>" for name in ("csrftoken", "sessionid"))
    assert client("GET", "/api/pool", cookie=f"[{printed}]").status == 200
    assert client("POST", "/api/pool", {"name": "p"}, cookie=f"[{printed}]").status == 201
    assert client("GET", "/api/pool", cookie="a b; =; x").status == 401
