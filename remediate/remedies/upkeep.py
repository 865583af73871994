"""Remedies of backups, schedules and syslog, and what of the cluster and of certificates is for a person."""

from __future__ import annotations

from intent import EXISTENCE
from intent.kinds.upkeep import BackupSettings, Certificate, ControllerCluster, Schedule, Syslog
from remediate.registry import Case, Verdict, no_remedy, remedy

no_remedy(
    ControllerCluster,
    EXISTENCE,
    "every Controller has one cluster; read the site again, with a user who may see it",
)
no_remedy(
    ControllerCluster,
    ("virtual_ip", "nodes", "nodes.name"),
    "the cluster forms anew when a node or its address changes, and the API is away meanwhile; change it under "
    "Administration > Controller > Nodes",
)
no_remedy(
    Certificate,
    (EXISTENCE, "names", "issuer", "chain"),
    "a certificate comes from who issues it, and its key stands in no file; import it under Templates > "
    "Security > SSL/TLS Certificates",
)
no_remedy(
    BackupSettings,
    EXISTENCE,
    "backups need a passphrase, which stands in no file; set them up under Administration > System Settings > Backup",
)
no_remedy(
    BackupSettings,
    ("remote", "host", "directory"),
    "another host needs a user and a key there, which stand in no file; set it under Administration > System "
    "Settings > Backup, and start one to see that it works",
)
no_remedy(
    Schedule,
    EXISTENCE,
    "what a schedule does belongs to its making; make it under Administration > System Settings > Backup",
)


@remedy(BackupSettings, "keep", "local", risk="safe")
def set_backups(case: Case) -> Verdict:
    """Set how many backups stay on the Controller; the next ones follow."""
    return Verdict()


@remedy(Schedule, "enabled", "every", "unit", risk="safe")
def set_schedule(case: Case) -> Verdict:
    """Set when it runs; what it has done stays."""
    return Verdict()


@remedy(Syslog, EXISTENCE, "servers", "servers.udp", "servers.tls", "servers.format", risk="safe")
def set_servers(case: Case) -> Verdict:
    """Set where events go; one server goes only where the list is exact, and then misses what comes."""
    gone = tuple(f"syslog server {drift.element}" for drift in case.drifts if drift.removes)
    return Verdict(hit=gone, effect="it would be told of no event any more")
