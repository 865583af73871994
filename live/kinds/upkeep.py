"""Mapping of the cluster, backups, schedules, certificates and syslog <-> the Controller's objects of these types."""

from __future__ import annotations

from functools import partial
from typing import Any

from intent.kinds.upkeep import (
    BackupSettings,
    Certificate,
    ClusterNode,
    ControllerCluster,
    Schedule,
    Syslog,
    SyslogServer,
)
from live.avi.identity import Json, Names
from live.kinds.accounts import installed
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import address, dig, enum, flag, number, plain, whole
from live.kinds.messages import merge_by, put_members

UNITS = {word: f"SCHEDULER_FREQUENCY_UNIT_{short}" for word, short in (
    ("minute", "MIN"), ("hour", "HOUR"), ("day", "DAY"), ("week", "WEEK"), ("month", "MONTH")
)}  # fmt: skip
FORMATS = {
    "legacy": "SYSLOG_LEGACY",
    "rfc5424": "SYSLOG_RFC5424",
    "json": "SYSLOG_JSON",
    "rfc5425-enhanced": "SYSLOG_RFC5425_ENHANCED",
}


def get_nodes(obj: Json, names: Names) -> tuple[ClusterNode, ...]:
    """The nodes of the cluster."""
    return tuple(ClusterNode.model_construct(**_node(node)) for node in obj.get("nodes", []))


def _node(node: Json) -> Json:
    return {"address": address(node.get("ip")), "name": node.get("name", "node")}


def get_names(obj: Json, names: Names) -> tuple[str, ...]:
    """The names and addresses that a certificate is for."""
    spelled = (
        str(name).partition(":")[2] or str(name)
        for name in dig(obj, "certificate", "subject_alt_names") or ()
    )
    return tuple(dict.fromkeys(name.strip().rstrip(".").lower() for name in spelled))


def get_chain(obj: Json, names: Names) -> tuple[str, ...]:
    """The certificates above one, the next first."""
    return tuple(str(entry.get("name", "")) for entry in obj.get("ca_certs", []))


_SERVER = {
    "udp": flag("udp"),
    "tls": flag("tls_enable", default=False),
    "format": enum(FORMATS, "format", default=FORMATS["legacy"]),
}


def get_servers(obj: Json, names: Names) -> tuple[SyslogServer, ...]:
    """The syslog servers."""
    return tuple(
        SyslogServer.model_construct(**_server(entry, names)) for entry in obj.get("syslog_servers", [])
    )


def _server(entry: Json, names: Names) -> Json:
    server = str(entry.get("syslog_server", "")).rstrip(".").lower()
    members = {name: leaf.get(entry, names) for name, leaf in _SERVER.items()}
    return {"server": server, "port": whole(entry.get("syslog_server_port", 514)), **members}


def put_servers(obj: Json, value: tuple[SyslogServer, ...], names: Names) -> None:
    """Write the syslog servers; what an entry holds besides, such as its certificate, stays."""
    wanted: list[tuple[str, Any]] = [
        (each.label, partial(_put_server, each=each, names=names)) for each in value
    ]

    def label(entry: Json) -> str:
        return SyslogServer.model_construct(**_server(entry, names)).label

    obj["syslog_servers"] = merge_by(obj.get("syslog_servers", []), label, wanted)


def _put_server(entry: Json, each: SyslogServer, names: Names) -> None:
    entry.setdefault("syslog_server", each.server)
    entry.setdefault("syslog_server_port", each.port)
    entry.setdefault("udp", each.udp if each.udp is not None else True)
    put_members(entry, each, _SERVER, names)


CLUSTER = Kind(
    ControllerCluster,
    "cluster",
    {
        "virtual_ip": Leaf("virtual_ip", lambda obj, _names: address(obj.get("virtual_ip"))),
        "nodes": Leaf("nodes[]", get_nodes),
    },
)

BACKUP = Kind(
    BackupSettings,
    "backupconfiguration",
    {
        "keep": number("maximum_backups_stored", default=4),
        "local": flag("save_local", default=False),
        "remote": flag("upload_to_remote_host", default=False),
        "host": plain("remote_hostname"),
        "directory": plain("remote_directory"),
    },
    also=("tenant",),
)

SCHEDULE = Kind(
    Schedule,
    "scheduler",
    {
        "enabled": flag("enabled", default=True),
        "every": number("frequency"),
        "unit": enum(UNITS, "frequency_unit"),
    },
    also=("tenant",),
)

CERTIFICATE = Kind(
    Certificate,
    "sslkeyandcertificate",
    {
        "names": Leaf("certificate.subject_alt_names[]", get_names),
        "issuer": Leaf("certificate.issuer.common_name", plain("certificate", "issuer", "common_name").get),
        "chain": Leaf("ca_certs[].name", get_chain),
    },
    also=("tenant",),
    built_in=lambda obj: str(obj.get("name")) in installed("sslkeyandcertificate"),
)

SYSLOG = Kind(
    Syslog,
    "alertsyslogconfig",
    {"servers": Leaf("syslog_servers[]", get_servers, put_servers)},
    also=("tenant",),
    built_in=lambda obj: str(obj.get("name")) in installed("alertsyslogconfig"),
)
