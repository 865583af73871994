"""Step 5: system settings of the Controller: its DNS service, name and time servers, access and tenancy."""

from intent import SystemSettings, require
from live.avi.snapshot import Live
from live.facts import upkeep
from live.facts.licence_tier import beyond_tier
from live.illness import roots
from live.illness.controller import LICENCE, UPGRADE


def test_dns_services(system: SystemSettings, live: Live) -> None:
    """The system's DNS service lists the declared virtual services.

    Field: dns_services
    Severity: critical
    Why: names are registered only in the DNS virtual services of this list.
    Do: add it under Administration > Settings > DNS Service; the list cannot be emptied again.
    """
    require(system, live[system], "dns_services")


def test_dns_servers(system: SystemSettings, live: Live) -> None:
    """The Controller asks its name servers in the declared order.

    Field: dns_servers
    Severity: critical
    Why: without them it finds neither vCenter nor NTP servers by name.
    Do: edit Administration > System Settings > DNS/NTP and set the name servers in their order.
    """
    require(system, live[system], "dns_servers")


def test_search_domain(system: SystemSettings, live: Live) -> None:
    """The Controller completes names with its search domain.

    Field: search_domain
    Severity: minor
    Why: names without a domain are not found.
    Do: edit Administration > System Settings > DNS/NTP and set the search domain.
    """
    require(system, live[system], "search_domain")


def test_ntp_servers(system: SystemSettings, live: Live) -> None:
    """The Controller takes its time from the declared NTP servers.

    Field: ntp_servers
    Severity: critical
    Why: with another time than vCenter's and the hosts', logins and certificates fail.
    Do: edit Administration > System Settings > DNS/NTP and set the NTP servers.
    """
    require(system, live[system], "ntp_servers")


def test_snmp_version(system: SystemSettings, live: Live) -> None:
    """The Controller speaks the declared version of SNMP.

    Field: snmp.version
    Why: version 2 sends its community in clear text.
    Do: edit Administration > System Settings > SNMP and choose the version.
    """
    require(system, live[system], "snmp.version")


def test_snmp_location(system: SystemSettings, live: Live) -> None:
    """The Controller tells its location by SNMP.

    Field: snmp.location
    Severity: minor
    Why: monitoring shows it to who is on call.
    Do: edit Administration > System Settings > SNMP and set the location.
    """
    require(system, live[system], "snmp.location")


def test_snmp_contact(system: SystemSettings, live: Live) -> None:
    """The Controller tells its contact by SNMP.

    Field: snmp.contact
    Severity: minor
    Why: monitoring shows it to who is on call.
    Do: edit Administration > System Settings > SNMP and set the contact.
    """
    require(system, live[system], "snmp.contact")


def test_banner(system: SystemSettings, live: Live) -> None:
    """The Controller shows its banner before a login.

    Field: banner
    Why: many rules of law and of the house ask for it.
    Do: edit Administration > System Settings > Access and set the login banner.
    """
    require(system, live[system], "banner")


def test_message_of_the_day(system: SystemSettings, live: Live) -> None:
    """The Controller shows its message after a login by SSH.

    Field: message_of_the_day
    Severity: minor
    Why: it says whose machine this is.
    Do: edit Administration > System Settings > Access and set the message of the day.
    """
    require(system, live[system], "message_of_the_day")


def test_basic_authentication(system: SystemSettings, live: Live) -> None:
    """The Controller takes passwords with each request only as declared.

    Field: portal.basic_authentication
    Severity: critical
    Why: with it a password goes over the wire with every request, and no session limit holds.
    Do: edit Administration > System Settings > Access and switch basic authentication to what is declared.
    """
    require(system, live[system], "portal.basic_authentication")


def test_http(system: SystemSettings, live: Live) -> None:
    """The Controller listens without TLS only as declared.

    Field: portal.http
    Severity: critical
    Why: without TLS passwords can be read on the way.
    Do: edit Administration > System Settings > Access and switch HTTP to what is declared.
    """
    require(system, live[system], "portal.http")


def test_redirect_to_https(system: SystemSettings, live: Live) -> None:
    """The Controller sends browsers on to TLS as declared.

    Field: portal.redirect_to_https
    Why: without it a browser stays where passwords can be read on the way.
    Do: edit Administration > System Settings > Access and switch the redirect to what is declared.
    """
    require(system, live[system], "portal.redirect_to_https")


def test_session_hours(system: SystemSettings, live: Live) -> None:
    """An API session at the Controller ends after as long as declared.

    Field: portal.session_hours
    Why: AKO logs in again when it ends; a long one stays open when its user is gone.
    Do: edit Administration > System Settings > Access and set the API session's time-out.
    """
    require(system, live[system], "portal.session_hours")


def test_strong_passwords(system: SystemSettings, live: Live) -> None:
    """The Controller asks for complex passwords as declared.

    Field: portal.strong_passwords
    Why: a simple password of an administrator is guessed.
    Do: edit Administration > System Settings > Access and switch the password check to what is declared.
    """
    require(system, live[system], "portal.strong_passwords")


def test_password_length(system: SystemSettings, live: Live) -> None:
    """The Controller asks for passwords of the declared length.

    Field: portal.min_password_length
    Why: a short password of an administrator is guessed.
    Do: edit Administration > System Settings > Access and set the minimum length of passwords.
    """
    require(system, live[system], "portal.min_password_length")


def test_portal_certificates(system: SystemSettings, live: Live) -> None:
    """The Controller shows the declared certificates.

    Field: portal.certificates
    Severity: critical
    Why: AKO and every client trust one certificate, and no other.
    Do: edit Administration > System Settings > Access and choose the certificate.
    """
    require(system, live[system], "portal.certificates")


def test_engines_of_provider(system: SystemSettings, live: Live) -> None:
    """New tenants share the Service Engines of tenant admin as declared.

    Field: tenancy_mode.engines_of_provider
    Why: a tenant with Service Engines of its own needs licences, networks and groups of its own.
    Do: edit Administration > System Settings > Tenancy Mode; it holds for tenants that are made from then on.
    """
    require(system, live[system], "tenancy_mode.engines_of_provider")


def test_engines_readable(system: SystemSettings, live: Live) -> None:
    """New tenants see the Service Engines of tenant admin as declared.

    Field: tenancy_mode.engines_readable
    Why: an AKO that does not see them cannot tell where its virtual services are.
    Do: edit Administration > System Settings > Tenancy Mode; it holds for tenants that are made from then on.
    """
    require(system, live[system], "tenancy_mode.engines_readable")


def test_own_vrfs(system: SystemSettings, live: Live) -> None:
    """New tenants have VRF contexts of their own as declared.

    Field: tenancy_mode.own_vrfs
    Why: AKO looks for its VRF context in its tenant first.
    Do: edit Administration > System Settings > Tenancy Mode; it holds for tenants that are made from then on.
    """
    require(system, live[system], "tenancy_mode.own_vrfs")


def test_license_tier(system: SystemSettings, live: Live) -> None:
    """The Controller has its default licence tier.

    Field: license_tier
    Severity: critical
    Why: another tier takes features away, or takes licences that were not planned for.
    Do: edit Administration > Licensing and choose the default tier.
    """
    require(system, live[system], "license_tier")


def test_licence_features(system: SystemSettings, live: Live) -> None:
    """The Controller's licence tier has what is declared.

    Where: systemconfiguration.default_license_tier
    Severity: critical
    Why: what a tier does not have is refused when it is written, and a lower one is never told until then.
    Do: choose another tier under Administration > Licensing, or take out of the file what it does not have.
    """
    tier, missing = beyond_tier(live)
    assert not missing, f"tier {tier} has not: {'; '.join(missing[:10])}"


def test_licences(system: SystemSettings, live: Live) -> None:
    """The Controller's licences are good, and a core is left for every Service Engine that is needed.

    Reads: license, licensing/ledger/details, licensing/status
    Where: license.valid_until
    Severity: critical
    Why: without a licensed core no Service Engine is made, and every service that needs one waits.
    Do: add a licence under Administration > Licensing, or remove Service Engines that nobody needs.
    """
    problem = roots.root_problem(live, LICENCE)
    assert not problem, problem


def test_upgrade_done(system: SystemSettings, live: Live) -> None:
    """No upgrade of the Controller is half done.

    Reads: upgradestatusinfo
    Where: upgradestatusinfo.state
    Why: while it is under way nothing can be written; groups that it left behind take nothing that is newer than they.
    Do: look at Administration > System Update; resume a paused upgrade, and upgrade the SE groups that are named.
    """
    problem = roots.root_problem(live, UPGRADE)
    assert not problem, problem


def test_portal_certificate(system: SystemSettings, live: Live) -> None:
    """The certificates of the Controller's portal are good.

    Reads: sslkeyandcertificate
    Where: systemconfiguration.portal_configuration.sslkeyandcertificate_refs
    Severity: critical
    Why: the portal shows it at once to everybody; who verifies it, AKO first, does not connect any more.
    Do: issue a new certificate, import it, and choose it under Administration > System Settings > Access.
    """
    expired = upkeep.expired_portal_certificates(live)
    assert not expired, "; ".join(expired)
