"""End to end on the blog's own addresses: Controller, vCenter, DNS service and hosts in network namespaces.

Nothing is told to the suite but the unmodified environment file, the CA files beside it, and credentials.

    runner 10.10.30.2 -- site: Controller 10.10.20.10, vCenter 10.10.20.5, DNS VIP 10.10.25.40, resolver 10.10.20.2
                          |
                         hosts: k8sopsbox 10.10.24.9, s1az1-k8s-master 10.10.24.160
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests import lengths
from tests.hosts import netns, sshd
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]
SITE = (
    "10.10.20.10/24",
    "10.10.20.5/24",
    "10.10.20.2/24",
    "10.10.25.40/24",
    "10.10.24.1/24",
    "10.10.30.1/24",
)
HOSTS = ("10.10.24.9/24", "10.10.24.160/24")
RESOLV = "nameserver 10.10.20.2\nsearch iberia.local\n"
NTP = "server 10.10.20.2 iburst\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if reason := netns.why_none() or sshd.why_none():
        pytest.skip(reason)
    found = tmp_path_factory.mktemp("netns")
    found.chmod(0o755)
    return found


@pytest.fixture(scope="module")
def world(folder):
    """(runner, site, hosts)"""
    made = []
    try:
        for name in ("runner", "site", "hosts"):
            made.append(netns.machine(folder, name))
            made[-1].write("resolv.conf", RESOLV)
            made[-1].write("nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")
            made[-1].write("chrony/chrony.conf", NTP)
        runner, site, hosts = made
        to_runner, from_runner = netns.link(site, runner, 1)
        to_hosts, from_hosts = netns.link(site, hosts, 2)
        site.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        for address in SITE:
            site.ip(f"addr add {address} dev {to_hosts if '.24.' in address else to_runner}")
        for address in HOSTS:
            hosts.ip(f"addr add {address} dev {from_hosts}")
        hosts.ip("route add default via 10.10.24.1")
        runner.ip(f"addr add 10.10.30.2/24 dev {from_runner}")
        runner.ip("route add default via 10.10.30.1")
        runner.write("hosts", "127.0.0.1 localhost\n10.10.20.5 vcenter.iberia.local\n")
        hosts.write("hosts", "127.0.0.1 localhost\n10.10.20.5 vcenter.iberia.local\n")
        site.write("hosts", "127.0.0.1 localhost\n10.10.20.5 vcenter.iberia.local\n")
        yield runner, site, hosts
    finally:
        for machine in reversed(made):
            machine.close()


@pytest.fixture(scope="module")
def lab(world, folder):
    """The lab on the blog's addresses and the well-known ports."""
    _, site, _ = world
    process = site.start(
        sys.executable, "-m", "lab", "--state", "conforming", "--with-parent", f"--ca-dir={folder / 'ca'}",
        "--host=10.10.20.10", "--port=443", "--dns-host=10.10.25.40", "--dns-port=53",
        "--vcenter-host=10.10.20.5", "--vcenter-port=443", "--name=vcenter.iberia.local",
        cwd=ROOT, stdin=-1, stdout=-1, text=True,
    )  # fmt: skip
    endpoints = json.loads(process.stdout.readline())
    forwarder = site.start(
        sys.executable, str(Path(__file__).with_name("forwarder.py")), "10.10.20.2", "10.10.25.40",
        "vcenter.iberia.local=10.10.20.5", stdout=-1, text=True,
    )  # fmt: skip
    assert forwarder.stdout.readline() == "ready\n"
    yield endpoints
    process.stdin.close()
    process.wait(timeout=20)
    for pipe in (process.stdout, forwarder.stdout):
        pipe.close()


@pytest.fixture(scope="module")
def ssh_config(world, folder):
    _, site, hosts = world
    keys = folder / "ssh"
    keys.mkdir()
    found = None
    for machine, address in ((site, "10.10.20.10"), (hosts, "10.10.24.9"), (hosts, "10.10.24.160")):
        found = sshd.start(keys, address, 22, machine.prefix)
        machine.processes.append(found.process)
    return found.config


@pytest.fixture(scope="module")
def environment(lab, folder):
    """The blog's file as it is, with the CA files it names beside it."""
    home = folder / "environments"
    home.mkdir()
    shutil.copy(IBERIA, home)
    for name in ("controller-ca.pem", "vcenter-ca.pem"):
        shutil.copy(lab["ca_file"], home / name)
    return home / "iberia.yaml"


@pytest.fixture(scope="module")
def suite(world, lab, environment, ssh_config, folder):
    runner, _, _ = world

    def run(*options):
        vcenter = lab["vcenter"]
        ran = runner.run(
            sys.executable, "-m", "pytest", f"--environment={environment}", "-q", "-p", "no:cacheprovider", *options,
            cwd=ROOT, check=False, timeout=180,
            env={**os.environ, "AVI_USERNAME": lab["username"], "AVI_PASSWORD": lab["password"],
                 "VCENTER_USERNAME": vcenter["username"], "VCENTER_PASSWORD": vcenter["password"],
                 "AVI_SSH_CONFIG": str(ssh_config)},
        )  # fmt: skip
        return ran.returncode, ran.stdout + ran.stderr

    return run


def test_dig_from_the_ops_box(world, lab):
    """As in the blog: authoritative, TTL 30, no recursion, EDNS with 512 bytes."""
    if shutil.which("dig") is None:
        pytest.skip("dig is not installed (Debian: dnsutils)")
    _, _, hosts = world
    said = hosts.run("dig", "test.avi.iberia.local", "@10.10.25.40").stdout
    assert "status: NOERROR" in said
    assert re.search(r"flags: qr aa rd;", said), said
    assert "recursion requested but not available" in said
    assert "udp: 512" in said
    assert re.search(r"^test\.avi\.iberia\.local\.\s+30\s+IN\s+A\s+10\.10\.24\.10$", said, re.MULTILINE)


@lengths.WHOLE_RUN
def test_the_whole_suite_on_the_unmodified_file(suite, environment):
    assert environment.read_bytes() == IBERIA.read_bytes()
    status, said = suite()
    assert status == 0, said
    assert "CONFORMS" in said


@pytest.fixture
def no_route(world):
    _, _, hosts = world
    hosts.ip("route add unreachable 10.10.20.5/32")
    yield
    hosts.ip("route del unreachable 10.10.20.5/32")


@lengths.WHOLE_RUN
def test_host_without_a_route(suite, no_route):
    status, said = suite("checks/test_hosts.py")
    assert status == 1, said
    assert "1 failed" in said
    assert "k8sopsbox to vcenter" in said
    assert "No route to host" in said


@pytest.fixture
def other_resolver(world):
    _, _, hosts = world
    hosts.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    yield
    hosts.write("resolv.conf", RESOLV)


@lengths.WHOLE_RUN
def test_resolver_pointing_elsewhere(suite, other_resolver):
    """The configuration, and every name that no longer resolves through it, on the hosts that have it; no more."""
    status, said = suite("checks/test_hosts.py", "-rf")
    assert status == 1, said
    failed = set(re.findall(r"^FAILED checks/test_hosts\.py::(\w+)", said, re.MULTILINE))
    assert failed == {"test_nameservers", "test_resolves"}, said


@lengths.WHOLE_RUN
def test_firewalled_dns_service(world, suite):
    """The DNS service answers the runner and not the hosts: only the hosts' checks say so."""
    _, _, hosts = world
    hosts.ip("route add blackhole 10.10.25.40/32")
    try:
        status, said = suite("checks/test_hosts.py", "checks/test_names.py", "-rf")
    finally:
        hosts.ip("route del blackhole 10.10.25.40/32")
    assert status == 1, said
    failed = re.findall(r"^FAILED checks/(test_\w+)\.py::(\w+)", said, re.MULTILINE)
    assert set(failed) == {("test_hosts", "test_reaches")}, said
