"""Real shells: this machine's, and one behind a real sshd."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sys
import threading
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from dnslib import RR, DNSRecord

from intent import Controller, Environment, Host, Unknown
from live.sources import host_script
from live.sources.answers import Answers
from live.sources.host_script import Questions
from live.sources.host_visit import _connected, visit
from live.sources.hosts import Hosts
from tests.hosts import sshd


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if reason := sshd.why_none():
        pytest.skip(reason)
    found = sshd.start(tmp_path_factory.mktemp("ssh"))
    sshd.wait(found)
    yield found
    found.stop()


@pytest.fixture
def dns():
    """A DNS server that knows one name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def serve():
            while True:
                try:
                    data, client = listening.recvfrom(4096)
                except OSError:
                    return
                reply = DNSRecord.parse(data).reply()
                reply.add_answer(*RR.fromZone("test.avi.iberia.local 30 IN A 10.10.24.10"))
                listening.sendto(bytes(reply.pack()), client)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


@pytest.fixture
def open_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture(params=["local", "ssh"])
def host(request):
    if request.param == "local":
        return Host(name="here", connection="local://"), None
    server = request.getfixturevalue("server")
    return Host(name="there", connection=f"ssh://127.0.0.1:{server.port}"), server.config


def test_everything_at_once(host, dns, open_port):
    declared, config = host
    closed = sshd.free_port()
    questions = Questions(
        paths=(("127.0.0.1", open_port), ("127.0.0.1", closed)),
        names=("localhost", "no-such-name.invalid"),
        asked=(("127.0.0.1", dns, "test.avi.iberia.local", "A"),),
    )
    found = visit(declared, questions, config)
    assert found.facts.paths["127.0.0.1", open_port] == ""
    assert "refused" in found.facts.paths["127.0.0.1", closed]
    assert all(ip_address(found).is_loopback for found in found.facts.names["localhost"])
    assert found.facts.names["localhost"]
    assert found.facts.names["no-such-name.invalid"] == ()
    answer = found.facts.asked["127.0.0.1", dns, "test.avi.iberia.local", "A"]
    assert (answer.rcode, answer.addresses) == ("NOERROR", ("10.10.24.10",))
    assert abs(found.skew) < 2


def test_python_asks_where_dig_is_missing(dns, tmp_path):
    """The same question through the fallback: a PATH with everything but dig."""
    for tool in ("sh", "cat", "date", "timeout", "getent"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    (tmp_path / "python3").symlink_to(Path(sys.executable).resolve())
    declared = Host(name="bare", connection="local://", shell=("/usr/bin/env", f"PATH={tmp_path}", "sh"))
    questions = Questions(
        asked=(("127.0.0.1", dns, "test.avi.iberia.local", "A"),), paths=(("127.0.0.1", 1),)
    )
    facts = visit(declared, questions).facts
    answer = facts.asked["127.0.0.1", dns, "test.avi.iberia.local", "A"]
    assert (answer.rcode, answer.addresses) == ("NOERROR", ("10.10.24.10",))
    assert facts.paths == {}, "without bash and nc a path is not known"


def tools(folder, *names):
    """A folder with these of the machine's tools, and no others."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).symlink_to(shutil.which(name))
    return folder


def stub(folder, name, text):
    """A tool that does what `text` says."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def bare(path):
    return Host(name="bare", connection="local://", shell=("/usr/bin/env", "-i", f"PATH={path}", "/bin/sh"))


EVERYTHING = Questions(
    paths=(("127.0.0.1", 1),),
    names=("localhost",),
    asked=(("127.0.0.1", 9, "test.avi.iberia.local", "A"),),
)


@pytest.fixture
def only_path(monkeypatch):
    """The script looks into /usr/sbin and /sbin too, where on this machine everything may be."""
    monkeypatch.setattr(host_script, "PRELUDE", host_script.PRELUDE.replace("PATH=$PATH:/usr/sbin:/sbin", ""))


BROKEN = {
    "nothing": {},
    "old busybox timeout": {
        "timeout": "echo \"timeout: can't execute '$1'\" >&2; exit 127",
        "bash": "exit 1",
    },
    "nc without -z": {"nc": "echo 'usage: nc [-w SEC] HOST PORT' >&2; exit 1"},
    "bash without connections": {
        "timeout": 'shift; exec "$@"',
        "bash": 'echo "bash: /dev/tcp/127.0.0.1/1: No such file or directory" >&2; exit 1',
    },
    "getent without ahosts": {"getent": "echo 'Unknown database: ahosts' >&2; exit 1"},
    "python without sockets": {"python3": "echo 'ModuleNotFoundError: socket' >&2; exit 1"},
    "dig that does not know its options": {"dig": "echo 'Invalid option: +norecurse' >&2; exit 1"},
}


@pytest.mark.parametrize("stubs", BROKEN.values(), ids=BROKEN)
def test_what_a_host_has_no_tool_for_is_unknown(tmp_path, only_path, stubs):
    """Never a fact: that a tool is missing, old or broken says nothing about the network."""
    path = tools(tmp_path / "bin", "cat", "date", "grep", "true")
    for name, text in stubs.items():
        stub(path, name, text)
    facts = visit(bare(path), EVERYTHING).facts
    assert (facts.paths, facts.names, facts.asked) == ({}, {}, {})
    assert facts.clock is not None


def test_no_date_is_no_clock(tmp_path, only_path):
    found = visit(bare(tools(tmp_path / "bin", "cat")), Questions())
    assert found.skew is None


def test_date_that_knows_no_fractions(tmp_path, only_path):
    """As busybox': cut to the second, which is allowed for."""
    path = tools(tmp_path / "bin", "cat")
    stub(path, "date", "exec /bin/date +%s")
    found = visit(bare(path), Questions())
    assert abs(found.skew) <= found.slack


@pytest.mark.parametrize("ahead", [-60, 60])
def test_clock_is_off_by_its_sign(tmp_path, only_path, ahead):
    path = tools(tmp_path / "bin", "cat")
    stub(path, "date", f"exec /bin/date -d '{ahead:+d} seconds' +%s.%N")
    found = visit(bare(path), Questions())
    assert abs(found.skew - ahead) <= found.slack


def test_time_spent_on_questions_is_no_skew(tmp_path, only_path):
    """However long the host takes, its clock is read before and after."""
    path = tools(tmp_path / "bin", "cat", "date", "sleep")
    stub(path, "getent", "sleep 2")
    began = time.monotonic()
    found = visit(bare(path), Questions(names=("slow.example",)))
    spent = time.monotonic() - began
    assert abs(found.skew) <= found.slack <= (spent - 2) / 2 + 0.05


def test_talkative_login(server, tmp_path):
    """Banners before and after, on both streams."""
    talkative = tmp_path / "sh"
    talkative.write_text(
        "#!/bin/sh\necho '** authorised use only **'\necho hello >&2\n/bin/sh \"$@\"\necho bye\n"
    )
    talkative.chmod(0o755)
    found = visit(
        Host(name="there", connection=f"ssh://127.0.0.1:{server.port}", shell=(str(talkative),)),
        Questions(names=("localhost",)),
        server.config,
    )
    assert found.facts.names["localhost"]


def test_key_that_is_not_accepted(server, tmp_path):
    config = tmp_path / "config"
    config.write_text(server.config.read_text().replace("/client", "/host"))
    with pytest.raises(Unknown, match="Permission denied"):
        visit(Host(name="there", connection=f"ssh://127.0.0.1:{server.port}"), Questions(), config)


def test_command_that_hangs_is_given_up(monkeypatch):
    """On a host that is reached: nobody waits for what does not end."""
    monkeypatch.setattr("live.sources.host_visit.LONGEST", 0.5)
    hanging = Host(name="hanging", connection="local://", shell=("sh", "-c", "sleep 5 #"))
    with pytest.raises(Unknown, match="did not come to their end in time"):
        visit(hanging, Questions())


def test_unreachable_host_is_unknown_within_seconds_and_holds_up_nobody(server):
    with socket.socket() as full, socket.create_server(("127.0.0.1", 0)) as mute:
        # A port that takes no connection: bound, and nobody accepts.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        clog = [socket.socket() for _ in range(4)]
        for one in clog:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        ports = {
            "silent": port,
            "mute": mute.getsockname()[1],
            "refusing": sshd.free_port(),
            "well": server.port,
        }
        hosts = [Host(name=name, connection=f"ssh://127.0.0.1:{at}") for name, at in ports.items()]
        answers = Answers(lambda host: visit(host, Questions(), server.config))
        began = time.monotonic()
        answers.ahead(hosts)
        for host in hosts:
            with contextlib.suppress(Unknown):
                answers.get(host)
        found = {host.name: answer for host, answer in answers.known().items()}
        spent = time.monotonic() - began
        for one in clog:
            one.close()
    assert spent < 45, "eight seconds to connect in, whatever else the machine does"
    assert isinstance(found["silent"], Unknown)
    assert isinstance(found["mute"], Unknown), "it takes the connection, and then says nothing"
    assert "no command can be run on host refusing" in str(found["refusing"])
    assert "Connection refused" in str(found["refusing"])
    assert not isinstance(found["well"], Unknown)


def test_unknown_host_key_is_refused(server, tmp_path):
    """Never trusted on first use: somebody else may answer at that address."""
    config = tmp_path / "config"
    config.write_text(server.config.read_text().replace("known_hosts", "nobody-known"))
    with pytest.raises(Unknown, match="Host key verification failed"):
        visit(Host(name="there", connection=f"ssh://127.0.0.1:{server.port}"), Questions(), config)


def test_shell_that_fails(server):
    declared = Host(name="here", connection="local://", shell=("false",))
    with pytest.raises(Unknown, match="did not come to their end"):
        visit(declared, Questions())


@pytest.mark.parametrize("connection", ["10.10.24.9", "ftp://x", "ssh://", "local://x"])
def test_connection_is_written_with_its_scheme(connection):
    with pytest.raises(ValueError, match="connection"):
        Host(name="x", connection=connection)


def test_what_runs_on_this_machine_has_none_of_our_credentials(monkeypatch):
    """ssh, kubectl and docker are children too, and so is what a `local://` host runs."""
    for name in ("AVI_PASSWORD", "AVI_TOKEN", "VCENTER_PASSWORD__EAST"):
        monkeypatch.setenv(name, "s3cret-of-this-run")
    monkeypatch.setenv("OTHER", "kept")
    for connection in ("local://", "ssh://nowhere.test"):
        run = _connected(Host(name="here", connection=connection), None).backend.run_local
        listed = run("env; cat /proc/$PPID/environ >/dev/null; exit 3")
        assert listed.exit_status == 3
        assert "OTHER=kept" in listed.stdout
        assert "s3cret-of-this-run" not in listed.stdout


def test_forty_silent_hosts_take_no_longer_than_one(monkeypatch):
    """Each visit lasts until all forty are under way: sixteen at a time would never end."""
    all_of_them = threading.Barrier(40, timeout=60)

    def silent(host, _questions, _ssh_config):
        all_of_them.wait()
        raise Unknown(f"{host.name} keeps silent")

    monkeypatch.setattr("live.sources.hosts.visit", silent)
    hosts = tuple(Host(name=f"h{number}", connection="ssh://nowhere.test") for number in range(40))
    environment = Environment(name="a", controller=Controller(address="c"), hosts=hosts)
    asked = Hosts(environment, lambda: None, lambda _text: None)
    for host in environment.hosts:
        with pytest.raises(Unknown, match=f"{host.name} keeps silent"):
            asked.visit(host)
