"""Upgrades of AKO and of the Controller, before they happen: what the newer version will change, delete or refuse here.

Each finding follows from what is on the Controller and what is declared of its clusters; sources are AKO's release
branches and changelog, and the vendor's published models [CLIENT] [PUBLIC]. What no source tells is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from avi_schema import Version, dotted, parse_version
from intent import Cluster, Environment, Unknown
from intent.ako import BY_LABEL, CLUSTER_LABEL, texts
from intent.ako.files import with_files
from intent.ako.steps import CONTROLLERS, DOCUMENTED, StepOutcome, span
from intent.kinds.ako import Ako
from live.ako.seen import collections, version_of
from live.ako.verdicts import judged
from live.avi.identity import Json
from live.avi.snapshot import Live
from live.facts.runtime import messages
from live.kinds.codecs import dig, prefix

COLLECTIONS = frozenset(
    {"cluster/runtime", "cloud", "vrfcontext", "serviceenginegroup", "virtualservice", "pool"}
    | {"sslkeyandcertificate", "useraccountprofile"}
)
"""What is read for them."""

NO_BARE_CERTIFICATE: Version = (31, 2, 1)
OWN_TIMEOUT: Version = (2, 1, 1)
CONTAINS: Version = (1, 14, 1)
PASSWORD_POLICY: Version = (32, 1, 1)
HOST_HEADER: Version = (31, 1, 1)
TOLD_UP_TO = {"AKO": (2, 2, 1), "Controllers": (32, 1, 1)}
"""The newest releases of which a source tells what they change."""


@dataclass(frozen=True)
class UpgradeFinding:
    """What an upgrade does here. `stops`: it refuses or deletes something; otherwise it only changes something."""

    about: str
    text: str
    do: str
    stops: bool = False


@dataclass(frozen=True)
class Target:
    """What is to be upgraded, and to which version; None stays as it is."""

    ako: Version | None = None
    controller: Version | None = None

    def passes(self, now: Version, then: Version | None, at: Version) -> bool:
        """Whether an upgrade from one version to another passes the one that changed something."""
        return then is not None and now < at <= then


def findings(live: Live, environment: Environment, target: Target) -> tuple[list[UpgradeFinding], list[str]]:
    """What changes, and what could not be told for want of reading. Raises Unknown without the Controller's version."""
    clusters = environment.each(Cluster)
    site = _UpgradedSite(live, version_of(live), tuple(clusters), target, environment)
    every: list[UpgradeFinding] = []
    unread: list[str] = []
    for look in LOOKS:
        try:
            every += look(site)
        except Unknown as why:
            unread.append(str(why))
    return every, list(dict.fromkeys(unread))


@dataclass(frozen=True)
class _UpgradedSite:
    live: Live
    now: Version
    clusters: tuple[Cluster, ...]
    target: Target
    environment: Environment

    def controllers(self, at: Version) -> bool:
        return self.target.passes(self.now, self.target.controller, at)

    def version_then(self, cluster: Cluster) -> Version | None:
        """The version that a cluster's AKO will have; None where none is declared."""
        return self.target.ako or (parse_version(cluster.version) if cluster.version else None)

    def upgraded(self, at: Version) -> Iterator[tuple[Cluster, str]]:
        """The clusters whose AKO passes a version, with how reports name that upgrade."""
        for cluster in self.clusters:
            if cluster.version and self.target.passes(parse_version(cluster.version), self.target.ako, at):
                yield (
                    cluster,
                    f"cluster {cluster.name}, AKO {cluster.version} to {dotted(self.target.ako or ())}",
                )


def older_versions(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """What runs a newer version already."""
    akos = [
        (f"AKO of cluster {cluster.name}", parse_version(cluster.version), site.target.ako)
        for cluster in site.clusters
        if cluster.version
    ]
    for about, now, then in [("the Controller", site.now, site.target.controller), *akos]:
        if then is not None and then < now[: len(then)]:
            text = f"it is version {dotted(now)}, and {dotted(then)} is older: that is no upgrade"
            yield UpgradeFinding(about, text, "give a newer version", stops=True)


def unknown_releases(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Nothing; raises Unknown for a version that is newer than every source."""
    for what, then in (("AKO", site.target.ako), ("Controllers", site.target.controller)):
        if then is not None and then > (newest := TOLD_UP_TO[what]):
            raise Unknown(
                f"what {what} newer than {dotted(newest)} change, up to {dotted(then)}: no source of theirs is known "
                "here; read their release notes"
            )
    yield from ()


def undeclared_versions(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Clusters of which the AKO's version is not declared: nothing of its upgrade can be told."""
    if site.target.ako is None:
        return
    for cluster in site.clusters:
        if cluster.version is None:
            yield UpgradeFinding(
                f"cluster {cluster.name}", "its AKO's version is not declared", "declare `version` of it"
            )


def foreign_routes(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Routes that the newer AKO deletes: those whose first label is nobody's clustername."""
    for cluster, about in site.upgraded(BY_LABEL):
        for row, route in _routes(site.live, cluster):
            marks = messages(route.get("labels"))
            if marks and marks[0].get("key") != CLUSTER_LABEL:
                mark = f"{marks[0].get('key')}={marks[0].get('value')}"
                yield UpgradeFinding(
                    about,
                    f"AKO deletes route {_route(route)} of VRF context {row['name']}: its first label is {mark}",
                    "take the label off the route, or give the cluster a VRF context of its own",
                    stops=True,
                )


def left_routes(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Own routes of the older form without a label, which the newer AKO takes for nobody's, and keeps for ever."""
    for cluster, about in site.upgraded(BY_LABEL):
        for row, route in _routes(site.live, cluster):
            identifier = str(route.get("route_id") or "")
            number = identifier.removeprefix(f"{cluster.name}-")
            if identifier != number and number.isdecimal() and not messages(route.get("labels")):
                yield UpgradeFinding(
                    about,
                    f"route {_route(route)} of VRF context {row['name']} has no label: AKO writes its own beside it",
                    "delete it after the upgrade",
                )


def route_names(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Ids of routes, which the newer AKO makes anew at each start."""
    for _, about in site.upgraded(BY_LABEL):
        text = (
            "the ids of its routes change at every start of AKO, from <cluster>-<n> to <cluster>-<uuid>-<n>"
        )
        yield UpgradeFinding(about, text, "compare routes by prefix and next hop, in what watches them")


def label_rule(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """AKO's look at the label of its SE group."""
    for _, about in site.upgraded(CONTAINS):
        yield UpgradeFinding(
            about,
            "AKO logs `Labels do not match` in place of `Labels does not match`, and no longer starts when the "
            "label's write is answered 412",
            "look for both texts, in what watches its log",
        )
        yield UpgradeFinding(
            about,
            "its roles change: READ of CONTROLLER comes from the role for all tenants, and no longer from ako-tenant",
            "give AKO's user the roles of the newer version before the upgrade",
            stops=True,
        )


def pool_timeouts(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """The graceful timeout of pools, which one of the two must set."""
    for _, about in site.upgraded(OWN_TIMEOUT):
        yield UpgradeFinding(
            about,
            "AKO writes a graceful timeout of 60 s into every pool of its own",
            "nothing: it is the former default",
        )
    if not site.controllers(NO_BARE_CERTIFICATE):
        return
    for cluster in site.clusters:
        version = site.version_then(cluster)
        if version is not None and version < OWN_TIMEOUT:
            yield UpgradeFinding(
                f"cluster {cluster.name}, AKO {dotted(version)}",
                "its pools lose their graceful timeout of 1 minute: the Controller sets no default from 31.2.1 on",
                "upgrade AKO to 2.1.1 or later first",
                stops=True,
            )


def ranges(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """AKOs that are made for other Controllers than there will be."""
    controller = site.target.controller or site.now
    versions = {cluster.name: site.version_then(cluster) for cluster in site.clusters}
    for name, version in versions.items():
        if version is None:
            continue
        for table, source in ((CONTROLLERS, "its build"), (DOCUMENTED, "its documentation")):
            limits = span(table, version)
            if limits and not limits[0] <= controller <= limits[1]:
                first, last = map(dotted, limits)
                yield UpgradeFinding(
                    f"cluster {name}, AKO {dotted(version)}",
                    f"{source} claims Controllers {first} to {last}, and this one is {dotted(controller)}",
                    "look up the pair in the vendor's matrix; AKO itself does not test it",
                )


def certificates(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Certificates with neither common name nor alternative names, which the Controller refuses from 31.2.1 on."""
    if not site.controllers(NO_BARE_CERTIFICATE):
        return
    for row in site.live.rows("sslkeyandcertificate"):
        certificate = row.get("certificate")
        if not isinstance(certificate, dict):
            continue
        if not dig(certificate, "subject", "common_name") and not certificate.get("subject_alt_names"):
            maker = f", made by {row['created_by']}" if row.get("created_by") else ""
            yield UpgradeFinding(
                f"certificate {row['name']}",
                f"it has neither a common name nor alternative names{maker}: the Controller refuses it from 31.2.1 on",
                "issue it anew with alternative names before the upgrade",
                stops=True,
            )


def accounts(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Limits of accounts, which move into other members."""
    if site.controllers(PASSWORD_POLICY):
        names = ", ".join(sorted(str(row["name"]) for row in site.live.rows("useraccountprofile")))
        yield UpgradeFinding(
            f"user account profiles {names}",
            "lockout, expiry and history move into constraints of their own, or into a password policy",
            "look at the profile of AKO's user after the upgrade: no expiry, no lockout, enough sessions",
        )


def host_header(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """The check of the Host header, which is new."""
    if site.controllers(HOST_HEADER):
        yield UpgradeFinding(
            "system configuration",
            "the Controller can refuse clients that address it by an unlisted name (enable_host_header_check)",
            "list AKO's controllerHost before the check is turned on",
        )


def verdicts_after(site: _UpgradedSite) -> Iterator[UpgradeFinding]:
    """Steps and holes of the declared AKOs that pass today and will not."""
    if not site.environment.each(Ako):
        return
    before = judged(site.environment, site.live)
    after = judged(_upgraded(site), site.live, site.target.controller)
    for (name, today), verdict in zip(before.items(), after.values(), strict=True):
        wrong = {(each.step, each.what, each.why) for each in today.wrong}
        for each in verdict.wrong:
            if each.step != "S2" and (each.step, each.what, each.why) not in wrong:  # `ranges` tells that
                logs = f"; AKO logs: {each.text}" if each.text else ""
                yield UpgradeFinding(
                    f"AKO of cluster {name}, step {each.step}",
                    f"{each.what}: {each.why}{logs}",
                    texts.steps()[each.step].do,
                    stops=each.outcome is StepOutcome.FAILED,
                )


def _upgraded(site: _UpgradedSite) -> Environment:
    """The environment with its AKOs of the newer version: their values are read with its chart's defaults."""
    if site.target.ako is None:
        return site.environment
    akos = [ako.model_copy(update={"version": dotted(site.target.ako)}) for ako in site.environment.each(Ako)]
    return site.environment.replaced(ako=with_files(akos, site.environment.path.parent))


def needed(environment: Environment) -> frozenset[str]:
    """The collections that are read for it."""
    akos = environment.each(Ako)
    return COLLECTIONS | (collections(ako.files for ako in akos) if akos else frozenset())


LOOKS: tuple[Callable[[_UpgradedSite], Iterator[UpgradeFinding]], ...] = (
    older_versions,
    unknown_releases,
    verdicts_after,
    *(undeclared_versions, foreign_routes, left_routes, route_names, label_rule, pool_timeouts),
    *(ranges, certificates, accounts, host_header),
)


def _routes(live: Live, cluster: Cluster) -> Iterator[tuple[Json, Json]]:
    """The routes of the VRF contexts that a cluster's AKO writes: the declared one, else those that hold its routes."""
    for row in live.rows("vrfcontext"):
        routes = messages(row.get("static_routes"))
        if cluster.cloud not in (None, live.names.cloud_of(row)):
            continue
        own = row["name"] == cluster.vrf if cluster.vrf else any(_is_of(route, cluster) for route in routes)
        if own:
            yield from ((row, route) for route in routes)


def _is_of(route: Json, cluster: Cluster) -> bool:
    named = str(route.get("route_id") or "").startswith(f"{cluster.name}-")
    marks = messages(route.get("labels"))[:1]
    return named or any(
        mark.get("key") == CLUSTER_LABEL and mark.get("value") == cluster.name for mark in marks
    )


def _route(route: Json) -> str:
    return f"{route.get('route_id') or ''} to {prefix(route.get('prefix')) or '?'}"
