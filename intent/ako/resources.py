"""Custom resources of AKO that are given beside its values: AviInfraSettings, and what each kind refers to by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intent.ako.settings import NetworkGiven
from intent.ako.values import manifests

INFRA = "AviInfraSetting"

REFERENCES: Mapping[str, Mapping[str, str]] = {
    "HostRule": {
        "spec.virtualhost.tls.sslKeyCertificate.name": "sslkeyandcertificate",
        "spec.virtualhost.tls.sslKeyCertificate.alternateCertificate.name": "sslkeyandcertificate",
        "spec.virtualhost.tls.sslProfile": "sslprofile",
        "spec.virtualhost.wafPolicy": "wafpolicy",
        "spec.virtualhost.applicationProfile": "applicationprofile",
        "spec.virtualhost.analyticsProfile": "analyticsprofile",
        "spec.virtualhost.errorPageProfile": "errorpageprofile",
        "spec.virtualhost.icapProfile": "icapprofile",
        "spec.virtualhost.httpPolicy.policySets": "httppolicyset",
        "spec.virtualhost.datascripts": "vsdatascriptset",
        "spec.virtualhost.networkSecurityPolicy": "networksecuritypolicy",
    },
    "HTTPRule": {
        "spec.paths.tls.sslProfile": "sslprofile",
        "spec.paths.tls.pkiProfile": "pkiprofile",
        "spec.paths.applicationPersistence": "applicationpersistenceprofile",
        "spec.paths.healthMonitors": "healthmonitor",
    },
    "L4Rule": {
        "spec.applicationProfileRef": "applicationprofile",
        "spec.networkProfileRef": "networkprofile",
        "spec.analyticsProfileRef": "analyticsprofile",
        "spec.sslProfileRef": "sslprofile",
        "spec.sslKeyAndCertificateRefs": "sslkeyandcertificate",
        "spec.networkSecurityPolicyRef": "networksecuritypolicy",
        "spec.securityPolicyRef": "securitypolicy",
        "spec.vsDatascriptRefs": "vsdatascriptset",
        "spec.backendProperties.applicationPersistenceProfileRef": "applicationpersistenceprofile",
        "spec.backendProperties.healthMonitorRefs": "healthmonitor",
        "spec.backendProperties.pkiProfileRef": "pkiprofile",
        "spec.backendProperties.sslProfileRef": "sslprofile",
        "spec.backendProperties.sslKeyAndCertificateRef": "sslkeyandcertificate",
    },
    "L7Rule": {
        "spec.botPolicyRef": "botdetectionpolicy",
        "spec.securityPolicyRef": "securitypolicy",
        "spec.trafficCloneProfileRef": "trafficcloneprofile",
        "spec.analyticsProfile": "analyticsprofile",
        "spec.wafPolicy": "wafpolicy",
        "spec.icapProfile": "icapprofile",
        "spec.errorPageProfile": "errorpageprofile",
        "spec.applicationProfile": "applicationprofile",
        "spec.httpPolicy.policySets": "httppolicyset",
    },
    "SSORule": {
        "spec.ssoPolicyRef": "ssopolicy",
        "spec.oauthVsConfig.oauthSettings.authProfileRef": "authprofile",
        "spec.samlSpConfig.signingSslKeyAndCertificateRef": "sslkeyandcertificate",
    },
}
"""Fields of each kind that name an object of the Controller, with its type. Every list on the way is gone through."""


@dataclass(frozen=True)
class InfraSetting:
    """An AviInfraSetting: what of it depends on the Controller."""

    name: str
    se_group: str = ""
    vip_networks: tuple[NetworkGiven, ...] = ()
    node_networks: tuple[NetworkGiven, ...] = ()
    rhi: bool = False
    bgp_labels: tuple[str, ...] = ()
    listeners: tuple[bool, ...] | None = None
    """Whether each listener has TLS; None where none is given."""


@dataclass(frozen=True)
class ResourceReference:
    """A name in a custom resource: the resource, its field, and the type and name of the object."""

    resource: str
    field: str
    type: str
    name: str


@dataclass(frozen=True)
class Resources:
    """The custom resources of a cluster."""

    infra: tuple[InfraSetting, ...] = ()
    references: tuple[ResourceReference, ...] = ()


def load(paths: list[Path]) -> Resources:
    """The custom resources of these files; other manifests in them are left alone. Raises Invalid."""
    every = [manifest for path in paths for _, manifest in manifests(path)[1]]
    infra = tuple(_infra(each) for each in every if each.get("kind") == INFRA)
    return Resources(infra, tuple(reference for each in every for reference in _references(each)))


def _infra(manifest: dict[str, Any]) -> InfraSetting:
    spec = manifest.get("spec")
    network = _dig(spec, "network")
    listeners = _dig(network, "listeners")
    labels = _dig(network, "bgpPeerLabels")
    return InfraSetting(
        _label(manifest),
        str(_dig(spec, "seGroup", "name") or ""),
        _networks(_dig(network, "vipNetworks")),
        _networks(_dig(network, "nodeNetworks")),
        _dig(network, "enableRhi") is True,
        tuple(map(str, labels)) if isinstance(labels, list) else (),
        tuple(_dig(each, "enableSSL") is True for each in listeners) if isinstance(listeners, list) else None,
    )


def _networks(value: Any) -> tuple[NetworkGiven, ...]:
    rows = value if isinstance(value, list) else []
    return tuple(
        NetworkGiven(
            name=str(row.get("networkName") or ""),
            uuid=str(row.get("networkUUID") or ""),
            cidr=str(row.get("cidr") or ""),
            cidr6=str(row.get("v6cidr") or ""),
        )
        for row in rows
        if isinstance(row, dict)
    )


def _references(manifest: dict[str, Any]) -> Iterator[ResourceReference]:
    kind = str(manifest.get("kind"))
    for field, api in REFERENCES.get(kind, {}).items():
        for name in _texts(manifest, field.split(".")):
            if (
                api == "sslkeyandcertificate"
                and ".sslKeyCertificate." in f"{field}."
                and _dig(manifest, *field.split(".")[:-1], "type") != "ref"
            ):
                continue  # the name of a Secret in Kubernetes
            yield ResourceReference(f"{kind} {_label(manifest)}", field, api, name)


def _texts(part: Any, path: list[str]) -> Iterator[str]:
    """The texts at a path, through every list on the way."""
    if isinstance(part, list):
        for each in part:
            yield from _texts(each, path)
    elif not path:
        if isinstance(part, str) and part:
            yield part
    elif isinstance(part, dict):
        yield from _texts(part.get(path[0]), path[1:])


def _label(manifest: dict[str, Any]) -> str:
    space, name = _dig(manifest, "metadata", "namespace"), _dig(manifest, "metadata", "name")
    return f"{space}/{name}" if space else str(name)


def _dig(part: Any, *path: str) -> Any:
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    return part
