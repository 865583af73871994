"""Step 1: the DNS profile."""

from intent import DnsProfile, require, require_once
from live.avi.snapshot import Live


def test_exists(profile: DnsProfile, live: Live) -> None:
    """{profile} exists.

    Severity: critical
    Why: the cloud needs it to register names.
    Do: create it under Templates > Profiles > IPAM/DNS Profiles.
    """
    require_once(profile, live.found(profile), live.elsewhere(profile))


def test_type(profile: DnsProfile, live: Live) -> None:
    """{profile} is of the declared type.

    Field: type
    Severity: critical
    Why: only the internal type answers from the Controller's own DNS virtual service.
    Do: create a profile of the right type and attach it to the cloud; the type of a profile in use does not change.
    """
    require(profile, live[profile], "type")


def test_domains(profile: DnsProfile, live: Live) -> None:
    """{profile} serves its domains.

    Field: domains
    Severity: critical
    Why: a virtual service gets its name under one of these domains; AKO refuses host names outside them.
    Do: edit the profile and add the domain.
    """
    require(profile, live[profile], "domains")


def test_domain_ttl(profile: DnsProfile, live: Live) -> None:
    """{profile} gives each domain its own TTL as declared.

    Field: domains.ttl
    Severity: minor
    Why: the TTL says how long resolvers keep an address after it has moved.
    Do: edit the profile's domain and set its record TTL.
    """
    require(profile, live[profile], "domains.ttl")


def test_ttl(profile: DnsProfile, live: Live) -> None:
    """{profile} registers names with the declared TTL.

    Field: ttl
    Severity: minor
    Why: too long and clients keep a dead address; too short and every query comes to the DNS service.
    Do: edit the profile and set its default record TTL.
    """
    require(profile, live[profile], "ttl")


def test_pass_through(profile: DnsProfile, live: Live) -> None:
    """The domains of {profile} pass unknown names on as declared.

    Field: domains.pass_through
    Why: passed on, a name that nobody has is asked of the servers behind; kept, it is answered at once that there is
        none.
    Do: edit the DNS profile's domain and switch pass-through to what is declared.
    """
    require(profile, live[profile], "domains.pass_through")
