"""Start of AKO: its steps in the order in which it takes them, evaluated on what was read from the Controller. Pure.

Each step has an outcome and AKO's text. What can be read with GET alone decides; what cannot is said to be not seen.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from pydantic import SecretStr

from avi_schema import dotted
from intent.ako import texts
from intent.ako.resources import InfraSetting
from intent.ako.seen import ADMIN, Network, Seen
from intent.ako.settings import FAMILIES, NODE_PORT_LOCAL, NetworkGiven, Settings, is_whole
from intent.ako.steps import (
    CAPS,
    CONTROLLERS,
    KUBERNETES,
    LOGINS,
    NO_ACCESS,
    NSXT,
    PUBLIC,
    UP,
    VCENTER,
    Boot,
    StartEnds,
    StepOutcome,
    StepResult,
    go_json,
    resolved,
    span,
    version_number,
)
from intent.ako.validation import Validation
from intent.ako.values import AkoLogin, known_versions
from intent.drift import Unknown

CACHED = (
    *("PKIPROFILE", "POOL", "POOLGROUP", "VSDATASCRIPTSET", "HTTPPOLICYSET", "L4POLICYSET"),
    *("SSLKEYANDCERTIFICATE", "VIRTUALSERVICE"),
)
"""Permissions of what AKO reads into its caches; where one is refused, it closes its API server in the end."""

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----")


class _Starting(Validation):
    """One start, from the first step to the last that can end it."""

    def before(self) -> None:
        """The steps before the validation, each of which ends AKO where it fails. Raises StartEnds."""
        settings, login = self.settings, self.settings.login
        self._kubernetes()
        host = settings.text("controllerIP")
        missing = login.username == "" or (login.password is not None and not any(login.secrets))
        if not host or missing:
            old = settings.version < (1, 14, 1)
            case = "credentials" if host or old else "address"
            hidden = {
                "username": login.username or "",
                "password": _hidden(login.password, login),
                "token": _hidden(login.token, login),
                "controller": host,
            }
            what = "no controllerHost is given" if not host else "avicredentials is incomplete"
            self.failed("B1", "values.yaml", what, case=case, goes_on=False, **hidden)
            raise StartEnds
        given = login.username is not None and (login.password is not None or login.token is not None)
        self.passed("B1", "values.yaml", "" if given else "credentials are not in this file")
        self._login()
        self._vouched()
        self._model()
        self.trying("B5", self._cluster_state)
        if self.results[-1].outcome == "failed":
            raise StartEnds
        self._licence()

    def _kubernetes(self) -> None:
        limits, version = span(KUBERNETES, self.settings.version), self.settings.kubernetes
        if not version:
            self.not_seen("B0", "Kubernetes", "its version is not declared")
        elif limits and limits[0] <= version[:2] <= limits[1]:
            self.passed("B0", f"Kubernetes {dotted(version)}")
        elif limits is None or self.settings.version > known_versions()[-1]:
            self.results.append(
                StepResult(
                    "B0", StepOutcome.UNKNOWN, "Kubernetes", "what this version of AKO takes is not known"
                )
            )
        else:
            why = (
                f"Kubernetes {dotted(version)}, and this AKO takes {dotted(limits[0])} to {dotted(limits[1])}"
            )
            self.failed("B0", "Kubernetes", why, goes_on=False)
            raise StartEnds

    def _login(self) -> None:
        try:
            account = self.account()
        except Unknown as cause:
            self.not_seen("B2", "user", str(cause))
            return
        if account is not None and account.refused:
            self.failed("B2", f"user {account.name}", account.refused, goes_on=False)
            raise StartEnds
        if account is not None and account.locked:
            self.failed("B2", f"user {account.name}", "the user is suspended", goes_on=False)
            raise StartEnds
        if account is not None and account.sessions and account.sessions < LOGINS:
            why = f"account profile {account.profile} allows {account.sessions} sessions; AKO opens {LOGINS} at once"
            self.failed("B2", f"user {account.name}", why, goes_on=False)
            raise StartEnds
        if account is not None:
            why = "it was logged in as" if account.proved else "as far as can be seen without its password"
            self.passed("B2", f"user {account.name}", why)
            return
        name = f"user {self.settings.login.username}"
        self.not_seen("B2", name, "no local one: it may come from a directory service")

    def _vouched(self) -> None:
        """B3: with CA data, the Controller's certificate is to be vouched for by it."""
        data = self.settings.login.ca
        if not data:
            self.passed("B3", "Controller", "no CA data is given: AKO does not look at the certificate")
        elif not (own := certificates_in(data)):
            why = "certificateAuthorityData holds no certificate: AKO trusts none, and no login succeeds"
            self.failed("B3", "values.yaml", why, goes_on=False)
            raise StartEnds
        else:
            self.trying("B3", partial(self._issued, own))
            if self.results[-1].outcome == "failed":
                raise StartEnds

    def _issued(self, trusted: frozenset[bytes]) -> None:
        """Whether a certificate of the portal is itself trusted; by whom another was signed is not seen from here."""
        for each in self.seen.of(self.seen.certificates):
            if not (shown := certificates_in(each.pem)):
                continue
            what = f"certificate {each.name}"
            if shown & trusted:
                self.passed("B3", what, "it is in certificateAuthorityData itself")
            elif each.self_signed:
                why = "it is self-signed, and certificateAuthorityData does not hold it"
                self.failed("B3", what, why, goes_on=False)
            else:
                break
            return
        why = (
            "whether certificateAuthorityData vouches for the Controller's certificate shows when AKO logs in"
        )
        self.not_seen("B3", "Controller", why)

    def _licence(self) -> None:
        """B6: the licence tier, without which AKO panics; where it may not be read, AKO only warns."""
        what = "system configuration"
        if why := self.denial("PERMISSION_SYSTEMCONFIGURATION", self.settings.tenant):
            self.passed("B6", what, f"{why}: AKO warns, and goes on")
        elif self.seen.licence is None:
            self.not_seen("B6", what, "it was not read")
        elif not self.seen.licence:
            self.panics("B6", what, "AKO panics: it has no default_license_tier")
        else:
            self.passed("B6", what, self.seen.licence)

    def _model(self) -> None:
        given = self.settings.text("controllerVersion")
        if not given:
            cap = span(CAPS, self.settings.version)
            if cap and self.seen.version > cap:
                own = dotted(self.seen.version)
                text = texts.steps()["B4"].text().filled(version=own, maximum=dotted(cap))
                self.results.append(StepResult("B4", StepOutcome.PASSED, "Controller", text, text))
            else:
                self.passed(
                    "B4",
                    "Controller",
                    f"AKO speaks the Controller's own version, {dotted(self.seen.version)}",
                )
            return
        version, limits = version_number(given), span(CONTROLLERS, self.settings.version)
        oldest = limits[0] if limits else ()
        if version is not None and version < oldest:
            why = f"controllerVersion {given} is below {dotted(oldest)}: AKO calls itself until its stack overflows"
            self.panics("B4", "values.yaml", f"{why}, and logs nothing")
        self.passed("B4", "values.yaml", f"controllerVersion {given} is sent as it is")

    def _cluster_state(self) -> None:
        given = version_number(self.settings.text("controllerVersion"))
        if given is not None and given > self.seen.version:
            why = f"controllerVersion {dotted(given)} is newer than the Controller ({dotted(self.seen.version)})"
            self.failed("B5", "Controller", why, goes_on=False)
            return
        if given is None and (text := self.settings.text("controllerVersion")):
            why = f"controllerVersion {text!r} is no version: the Controller refuses every call"
            self.failed("B5", "Controller", why, goes_on=False)
            return
        if self._may_not_read_state():
            self.failed("B5", "Controller", "AKO's user may not read the cluster's state", goes_on=False)
            return
        if isinstance(self.seen.cluster_state, str):
            if self.seen.cluster_state not in UP:
                self.failed("B5", "Controller", f"its cluster is {self.seen.cluster_state}", goes_on=False)
                return
            self.passed("B5", "Controller", self.seen.cluster_state)
            return
        raise Unknown(self.seen.cluster_state.why)

    def _may_not_read_state(self) -> bool:
        """Whether AKO's user was refused it in its tenant and in tenant admin, when it was logged in as."""
        try:
            account = self.account()
        except Unknown:
            return False
        asked = {(tenant, "PERMISSION_CONTROLLER") for tenant in (self.settings.tenant, ADMIN)}
        return account is not None and asked <= account.denied

    def validate(self) -> None:
        """Every step of the validation. Raises StartEnds where it ends in the middle."""
        self.trying("V1", self.tenant)
        self.look_at_cloud()
        if self.settings.vrf and self.by_name:
            self.trying("V3", self.named_vrf)
            if self.results[-1].outcome != "passed":
                raise StartEnds
        else:
            self.skipped("V3", "no vrfName is given, or this type of cloud has no use for it")
        self.required()
        self.look_at_groups()
        self.look_at_node_networks()
        self._bgp()
        self._public()
        self.look_at_vip_vrf()
        self._cni_and_family()

    def _bgp(self) -> None:
        labels = self.settings.bgp_labels
        if labels and not self.settings.switch("enableRHI"):
            shown = ",".join(go_json(label) for label in labels)
            self.failed("V7", "values.yaml", "bgpPeerLabels is given and enableRHI is not true", labels=shown)
        else:
            self.passed("V7", "values.yaml")

    def _public(self) -> None:
        if self.type not in PUBLIC:
            self.skipped("V8", "the cloud is no public one")
        elif not self.vips:
            self.failed("V8", "values.yaml", "there are no VIP networks")
        else:
            self.passed("V8", "values.yaml")

    def _cni_and_family(self) -> None:
        settings = self.settings
        if settings.service_type == NODE_PORT_LOCAL and settings.cni != "antrea":
            self.failed("V10", "values.yaml", f"serviceType is NodePortLocal and cniPlugin {settings.cni!r}")
        else:
            self.passed("V10", "values.yaml")
        if (family := settings.family(self.type)) not in FAMILIES:
            self.failed("V11", "values.yaml", f"ipFamily is {family!r}", case="family")
        elif self.type not in (VCENTER, NO_ACCESS, NSXT) and any(each.cidr6 for each in self.vips or ()):
            self.failed("V11", "values.yaml", f"v6cidr is given and the cloud is {self.type}", case="cloud")
        else:
            self.passed("V11", "values.yaml")

    def after(self) -> None:
        """What of the later steps can end AKO."""
        if any(each.outcome == "failed" for each in self.results):
            return
        settings = self.settings
        if settings.deletes_own:
            self.failed("C1", "values.yaml", "deleteConfig is true: AKO deletes all it made")
        if not is_whole(settings.text("fullSyncFrequency")):
            self.failed(
                "C11", "values.yaml", "fullSyncFrequency is no whole number: the first full sync is left out"
            )
            self.only_warns(StepOutcome.WARNING)
        if settings.cni == "calico" and settings.writes_routes:
            why = "AKO waits for calico's BlockAffinity: without that resource it hangs, and is never ready"
            self.not_seen("C14", "Kubernetes", why)
        self.trying("C3", self._caches)
        if self.vrf is not None and self.cloud is not None and self.settings.writes_routes:
            self.trying("C3b", self._vrf_is_there)
        self.trying("C5", self._ipam)
        self.trying("C7", self._cluster_uuid)

    def _cluster_uuid(self) -> None:
        """The uuid of the Controller's cluster, which AKO does without."""
        if why := self.denial("PERMISSION_CONTROLLER", self.settings.tenant):
            user = f"user {self.settings.login.username}"
            self.results.append(StepResult("C7", StepOutcome.WARNING, user, why))
        else:
            self.passed("C7", "Controller")

    def _caches(self) -> None:
        """Its VRF context, which it reads where it writes routes, and what AKO has made before, in all tenants."""
        if self.vrf and self.settings.writes_routes and self.view_for("PERMISSION_VRFCONTEXT") is None:
            why = self.denial("PERMISSION_VRFCONTEXT", self.settings.tenant)
            self.failed("C3", f"user {self.settings.login.username}", why)
            return
        for name in CACHED:
            if why := self.denial(f"PERMISSION_{name}", self.settings.tenant):
                self.failed("C3", f"user {self.settings.login.username}", why)
                return
        self.passed("C3")

    def _vrf_is_there(self) -> None:
        assert self.vrf is not None
        if self.view.vrfs(self.settings.cloud, self.vrf):
            self.passed("C3b", f"VRF context {self.vrf}")
        else:
            self.failed(
                "C3b", f"VRF context {self.vrf}", "it is not seen: no route is ever written", vrf=self.vrf
            )
            self.only_warns(StepOutcome.WARNING)

    def _ipam(self) -> None:
        if self.cloud is None or not self.cloud.ipam:
            self.skipped("C5", "the cloud has no IPAM profile")
        elif not self.view.profiles(self.cloud.ipam_name):
            why = f"AKO panics: tenant {self.settings.tenant} sees no IPAM profile {self.cloud.ipam_name}"
            self.panics("C5", f"cloud {self.cloud.name}", why)
        else:
            self.passed("C5", f"IPAM profile {self.cloud.ipam_name}")


def boot(settings: Settings, seen: Seen, infra: Iterable[InfraSetting] = ()) -> Boot:
    """How AKO of these settings starts on this site. `infra`: the AviInfraSettings that are in its cluster."""
    starting = _Starting(settings, seen, infra)
    try:
        starting.before()
        starting.validate()
        starting.after()
    except StartEnds:
        pass
    networks = _vip_networks(starting)
    return Boot(tuple(starting.results), tuple(starting.labels), starting.cloud, starting.vrf, networks)


def validated(settings: Settings, seen: Seen, infra: Iterable[InfraSetting] = ()) -> Boot:
    """The validation alone, as a further container does it."""
    starting = _Starting(settings, seen, infra)
    with suppress(StartEnds):
        starting.validate()
    return Boot(tuple(starting.results), tuple(starting.labels), starting.cloud, starting.vrf)


def _hidden(secret: SecretStr | None, login: AkoLogin) -> str:
    """What reports show of a credential: stars, and nothing where it is empty to AKO as well."""
    unknown = login.password is None and login.token is None
    return "***" if unknown or (secret is not None and secret.get_secret_value()) else ""


def certificates_in(pem: str) -> frozenset[bytes]:
    """The certificates in a text, as DER; none in a text that is no PEM."""
    certificates = set()
    for block in _PEM.findall(pem):
        with suppress(ValueError):
            certificates.add(base64.b64decode("".join(block.split()), validate=True))
    return frozenset(certificates)


def _vip_networks(starting: _Starting) -> tuple[tuple[NetworkGiven, Network | None], ...]:
    given = starting.settings.vip_networks(starting.type).networks
    try:
        vrf = starting.settings.vrf if starting.by_name else ""
        return tuple(
            (each, resolved(starting.view, starting.settings, each, vrf, starting.cloud)) for each in given
        )
    except Unknown:
        return ()
