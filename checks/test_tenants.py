"""Step 1: tenants, and what they share with tenant admin."""

from intent import require, require_once
from intent.kinds.accounts import Tenant
from live.avi.snapshot import Live


def test_exists(tenant: Tenant, live: Live) -> None:
    """{tenant} exists.

    Severity: critical
    Why: AKO stops its synchronisation when its tenant is missing.
    Do: create it under Administration > Accounts > Tenants; what it shares is decided then.
    """
    require_once(tenant, live.found(tenant), live.elsewhere(tenant))


def test_engines_of_provider(tenant: Tenant, live: Live) -> None:
    """{tenant} shares the Service Engines of tenant admin as declared.

    Field: settings.engines_of_provider
    Severity: critical
    Why: with Service Engines of its own it needs licences, networks and groups of its own.
    Do: compare with the declaration; it cannot be changed later without making the tenant anew.
    """
    require(tenant, live[tenant], "settings.engines_of_provider")


def test_engines_readable(tenant: Tenant, live: Live) -> None:
    """{tenant} sees the Service Engines of tenant admin as declared.

    Field: settings.engines_readable
    Severity: critical
    Why: an AKO that does not see them cannot tell where its virtual services are.
    Do: compare with the declaration; it cannot be changed later without making the tenant anew.
    """
    require(tenant, live[tenant], "settings.engines_readable")


def test_own_vrfs(tenant: Tenant, live: Live) -> None:
    """{tenant} has VRF contexts of its own as declared.

    Field: settings.own_vrfs
    Severity: critical
    Why: AKO looks for its VRF context in its tenant first.
    Do: compare with the declaration; it cannot be changed later without making the tenant anew.
    """
    require(tenant, live[tenant], "settings.own_vrfs")
