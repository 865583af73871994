"""Start of AKO: sessions, what it asks before it works, its validation, its caches, and its first writes [CLIENT].

A start that fails has written all the same what its steps write: labels of Service Engine groups, under whatever name
it was given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from avi_schema import dotted
from lab.ako.api import LOGINS, Api, ApiError, named
from lab.ako.labels import Hangs
from lab.ako.preflight import PUBLIC, Crashes, Failure, Preflight
from lab.ako.routes import own_routes, write_routes
from lab.ako.settings import KUBERNETES, Settings
from lab.ako.vips import Vip, hash_name
from lab.objects import Json

if TYPE_CHECKING:
    from lab.assembly import Lab

ACTIVE = ("CLUSTER_UP_NO_HA", "CLUSTER_UP_HA_ACTIVE", "CLUSTER_UP_HA_COMPROMISED")
HIGHEST = (30, 2, 1)
"""The newest version that AKO asks a Controller for by itself; before 1.12.1 it was OLD_HIGHEST."""
OLD_HIGHEST = (22, 1, 3)
LOWEST = (22, 1, 3)
"""A version that is given and is older makes AKO call itself until its stack is full."""
CACHED = (
    "pkiprofile",
    "pool",
    "poolgroup",
    "vsdatascriptset",
    "httppolicyset",
    "l4policyset",
    "sslkeyandcertificate",
    "vsvip",
    "virtualservice",
)
IN_CLOUD = ("pool", "poolgroup", "vsvip", "virtualservice")
STARTS, FAILS, CRASHES, HANGS, IDLE = (
    "starts",
    "does not start",
    "crashes",
    "hangs",
    "starts with sync off",
)
"""What a start comes to."""


class Fatal(Exception):
    """AKO says why and ends with exit code 1."""


@dataclass
class Boot:
    """One start and what came of it. `exit_code` is None while the process runs."""

    settings: Settings
    api: Api
    verdict: str = STARTS
    exit_code: int | None = None
    failures: list[Failure] = field(default_factory=list)
    logged: str = ""
    """The text that AKO gives as its reason; "" where it has none."""
    lines: list[str] = field(default_factory=list)
    vrf: str = ""
    vips: list[Vip] = field(default_factory=list)
    domains: tuple[str, ...] = ()
    own: dict[tuple[str, str], str] = field(default_factory=dict)
    """The uuids of what it made before, by type and name."""

    @property
    def working(self) -> bool:
        """Whether it makes and keeps objects from now on."""
        return self.verdict == STARTS


def boot(lab: Lab, settings: Settings, api: Api) -> Boot:
    """Start AKO against the Controller, over sessions that it opens in `api`."""
    started = Boot(settings, api)
    try:
        for step in (_before, _validated, _caches, _first_writes):
            if not step(lab, started):
                break
    except Fatal as fatal:
        started.verdict, started.exit_code, started.logged = FAILS, 1, str(fatal)
        started.lines.append(f"FATAL\t{fatal}")
    except Crashes as crash:
        started.verdict, started.exit_code, started.logged = CRASHES, 2, str(crash)
    except Hangs as hang:
        started.verdict, started.lines = HANGS, [*started.lines, f"ERROR\t{hang}"]
    return started


def _before(lab: Lab, start: Boot) -> bool:
    """What comes before the validation: Kubernetes, credentials, logins, versions, the cluster's state."""
    given, api = start.settings, start.api
    _kubernetes(given)
    opened(lab, start)
    try:
        state = api.get("/api/cluster/runtime")["cluster_state"]["state"]
    except ApiError:
        state = ""
    if state not in ACTIVE:
        raise Fatal("Avi Controller Cluster state is not Active, shutting down AKO")
    try:
        system = api.get("/api/systemconfiguration")
    except ApiError as error:
        start.lines.append(f"WARN\tUnable to get the license tier: {error}")
    else:
        if not system.get("default_license_tier"):
            raise Crashes("panic: runtime error: invalid memory address: default_license_tier")
    return True


def opened(lab: Lab, start: Boot, sessions: int = LOGINS) -> None:
    """Open sessions with the credentials that are given, and settle the version. Raises Fatal and Crashes."""
    given, api = start.settings, start.api
    address, credentials = given.get("ControllerSettings.controllerHost"), given.get("avicredentials") or {}
    own = "controllerHost" not in given.values.get("ControllerSettings", {})
    username = credentials.get("username", lab.site.username)
    password = credentials.get("password", "" if credentials.get("authtoken") else lab.site.password)
    token = credentials.get("authtoken") or ""
    if not (address or own) or not username or not (password or token):
        raise Fatal(_missing(given, address=bool(address or own), username=str(username or "")))
    if not api.login(str(username), str(password or ""), str(token), sessions):
        start.lines.append("ERROR\tAVI controller initialization failed")
        raise Fatal("Avi client not initialized")
    _speak(start)


def _kubernetes(given: Settings) -> None:
    """Refuse a release of Kubernetes that this version was not built for. Raises Fatal."""
    known = next((span for span in KUBERNETES if given.version >= span[0]), None)
    if given.kubernetes and known is not None:
        oldest, newest = (tuple(map(int, each.split("."))) for each in known[1:])
        asked = tuple(int(part) for part in given.kubernetes.split(".")[:2] if part.isdecimal())
        if not oldest <= asked <= newest:
            why = "Please check the supportability guide."
            raise Fatal(f"Unsupported kubernetes apiserver version detected. {why}")


def _missing(given: Settings, *, address: bool, username: str) -> str:
    where = "Update them in avi-secret."
    if not address and given.version >= (1, 14, 1):
        where = "Update the controller IP in ConfigMap : avi-k8s-config"
    return f"Avi Controller information missing (username: {username}, password: , authToken: , controller: ). {where}"


def _speak(start: Boot) -> None:
    """Settle the version that every request names. Raises Crashes."""
    given = start.settings.text("ControllerSettings.controllerVersion")
    if given:
        start.api.version = given
        if () < _parts(given) < LOWEST:
            raise Crashes("")
        return
    version = str(start.api.get("/api/initial-data")["version"]["Version"])
    start.api.version = version
    most = HIGHEST if start.settings.version >= (1, 12, 1) else OLD_HIGHEST
    if _parts(version) > most:
        highest = dotted(most)
        start.lines.append(f"WARN\tOverwriting the controller version {version} to max Avi version {highest}")
        start.api.version = highest


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdecimal())


def _validated(_lab: Lab, start: Boot) -> bool:
    """Validate what it was given; whether it goes on."""
    check = Preflight(start.api, start.settings, lines=start.lines)
    try:
        goes_on = check.run()
    finally:
        start.failures, start.vrf = check.failures, check.vrf
        start.vips = [] if check.kind in PUBLIC else check.vips  # there its networks are no objects
        start.logged = check.failures[-1].text if check.failures else ""
    if check.failures:
        rebooted = any(each.group == "R" and not each.soft for each in check.failures)
        why = f"AKO will be rebooted to retry {start.logged}" if rebooted else "sync will be disabled."
        if not goes_on:
            start.lines.append(f"ERROR\tInvalid input detected, {why}")
        start.lines.append(f"ERROR\tError while validating input: {start.logged}")
    if not goes_on:
        why = "sync is disabled because of configmap unavailability during bootup"
        start.lines.append(f"ERROR\tHandle configmap error during reboot, shutting down AKO. Error is: {why}")
        start.verdict, start.exit_code = FAILS, 0
    return goes_on


def _caches(_lab: Lab, start: Boot) -> bool:
    """Read what it made before, its cloud and its domains. A read that fails closes its API server in the end."""
    given, api = start.settings, start.api
    if given.text("AKOSettings.cniPlugin") == "calico" and given.routed and not given.cni_resources:
        raise Hangs("failed to list *v1.BlockAffinity: the server could not find the requested resource")
    everywhere = "" if given.flag("ControllerSettings.dedicatedTenantMode") else "*"
    try:
        if start.vrf and given.routed:
            api.get(named("vrfcontext", start.vrf, cloud_ref__name=given.cloud))
        for kind in CACHED:
            for obj in api.every(_cache_uri(given, kind), tenant=everywhere):
                start.own[kind, str(obj["name"])] = str(obj["uuid"])
        row = api.get(named("cloud", given.cloud))["results"][0]
    except ApiError as error:
        start.verdict, start.logged = IDLE, f"failed to populate cache, disabling sync: {error}"
        start.lines.append(f"ERROR\t{start.logged}")
        return False
    _profiles(start, row)
    try:
        api.get("/api/cluster")
    except ApiError as error:
        start.lines.append(f"WARN\tUnable to get the cluster's uuid: {error}")
    return True


def _cache_uri(given: Settings, kind: str) -> str:
    """How AKO asks for what it made: by its creator, a VIP by the beginning of its name."""
    mine = (
        f"name.contains={quote_plus(given.cluster)}--"
        if kind == "vsvip"
        else f"created_by={quote_plus(given.creator)}"
    )
    within = f"&cloud_ref.name={quote_plus(given.cloud)}" if kind in IN_CLOUD else ""
    return f"/api/{kind}/?include_name&{mine}{within}&page_size=100"


def _profiles(start: Boot, cloud: Json) -> None:
    """Read the IPAM profile by its name, and the DNS domains. Raises Crashes where there is no such profile."""
    api, ipam = start.api, hash_name(cloud.get("ipam_provider_ref"))
    try:
        missing = bool(ipam) and not api.get(named("ipamdnsproviderprofile", ipam))["count"]
    except ApiError as error:
        missing = False
        start.lines.append(f"WARN\tThe IPAM profile was not read: {error}")
    if missing:
        raise Crashes("panic: runtime error: index out of range [0] with length 0")
    try:
        start.domains = domains_of(api, cloud)
    except ApiError:
        start.domains = ()
    if not start.domains:
        name = start.settings.cloud
        start.lines.append(f"WARN\tCloud: {name} does not have a dns provider configured")


def domains_of(api: Api, cloud: Json) -> tuple[str, ...]:
    """The DNS domains of a cloud. Raises ApiError."""
    answer = api.get(f"/api/ipamdnsproviderprofiledomainlist?cloud_uuid={cloud.get('uuid')}")
    return tuple(sorted(answer.get("domains", [])))


def _first_writes(lab: Lab, start: Boot) -> bool:
    """Write the static routes of the pod networks. With deleteConfig nothing of its own is left instead."""
    given = start.settings
    if given.deletes_own:
        start.verdict = IDLE
        start.lines.append("WARN\tAKO is in disable sync state")
        return False
    if given.routed and given.nodes and start.vrf:
        settle_routes(lab, start)
    return True


def settle_routes(lab: Lab, start: Boot, *, gone: bool = False) -> None:
    """Write its routes, or with `gone` take them away; a refusal is in the log."""
    wanted = [] if gone else own_routes(start.settings, lab.site.random)
    try:
        if line := write_routes(start.api, start.settings, start.vrf, wanted):
            start.lines.append(line)
    except ApiError as error:
        start.lines.append(f"WARN\tVRF context was not written: {error}")
