"""Mapping of the cluster, backups, schedules, certificates and syslog <-> the Controller's objects of these types."""

from __future__ import annotations

from dataclasses import replace

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
from live.kinds.codecs import address, api_words, dig, dns_name, dns_name_at, enum, flag, ip, number, plain
from live.kinds.messages import elements

UNITS = {word: f"SCHEDULER_FREQUENCY_UNIT_{short}" for word, short in (
    ("minute", "MIN"), ("hour", "HOUR"), ("day", "DAY"), ("week", "WEEK"), ("month", "MONTH")
)}  # fmt: skip
FORMATS = api_words("SYSLOG_{}", ("legacy", "rfc5424", "json", "rfc5425-enhanced"))


def get_names(obj: Json, names: Names) -> tuple[str, ...]:
    """The names and addresses that a certificate is for."""
    listed = map(str, dig(obj, "certificate", "subject_alt_names") or ())
    return tuple(dict.fromkeys(dns_name((name.partition(":")[2] or name).strip()) for name in listed))


def get_chain(obj: Json, names: Names) -> tuple[str, ...]:
    """The certificates above one, the next first."""
    return tuple(str(entry.get("name", "")) for entry in obj.get("ca_certs", []))


_NODE = {"address": ip("ip"), "name": plain("name", default="node")}
_SERVER = {
    "server": dns_name_at("syslog_server"),
    "port": number("syslog_server_port", default=514),
    "udp": flag("udp"),
    "tls": flag("tls_enable", default=False),
    "format": enum(FORMATS, "format", default=FORMATS["legacy"]),
}
_NEW_SERVER = {"udp": True, "syslog_server_port": 514}


CLUSTER = Kind(
    ControllerCluster,
    "cluster",
    {
        "virtual_ip": Leaf("virtual_ip", lambda obj, _names: address(obj.get("virtual_ip"))),
        "nodes": replace(elements(ClusterNode, "address", _NODE, "nodes"), put=None),
    },
)

BACKUP = Kind(
    BackupSettings,
    "backupconfiguration",
    {
        "keep": number("maximum_backups_stored", default=4),
        "local": flag("save_local", default=False),
        "remote": flag("upload_to_remote_host", default=False),
        "host": plain("remote_hostname", decode=lambda name: dns_name(name) or None),
        "directory": plain("remote_directory"),
    },
)

SCHEDULE = Kind(
    Schedule,
    "scheduler",
    {
        "enabled": flag("enabled", default=True),
        "every": number("frequency"),
        "unit": enum(UNITS, "frequency_unit"),
    },
)

CERTIFICATE = Kind(
    Certificate,
    "sslkeyandcertificate",
    {
        "names": Leaf("certificate.subject_alt_names[]", get_names),
        "issuer": Leaf("certificate.issuer.common_name", plain("certificate", "issuer", "common_name").get),
        "chain": Leaf("ca_certs[].name", get_chain),
    },
    built_in=lambda obj: str(obj.get("name")) in installed("sslkeyandcertificate"),
)

SYSLOG = Kind(
    Syslog,
    "alertsyslogconfig",
    {"servers": elements(SyslogServer, "label", _SERVER, "syslog_servers", new=_NEW_SERVER)},
    built_in=lambda obj: str(obj.get("name")) in installed("alertsyslogconfig"),
)
