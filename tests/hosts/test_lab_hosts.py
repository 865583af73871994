"""Faults of the lab's hosts, each named by its own check and by no other."""

from __future__ import annotations

import importlib
import inspect
import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from fixtures import check_doc
from intent import Blocked, Drifted, Unknown, load_environment
from live.site import Site
from tests import lengths
from tests.runs.harness import lab_of
from tests.site import IBERIA

pytestmark = lengths.WHOLE_SITE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lab():
    with lab_of("--state", "conforming") as lab:
        yield lab


@pytest.fixture(scope="module")
def site(lab):
    environment = lab.overlay(load_environment(IBERIA))
    found = Site(environment, lab.credentials)
    found.needs |= {need for function in checks() for need in check_doc.read(function).needs}
    yield found
    found.close()


def checks():
    module = importlib.import_module("checks.test_hosts")
    return [f for f in vars(module).values() if inspect.isfunction(f) and f.__module__ == module.__name__]


def control(lab, body):
    trust = ssl.create_default_context(cafile=lab.endpoints["ca_file"])
    request = urllib.request.Request(f"{lab.endpoints['control']}hosts", json.dumps(body).encode())
    with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
        return json.load(answer)


WELL = {"down": False, "cut": [], "nameservers": ["10.10.20.2"], "ntp_servers": ["10.10.20.2"], "skew": 0.0}


@pytest.fixture
def planted(lab):
    yield lambda **changes: control(lab, {"name": "k8sopsbox", **changes})
    control(lab, {"name": "k8sopsbox", **WELL})


def verdicts(site):
    hosts, said = site.hosts, {}
    hosts.forget()
    for function in checks():
        doc = check_doc.read(function)
        (parameter, kind), *_ = doc.kinds
        for one in site.environment.each(kind):
            if doc.field and not one.declares(doc.field):
                continue
            try:
                function(**{parameter: one, "hosts": hosts})
            except (Drifted, AssertionError, Blocked, Unknown) as outcome:
                said[function.__name__, str(one)] = outcome
    return said


def test_conforming(site, planted):
    assert verdicts(site) == {}


FAULTS = [
    pytest.param(
        {"cut": ["controller"]},
        {("test_reaches", "k8sopsbox to controller")},
        "No route to host",
        id="no route",
    ),
    pytest.param(
        {"cut": ["vcenter"]}, {("test_reaches", "k8sopsbox to vcenter")}, "No route to host", id="no vCenter"
    ),
    pytest.param({"skew": 90.0}, {("test_clock", "k8sopsbox")}, "its clock is about +90 s", id="clock"),
    pytest.param({"ntp_servers": ["1.2.3.4"]}, {("test_ntp_servers", "k8sopsbox")}, "1.2.3.4", id="NTP"),
]


@lengths.sampled(2)
@pytest.mark.parametrize(("fault", "expected", "says"), FAULTS)
def test_fault(site, planted, fault, expected, says):
    planted(**fault)
    said = verdicts(site)
    assert set(said) == expected
    assert all(says in str(found) for found in said.values())


def test_no_route_to_the_dns_service(site, planted):
    """The path fails; what would be asked over it is blocked by that, and the host's resolver still answers."""
    planted(cut=["dns"])
    said = verdicts(site)
    failed = {at for at, why in said.items() if not isinstance(why, Blocked)}
    assert failed == {("test_reaches", "k8sopsbox to local-dns-site1")}
    assert {at[0] for at, why in said.items() if isinstance(why, Blocked)} == {"test_dns_service"}


def test_resolver_pointing_elsewhere(site, planted):
    """Named as what it is, and by each name that no longer resolves through it; never as the service's fault."""
    planted(nameservers=["8.8.8.8"])
    said = verdicts(site)
    assert {at[0] for at in said} == {"test_nameservers", "test_resolves"}
    assert "8.8.8.8" in str(said["test_nameservers", "k8sopsbox"])
    assert all("k8sopsbox" in at[1] for at in said)


def test_host_that_is_down(site, planted):
    """Unknown, and nobody else is any worse for it."""
    planted(down=True)
    said = verdicts(site)
    assert all(isinstance(why, Unknown) and "k8sopsbox" in at[1] for at, why in said.items())
    assert ("test_answers", "k8sopsbox") in said
    assert ("test_reaches", "s1az1-k8s-master to controller") not in said


def test_unknown_change_is_refused(lab):
    with pytest.raises(urllib.error.HTTPError) as refused:
        control(lab, {"name": "k8sopsbox", "colour": "red"})
    with refused.value as answer:
        assert "a host has no colour" in answer.read().decode()
