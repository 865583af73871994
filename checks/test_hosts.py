"""Step 5: the hosts of the site, and what each must reach, resolve and keep."""

from intent import Host, HostLookup, HostPath, require
from intent.words import roughly
from live.sources.hosts import Hosts


def test_answers(host: Host, hosts: Hosts) -> None:
    """Commands can be run on {host}.

    Where: testinfra
    Why: what a host can reach and resolve is asked on the host itself.
    Do: see the host's connection in the environment file, and user and key in the SSH configuration.
    """
    assert hosts.visit(host), "it did not answer"


def test_reaches(path: HostPath, hosts: Hosts) -> None:
    """There is a way from {path}.

    Where: on the host: a TCP connection, for a DNS service a question over UDP
    Severity: critical
    Why: what the runner reaches, a host behind other routes and firewalls may not.
    Do: look at the host's routes and at the firewalls between.
    """
    why_not = hosts.why_not(path)
    assert not why_not, why_not


def test_resolves(name: HostLookup, hosts: Hosts) -> None:
    """{name} resolves through the host's own resolver.

    If: is answered on its host
    Where: on the host: getent ahosts
    Severity: critical
    Why: applications ask the host's resolver, which must delegate the domain to the DNS service.
    Do: look at the host's name servers, and at the delegation of the domain to the DNS service.
    """
    have, wanted = hosts.own(name), hosts.wanted(name)
    assert have == wanted, f"{', '.join(have) or 'no address'} instead of {', '.join(wanted)}"


def test_dns_service(name: HostLookup, hosts: Hosts) -> None:
    """{name} resolves through the DNS service itself.

    If: is answered on its host
    Where: on the host: dig @ the DNS service
    Severity: critical
    Why: it tells a fault of the service from one of the host's resolver.
    Do: compare with the static records, and with the VIP the virtual service has now.
    """
    answer, wanted = hosts.asked(name), hosts.wanted(name)
    assert answer.rcode == "NOERROR", f"the answer is {answer.rcode}"
    assert answer.addresses == wanted, (
        f"{', '.join(answer.addresses) or 'no address'} instead of {', '.join(wanted)}"
    )


def test_nameservers(host: Host, hosts: Hosts) -> None:
    """The resolver of {host} asks its name servers.

    Field: nameservers
    Where: on the host: /etc/resolv.conf, behind systemd-resolved its own
    Why: another server knows nothing of the domain that is delegated to the DNS service.
    Do: set the host's name servers where its network is configured.
    """
    require(host, hosts.configured(host), "nameservers")


def test_ntp_servers(host: Host, hosts: Hosts) -> None:
    """{host} has its time servers.

    Field: ntp_servers
    Where: on the host: the configuration of chrony, ntpd or systemd-timesyncd
    Why: hosts that follow other clocks drift apart from the Controller.
    Do: set the servers in the host's NTP configuration.
    """
    require(host, hosts.configured(host), "ntp_servers")


def test_clock(host: Host, hosts: Hosts) -> None:
    """The clock of {host} agrees with this machine's.

    Field: max_skew
    Where: on the host: date
    Why: certificates, tokens and logs are compared by time.
    Do: start the host's NTP client.
    """
    skew, slack = hosts.skew(host)
    assert host.max_skew is None or abs(skew) - slack <= host.max_skew, (
        f"its clock is {roughly(skew)} s from this machine's"
    )
