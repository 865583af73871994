"""Real clients over real sockets: avisdk with TLS verified, raw HTTP, faults, start-up and end of the process."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from lab.tests.running import ENVIRONMENT, ROOT, Running


@pytest.fixture(scope="module")
def running():
    lab = Running("--state", "fresh", "--api-version", "20.1.6")
    yield lab
    lab.stop()


@pytest.fixture
def api(running, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    from avi.sdk.avi_api import ApiSession

    ApiSession.clear_cached_sessions()

    def session(**options):
        known = {"username": "admin", "password": "avi-lab", "port": running.port, "api_version": "20.1.6"}
        made = ApiSession(controller_ip="127.0.0.1", verify=running.ca, **{**known, **options})
        opened.append(made)
        return made

    opened: list = []
    yield session
    running.ask("DELETE", "/lab/faults")
    for each in opened:
        each.close()


@pytest.mark.evidence("CLIENT", "§1.1", "§2.5")
def test_get_objects_iter_follows_pages(api):
    one = api()
    assert one.remote_api_version["Version"] == "20.1.6"
    networks = list(one.get_objects_iter("network", params={"page_size": 10}))
    assert len(networks) == one.get("network").count() > 25
    assert len({each["uuid"] for each in networks}) == len(networks)


@pytest.mark.evidence("CLIENT", "§2.8", "§2.9")
def test_create_get_by_name_put_by_name_patch_delete(api):
    one = api()
    made = one.post("vrfcontext", {"name": "VRF_sdk"})
    assert (made.status_code, made.reason) == (201, "CREATED")
    assert made.headers["Location"] == made.json()["url"]
    found = one.get_object_by_name("vrfcontext", "VRF_sdk", params={"cloud_ref.name": "Default-Cloud"})
    assert one.get_object_by_name("vrfcontext", "none") is None
    put = one.put_by_name("vrfcontext", "VRF_sdk", found | {"description": "one"})
    assert put.json()["description"] == "one"
    assert one.put_by_name("vrfcontext", "VRF_sdk", found).status_code == 412
    patched = one.patch(f"vrfcontext/{found['uuid']}", {"add": {"description": "two"}})
    assert patched.json()["description"] == "two"
    assert one.post("vrfcontext", {"name": "VRF_sdk"}).status_code == 409
    assert one.delete_by_name("vrfcontext", "VRF_sdk").status_code == 204
    forced = one.post("pool", {"name": "p"}, force_uuid="pool-force-42")
    assert forced.json()["uuid"] == "pool-force-42"
    assert one.delete("pool/pool-force-42").status_code == 204


@pytest.mark.evidence("REC", "§2.7")
def test_tenants(api):
    one = api()
    tenant = one.post("tenant", {"name": "T"}).json()
    one.post("pool", {"name": "in-T"}, tenant="T")
    assert one.get_object_by_name("pool", "in-T") is None
    assert one.get_object_by_name("pool", "in-T", tenant="T")
    assert one.get_object_by_name("pool", "in-T", tenant_uuid=tenant["uuid"])
    assert api(tenant="*").get("pool").count() >= 1
    assert one.get("pool", tenant="none").status_code == 403


@pytest.mark.evidence("CLIENT", "§1.4")
def test_wrong_password_and_lazy_login(api):
    from avi.sdk.avi_api import APIError

    with pytest.raises(APIError, match="Invalid credentials"):
        api(password="wrong")
    lazy = api(lazy_authentication=True)
    assert lazy.get("cloud").status_code == 200


@pytest.mark.evidence("CLIENT", "§1.4")
def test_an_expired_session_is_opened_again_by_the_client(api, running):
    one = api()
    running.ask("POST", "/lab/clock", {"advance": 3600})
    assert one.get("cloud").status_code == 200
    running.ask("POST", "/lab/clock", {"advance": 3600})
    assert one.post("pool", {"name": "after"}).status_code == 201
    one.delete_by_name("pool", "after")


@pytest.mark.evidence("CLIENT", "§1.5")
def test_token_and_logout(api):
    one = api()
    token = one.post("user-token", {"hours": 1}).json()["token"]
    two = api(password=None, token=token)
    assert two.get("cloud").status_code == 200
    assert two.post("logout").status_code == 200


@pytest.mark.evidence("CLIENT", "§1.6")
def test_a_version_the_controller_does_not_have(api):
    from avi.sdk.avi_api import AviServerError

    with pytest.raises(AviServerError, match="Invalid version"):
        api(api_version="30.2.1").get_object_by_name("cloud", "Default-Cloud")


@pytest.mark.evidence("REC", "§1.3")
def test_what_is_on_the_wire(running):
    with contextlib.closing(running.connection()) as connection:
        connection.request("POST", "/login", "username=admin&password=avi-lab")
        answer = connection.getresponse()
        answer.read()
        names = [name for name, _ in answer.getheaders()]
        assert (answer.version, answer.status, answer.reason) == (11, 200, "OK")
        assert {"AVI_API_VERSION", "X-Frame-Options", "Set-Cookie", "Allow", "Transfer-Encoding"} <= set(
            names
        )
        jar = "; ".join(v.split(";")[0] for n, v in answer.getheaders() if n == "Set-Cookie")
        connection.request("GET", "/api/cloud", headers={"Cookie": jar, "X-Avi-Version": "20.1.6"})
        page = connection.getresponse()
        body = json.loads(page.read())
        assert body["results"][0]["url"].startswith(f"https://127.0.0.1:{running.port}/api/cloud/")
        connection.request("GET", "/api/cloud", headers={"Cookie": jar, "Host": "avi.example"})
        named = json.loads(connection.getresponse().read())
        assert named["results"][0]["url"].startswith("https://avi.example/api/cloud/")
        connection.request("GET", "/api/cloud", headers={"Cookie": "avi-sessionid=old"})
        ended = connection.getresponse()
        ended.read()
        assert (ended.status, ended.reason) == (419, "FORBIDDEN")


def test_tls_is_verified_by_every_name(running):
    for name in ("127.0.0.1", "localhost"):
        with (
            socket.create_connection(("127.0.0.1", running.port), 5) as plain,
            running.tls.wrap_socket(plain, server_hostname=name) as wrapped,
        ):
            assert wrapped.version()
    stranger = ssl.create_default_context()
    with socket.create_connection(("127.0.0.1", running.port), 5) as plain, pytest.raises(ssl.SSLError):
        stranger.wrap_socket(plain, server_hostname="localhost")


def test_faults_on_the_wire(api, running):
    import requests

    one = api(retry_conxn_errors=False)
    running.ask(
        "PUT", "/lab/faults", [{"path": "^/api/cloud", "count": 1, "status": 503, "body": {"error": "busy"}}]
    )
    assert one.get("cloud").status_code == 503
    assert one.get("cloud").status_code == 200
    running.ask("PUT", "/lab/faults", [{"path": "^/api/cloud", "count": 1, "html": True}])
    assert one.get("cloud").text.startswith("<html>")
    running.ask("PUT", "/lab/faults", [{"path": "^/api/cloud", "count": 1, "delay": 0.3}])
    began = time.monotonic()
    assert one.get("cloud").status_code == 200
    assert time.monotonic() - began >= 0.3
    for broken in ({"close": True}, {"truncate": 20}):
        running.ask("PUT", "/lab/faults", [{"path": "^/api/cloud", "count": 1, **broken}])
        with pytest.raises(requests.exceptions.RequestException):
            one.get("cloud")
    running.ask("PUT", "/lab/faults", [{"method": "POST", "path": "^/api/pool", "count": 1, "lost": True}])
    with pytest.raises(requests.exceptions.ConnectionError):
        one.post("pool", {"name": "lost"})
    assert one.get_object_by_name("pool", "lost")
    one.delete_by_name("pool", "lost")


def test_many_clients_at_once(api, running):
    sessions = [api() for _ in range(4)]
    failed: list[str] = []

    def work(session, number):
        for n in range(10):
            made = session.post("pool", {"name": f"many-{number}-{n}"})
            if made.status_code != 201 or session.delete(f"pool/{made.json()['uuid']}").status_code != 204:
                failed.append(made.text)

    threads = [threading.Thread(target=work, args=(each, n)) for n, each in enumerate(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


EACH_SAMPLE = """
import json, os, runpy, signal, sys, warnings
import avi.sdk.avi_api as api

def sample(command):
    signal.alarm(60)
    with open("said", "w") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    warnings.simplefilter("ignore")
    plain, port = api.ApiSession.__init__, int(sys.argv[1])
    api.ApiSession.__init__ = lambda self, *given, **named: plain(self, *given, **{**named, "port": port})
    sys.argv[:] = command
    runpy.run_path(command[0], run_name="__main__")

ended = []
for command in json.load(sys.stdin):
    pid = os.fork()
    if pid == 0:
        break
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with open("said") as said:
        ended.append((code, said.read()))
else:
    json.dump(ended, sys.stdout)
    sys.exit()
sample(command)
"""
"""Each command that it is given, with avisdk imported once for all: (exit code, output) of each, in their order."""


def test_the_official_samples(running, tmp_path, monkeypatch):
    """avisdk's samples as they come in the package, against the lab's port by way of a patched default."""
    samples = (
        Path(sys.prefix)
        / "lib"
        / f"python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/avi/sdk/samples"
    )
    if not samples.exists():
        pytest.skip("avisdk came without its samples")
    shutil.copytree(samples / "certs", tmp_path / "certs")
    login = ["-c", "127.0.0.1", "-u", "admin", "-p", "avi-lab"]
    examples = ["virtualservice_examples_api.py", *login, "-t", "admin", "-o"]
    runs = [
        ([*examples, "create-basic-vs", "-i", "10.10.25.90"], ""),
        ([*examples, "create-policy-vs", "-i", "10.10.25.91"], ""),
        ([*examples, "create-custom-vs", "-i", "10.10.25.92"], ""),
        ([*examples, "create-ssl-vs", "-i", "10.10.25.94"], ""),
        ([*examples, "show-vs-inventory"], "'basic-vs'"),
        ([*examples, "show-pool-inventory"], "'results'"),
        ([*examples, "show-se-inventory"], "'results'"),
        ([*examples, "show-vs-metric", "-r", "basic-vs"], ""),
        ([*examples, "add-security-policy", "-r", "basic-vs", "--ips", "1.2.3.4,5.6.7.8"], ""),
        ([*examples, "clone-vs", "-r", "basic-vs", "-i", "10.10.25.93"], ""),
        ([*examples, "delete-vs", "-r", "custom-vs"], ""),
        (["inventory_example.py", *login, "--api_version", "20.1.6"], "basic-vs"),
        (["clone_vs.py", *login, "vs", "basic-vs", "cloned", "-v", "10.10.25.95"], ""),
        (["se_vs_metrics.py", *login, "--se_uuid", "*"], "metrics query"),
        (["ssl_keyandcertificate_w_altnames.py", *login], "System-Default-Cert"),
        (["multi_tenant.py", *login], "tenant admin num vs"),
        (["get_config_logs.py", *login], "Time taken"),
        (["patch_api_example.py", *login, "-o", "create_pool", "-n", "patched"], ""),
        (["avi_config_backup.py", *login, "-f", str(tmp_path / "backup")], "successfully saved"),
    ]
    ran = subprocess.run(
        [sys.executable, "-c", EACH_SAMPLE, str(running.port)],
        input=json.dumps([[str(samples / arguments[0]), *arguments[1:]] for arguments, _ in runs]),
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60 * len(runs),
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    for (arguments, expected), (code, said) in zip(runs, json.loads(ran.stdout), strict=True):
        assert code == 0, (arguments, said[-3000:])
        assert not [word for word in ("Error in", "Error creating") if word in said], (
            arguments,
            said[-3000:],
        )
        assert expected in said, (arguments, said[-3000:])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal_and_writes_its_export(number, tmp_path):
    export = tmp_path / "export.json"
    lab = Running("--state", "empty", "--export", str(export), "--ca-dir", str(tmp_path / "ca"))
    assert lab.said["state"] == "empty"
    assert lab.ask("GET", "/lab/state")["controller"] == lab.said["controller"]
    lab.process.send_signal(number)
    assert lab.process.wait(10) == 0
    stderr = lab.process.stderr.read()
    assert "Traceback" not in stderr
    lab.stop()
    again = Running("--import", str(export), "--ca-dir", str(tmp_path / "ca"))
    assert again.tls.get_ca_certs() == lab.tls.get_ca_certs()
    assert again.said["state"] == "imported"
    assert again.stop() == 0


def test_labs_that_start_together_share_a_ca(tmp_path):
    began = [
        subprocess.Popen(
            [sys.executable, "-m", "lab", "--state", "empty", "--ca-dir", str(tmp_path), "--with-parent"],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [json.loads(each.stdout.readline()) for each in began]
    tls = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    for each in said:
        with (
            socket.create_connection(("127.0.0.1", each["controller"]["port"]), 5) as plain,
            tls.wrap_socket(plain, server_hostname="localhost") as wrapped,
        ):
            assert wrapped.version()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["ca-key.pem", "ca.pem"]
    for each in began:
        each.stdin.close()
        assert each.wait(10) == 0
        each.stdout.close()


def test_it_ends_with_its_parent():
    lab = Running("--state", "empty")
    assert lab.stop() == 0


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (["--api-version", "9.9"], 4, "known: 18.2.13"),
        (["--state", "odd"], 4, "unknown state 'odd'; known: empty, fresh"),
        (["--import", "nowhere.json"], 4, "No such file"),
        (["--faults", __file__], 4, "not JSON"),
        (["--help"], 0, ""),
    ],
)
def test_usage(options, code, text):
    ran = subprocess.run(
        [sys.executable, "-m", "lab", *options],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (ran.returncode, "Traceback" in ran.stderr) == (code, False), ran.stderr
    assert text in ran.stderr
    if code == 0:
        assert "curl --cacert" in ran.stdout


def test_a_newer_controller_says_whose_model_it_has():
    lab = Running("--state", "empty", "--api-version", "31.1.1")
    assert lab.said["version"] == "31.1.1"
    lab.process.stdin.close()
    assert "30.2.1" in lab.process.stderr.read()
    lab.process.wait(10)
    lab.process.stdout.close()
    lab.process.stderr.close()
    warnings.resetwarnings()
