"""Holes in AKO's validation of the rest of a site: Service Engine groups, names of clusters, users, versions."""

from __future__ import annotations

from collections.abc import Iterator

from avi_schema import Version, dotted
from intent.ako import CLUSTER_LABEL, CREATOR, GATEWAY, may_name_cluster
from intent.ako.case import AkoCase, AkoFinding, does_not_apply, doubtful, hole, traces, unseen, wrong
from intent.ako.seen import ADMIN, Certificate, SeGroup
from intent.ako.settings import (
    CLUSTER_IP,
    FAMILIES,
    FQDN_FORMS,
    NODE_PORT,
    NODE_PORT_LOCAL,
    SHARDS,
)
from intent.ako.steps import (
    CONTROLLERS,
    DOCUMENTED,
    LOGINS,
    NO_ACCESS,
    PUBLIC,
    StepOutcome,
    span,
    version_number,
)
from intent.ako.values import chart, chart_version, known_versions
from intent.words import did_you_mean, first_of

PLACEMENT_READY = "CLOUD_STATE_PLACEMENT_READY"
SERVICE_TYPES = (CLUSTER_IP, NODE_PORT, NODE_PORT_LOCAL)
MARKERS: Version = (20, 1, 6)
"""The first Controller that knows `markers`, which every VIP of AKO has."""
CHILDREN: Version = (21, 1, 4)
"""The first Controller that takes AKO's children of a shared service, one for each Ingress with TLS."""
SYSTEM_OBJECTS = (
    ("applicationprofile", "System-HTTP"),
    ("applicationprofile", "System-Secure-HTTP"),
    ("applicationprofile", "System-L4-Application"),
    ("networkprofile", "System-TCP-Proxy"),
    ("networkprofile", "System-UDP-Fast-Path"),
)
"""Objects that AKO names in what it makes, on every Controller."""
GATEWAY_OBJECTS = (
    ("applicationprofile", "System-SSL-Application"),
    ("networkprofile", "System-TCP-Fast-Path"),
    ("networkprofile", "System-SCTP-Proxy"),
    ("sslprofile", "System-Standard"),
)
"""Objects that the gateway container names as well."""
WRITE = (
    *("VIRTUALSERVICE", "POOL", "POOLGROUP", "HTTPPOLICYSET", "NETWORKSECURITYPOLICY", "AUTOSCALE"),
    *("DNSPOLICY", "NETWORKPROFILE", "APPLICATIONPROFILE", "APPLICATIONPERSISTENCEPROFILE"),
    *("HEALTHMONITOR", "ANALYTICSPROFILE", "IPAMDNSPROVIDERPROFILE", "CUSTOMIPAMDNSPROFILE"),
    *("TRAFFICCLONEPROFILE", "STRINGGROUP", "VSDATASCRIPTSET", "PKIPROFILE", "SSLKEYANDCERTIFICATE"),
    *("SERVICEENGINEGROUP", "NETWORK", "VRFCONTEXT", "L4POLICYSET"),
)
READ = (
    *("IPADDRGROUP", "PROTOCOLPARSER", "SSLPROFILE", "AUTHPROFILE", "CERTIFICATEMANAGEMENTPROFILE"),
    *("HARDWARESECURITYMODULEGROUP", "SSOPOLICY", "WAFPROFILE", "WAFPOLICY", "PINGACCESSAGENT", "CLOUD"),
    *("CONTROLLER", "SYSTEMCONFIGURATION", "TENANT"),
)
_IN_ADMIN = [("SERVICEENGINEGROUP", True), ("STRINGGROUP", True), ("VRFCONTEXT", True)] + [
    (each, False) for each in ("CLOUD", "NETWORK", "TENANT")
]
"""Rights that AKO's own roles give its user in its tenant, and in tenant admin."""
_CORE = frozenset({"VIRTUALSERVICE", "POOL", "CLOUD"})
"""Without these, no service of any kind is made. Networks AKO only reads, and a step fails where it may not."""


# Service Engine groups and their labels.


@hole("H1")
def group_is_there(case: AkoCase) -> Iterator[AkoFinding]:
    """The Service Engine group of the values exists in the cloud."""
    name, cloud = case.settings.se_group, case.settings.cloud
    _ = case.type
    known = case.view.groups(cloud)
    groups = [each for each in known if each.name == name]
    if not groups:
        hint = did_you_mean(name, {each.name for each in known})
        yield wrong(
            f"SE group {name}", f"none of this name in cloud {cloud}: AKO does not look at that{hint}"
        )
    elif len(groups) > 1:
        why = f"{len(groups)} of this name are seen in cloud {cloud}: AKO labels them all"
        yield doubtful(f"SE group {name}", f"{why}, and its services go to its own tenant's")


@hole("H2", lambda _settings, resources: any(each.se_group for each in resources.infra))
def groups_of_infra(case: AkoCase) -> Iterator[AkoFinding]:
    """The groups of AviInfraSettings bear no label of another cluster."""
    labels = case.boot.step("V5")
    if labels is not None and labels.outcome == StepOutcome.NOT_APPLICABLE:
        yield does_not_apply(f"AKO does not look at labels of groups: {labels.why}")
        return
    ours = (CLUSTER_LABEL, case.settings.cluster)
    for infra in case.resources.infra:
        for group in case.view.groups(case.settings.cloud):
            if group.name == infra.se_group and group.labels and ours not in group.labels:
                text = ", ".join(f"{key}={value}" for key, value in group.labels)
                yield doubtful(
                    f"SE group {group.name}",
                    f"AviInfraSetting {infra.name} names it, and it is labelled {text}: AKO does not start again",
                )


@hole("H25")
def labels_left_behind(case: AkoCase) -> Iterator[AkoFinding]:
    """No group bears a label that a failed start has left behind, and this start leaves none."""
    for write in case.boot.labels:
        if not write.value or not case.settings.cluster_is_valid:
            yield doubtful(
                f"SE group {write.group.name}",
                f"this start fails, and labels it {CLUSTER_LABEL}={write.value} all the same: "
                "the right name fails then",
            )
    for group in case.groups():
        if (value := left_behind(case, group)) is not None:
            label = f"{CLUSTER_LABEL}={value}"
            if value == case.settings.cluster:
                why = f"its label {label} was left behind by a failed start: with the right name AKO fails at it"
                yield doubtful(f"SE group {group.name}", why)
                continue
            why = f"its label {label} was left behind by a failed start: nothing else here is of a cluster of that name"
            yield doubtful(f"SE group {group.name}", why, "labels", None, label)


def left_behind(case: AkoCase, group: SeGroup) -> str | None:
    """The value of a group's label that is no cluster's; None where it is one's. Raises Unknown."""
    values = [value for key, value in group.labels if key == CLUSTER_LABEL]
    if len(group.labels) != 1 or not values:
        return None
    if not may_name_cluster(values[0]) or not values[0]:
        return values[0]  # AKO of such a name has never started
    return values[0] if values[0] not in traces(case) else None


# Names.


@hole("H15")
def cluster_is_alone(case: AkoCase) -> Iterator[AkoFinding]:
    """No other cluster that is declared bears the same name."""
    own = case.settings
    if own.primary and any(other.name == own.cluster and other.primary for other in case.others):
        yield wrong(
            f"cluster {case.settings.cluster}",
            "another AKO is declared with this name: each deletes the other's",
        )


@hole("H16")
def similar_names(case: AkoCase) -> Iterator[AkoFinding]:
    """No other cluster's name differs in case alone, or begins with this one's and `--`."""
    name = case.settings.cluster
    labels = {
        value
        for group in case.seen.of(case.seen.groups)
        for key, value in group.labels
        if key == CLUSTER_LABEL
    }
    for other in sorted((traces(case) | labels) - {name, ""}):
        if other.casefold() == name.casefold():
            yield doubtful(f"cluster {name}", f"cluster {other} differs from it in case alone")
        elif name and other.startswith(f"{name}--"):
            yield doubtful(f"cluster {name}", f"names of cluster {other}'s objects look like its own")
        elif other == f"{GATEWAY}{name}" and any(each.name == other for each in case.others):
            why = f"its gateway container writes {CREATOR}{other} into its objects, as cluster {other} does"
            yield doubtful(f"cluster {name}", why)


# The rest of the settings.


def _elsewhere(keys: list[str], version: Version) -> str:
    """The keys of the same last word that the chart of a version has in other sections."""
    words = {key.rpartition(".")[2] for key in keys}
    chart_of = chart_version(version)
    places = [".".join(key.path) for key in chart() if key.path[-1] in words and chart_of in key.defaults]
    return f"; the chart has {first_of(places, 6)}" if places else ""


@hole("H22")
def silent_defaults(case: AkoCase) -> Iterator[AkoFinding]:
    """Words that AKO does not know, and takes for something else without saying so."""
    settings = case.settings
    size, form = settings.text("shardVSSize"), settings.text("autoFQDN")
    if settings.service_type not in SERVICE_TYPES:
        yield doubtful(
            "values.yaml",
            f"serviceType {settings.service_type!r} is none of {', '.join(SERVICE_TYPES)}: AKO treats it as neither",
        )
    if size and size not in SHARDS:
        yield doubtful(
            "values.yaml",
            f"shardVSSize {size!r} is none of {', '.join(SHARDS)}: AKO makes one shared service",
        )
    if form and form not in FQDN_FORMS:
        yield doubtful(
            "values.yaml", f"autoFQDN {form!r} is none of {', '.join(FQDN_FORMS)}: L4 services get no name"
        )
    if keys := [each for each in settings.values.ignored if "." in each]:
        why = f"the chart of {dotted(settings.version)} does not know {first_of(keys, 6)}: nobody reads it"
        yield doubtful("values.yaml", why + _elsewhere(keys, settings.version))
    family = settings.text("ipFamily")
    if family and family in FAMILIES and case.boot.cloud and case.type in PUBLIC and family != "V4":
        yield doubtful("values.yaml", f"ipFamily {family} is not looked at in a public cloud")


# State of the site, users, versions.


@hole("H11")
def cloud_is_ready(case: AkoCase) -> Iterator[AkoFinding]:
    """The cloud can place Service Engines, and its group has room for a service."""
    _ = case.type
    cloud = case.boot.cloud
    if cloud is None or not cloud.state:
        yield unseen(f"cloud {case.settings.cloud}", "its state was not read")
    elif cloud.state != PLACEMENT_READY and case.type != NO_ACCESS:
        yield wrong(
            f"cloud {cloud.name}",
            f"its state is {cloud.state}" + (f": {cloud.reason}" if cloud.reason else ""),
        )
    for group in case.groups():
        room = group.max_engines * group.services_per_engine
        if group.max_engines < 1:
            yield wrong(f"SE group {group.name}", "it may have no Service Engine (max_se 0)")
        elif group.placed is not None and group.placed >= room:
            yield wrong(
                f"SE group {group.name}", f"{group.placed} services are in it, and it has room for {room}"
            )


@hole("H13")
def rights(case: AkoCase) -> Iterator[AkoFinding]:
    """The roles of AKO's user hold what AKO needs."""
    account = case.seen.account(case.settings.login.username)
    if account is None or (account.rights is None and not account.superuser):
        name = case.settings.login.username
        why = f"the roles of user {name} were not seen" if name else "the values do not name AKO's user"
        yield unseen("user", why)
        return
    missing = [
        (name, f"{'write' if write else 'read'} {name} in tenant {tenant}")
        for tenant, name, write in _needed(case)
        if not account.may(f"PERMISSION_{name}", tenant, write=write)
    ]
    if missing:
        shown = first_of((text for _, text in missing), 6)
        core = _CORE | ({"VRFCONTEXT"} if case.settings.writes_routes else frozenset())
        tell = wrong if any(name in core for name, _ in missing) else doubtful
        yield tell(f"user {account.name}", f"no role of his may {shown}")


def _needed(case: AkoCase) -> Iterator[tuple[str, str, bool]]:
    """(tenant, permission, whether to write) of all that AKO's own roles give it."""
    tenant = case.settings.tenant
    yield from ((tenant, name, True) for name in WRITE)
    yield from ((tenant, name, False) for name in READ)
    if tenant != ADMIN:
        yield from ((ADMIN, name, write) for name, write in _IN_ADMIN)


@hole("H14")
def logins(case: AkoCase) -> Iterator[AkoFinding]:
    """AKO's user may open as many sessions as AKO does, and its password does not end soon."""
    name = case.settings.login.username
    account = case.seen.account(name)
    if account is None:
        yield unseen(
            "user", f"no local user is named {name}" if name else "the values do not name AKO's user"
        )
        return
    values = case.settings.values
    wanted = LOGINS * (2 if values.gateway else 1) * max(1, values.replicas)
    if account.sessions and account.sessions < wanted:
        tell = wrong if account.sessions < LOGINS else doubtful
        yield tell(
            f"user {account.name}",
            f"its account profile {account.profile} allows {account.sessions} sessions, {wanted} are opened",
        )
    if account.password_days:
        why = (
            f"its password ends {account.password_days} days after it was set: then AKO does not start again"
        )
        yield doubtful(f"user {account.name}", why)


@hole("H18")
def portal_certificate(case: AkoCase) -> Iterator[AkoFinding]:
    """The Controller's own certificate is valid, and bears a name."""
    certificates = case.seen.of(case.seen.certificates)
    if not certificates:
        yield unseen("Controller", "its certificate was not seen")
    for each in certificates:
        if each.days_left is not None and each.days_left < 0:
            tell = wrong if case.settings.login.ca else doubtful
            yield tell(f"certificate {each.name}", "it has expired")
        host = case.settings.text("controllerIP")
        if case.settings.login.ca and each.names and not _is_for(each, host):
            why = f"it is for {', '.join(each.names)} and not for {host}, and AKO looks at that with CA data"
            yield doubtful(f"certificate {each.name}", why)
        if not each.common_name and not each.names:
            yield doubtful(
                f"certificate {each.name}", "it has neither a common name nor others: 31.2.1 refuses such"
            )


def _is_for(certificate: Certificate, host: str) -> bool:
    """Whether one of its alternative names is the host's."""
    names = {name.rpartition(":")[2] if name[:3] in ("DNS", "IP:") else name for name in certificate.names}
    return any(
        name.casefold() == host.casefold() or (name[:2] == "*." and host.partition(".")[2] == name[2:])
        for name in names
    )


@hole("H19", lambda settings, _resources: bool(settings.text("controllerVersion")))
def controller_version(case: AkoCase) -> Iterator[AkoFinding]:
    """The version that AKO is told to speak is not newer than the Controller."""
    given = version_number(case.settings.text("controllerVersion"))
    if given is None:
        yield doubtful(
            "values.yaml", f"controllerVersion {case.settings.text('controllerVersion')!r} is no version"
        )
    elif given > case.seen.version:
        yield wrong(
            "values.yaml",
            f"controllerVersion {dotted(given)} is newer than the Controller, {dotted(case.seen.version)}",
        )


@hole("S1")
def system_objects(case: AkoCase) -> Iterator[AkoFinding]:
    """The Controller's own profiles that AKO names are there."""
    gateway = GATEWAY_OBJECTS if case.settings.values.gateway else ()
    for api, name in (*SYSTEM_OBJECTS, *gateway):
        if api in case.seen.unread_types:
            yield unseen(f"{api} {name}", f"{api} was not read")
        elif (api, name) not in case.seen.names:
            tell = wrong if (api, name) in SYSTEM_OBJECTS else doubtful
            yield tell(f"{api} {name}", "it is not there: somebody has renamed or deleted it")


@hole("S2")
def version_range(case: AkoCase) -> Iterator[AkoFinding]:
    """This AKO is made for the Controller's version."""
    ako, known = case.settings.version, known_versions()
    oldest, newest = known[0], known[-1]
    if not oldest <= ako <= newest:
        nearest = dotted(min(max(ako, oldest), newest))
        yield unseen(f"AKO {dotted(ako)}", f"what it does is not known here: it is judged as {nearest} is")
    version, limits = case.seen.version, span(CONTROLLERS, ako)
    if version < MARKERS:
        yield wrong("Controller", f"{dotted(version)} does not know `markers`: it refuses every VIP of AKO")
    elif version < CHILDREN:
        yield doubtful(
            "Controller",
            f"{dotted(version)} refuses what AKO makes for an Ingress with TLS (vh_parent_vs_ref)",
        )
    elif limits and version < limits[0]:
        yield doubtful(
            "Controller", f"{dotted(version)} is older than what this AKO is made for, {dotted(limits[0])} on"
        )
    elif limits and ako <= newest:
        _, documented = span(DOCUMENTED, ako) or limits
        most = max(limits[1], documented)
        if version > most:
            yield doubtful(
                "Controller",
                f"{dotted(version)} is newer than what this AKO is made for, up to {dotted(most)}",
            )
