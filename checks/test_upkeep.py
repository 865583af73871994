"""Step 6: the Controller's cluster, backups, certificates and syslog."""

from intent import require, require_once
from intent.kinds.upkeep import BackupSettings, Certificate, ControllerCluster, Schedule, Syslog
from live.avi.snapshot import Live
from live.facts import upkeep


def test_virtual_ip(cluster: ControllerCluster, live: Live) -> None:
    """{cluster} has its virtual address.

    Field: virtual_ip
    Severity: critical
    Why: AKO and every client that know another address lose the Controller with its leader.
    Do: edit Administration > Controller > Nodes and set the cluster's address.
    """
    require(cluster, live[cluster], "virtual_ip")


def test_nodes(cluster: ControllerCluster, live: Live) -> None:
    """{cluster} has its nodes.

    Field: nodes
    Severity: critical
    Why: with fewer than three nodes the Controller is away when one fails.
    Do: edit Administration > Controller > Nodes and add or remove the node.
    """
    require(cluster, live[cluster], "nodes")


def test_node_names(cluster: ControllerCluster, live: Live) -> None:
    """The nodes of {cluster} have their names.

    Field: nodes.name
    Severity: minor
    Why: reports and alerts name a node by it.
    Do: edit Administration > Controller > Nodes and name the node.
    """
    require(cluster, live[cluster], "nodes.name")


def test_backups_exist(backups: BackupSettings, live: Live) -> None:
    """{backups} exists.

    Severity: critical
    Why: without a backup a lost Controller is built again by hand.
    Do: set backups up under Administration > System Settings > Backup.
    """
    require_once(backups, live.found(backups), live.elsewhere(backups))


def test_backups_kept(backups: BackupSettings, live: Live) -> None:
    """{backups} keeps as many backups as declared.

    Field: keep
    Why: when the last good backup has been overwritten there is none.
    Do: edit the backup configuration's number of backups.
    """
    require(backups, live[backups], "keep")


def test_backups_local(backups: BackupSettings, live: Live) -> None:
    """{backups} keeps backups on the Controller as declared.

    Field: local
    Why: a backup on the Controller alone is lost with it.
    Do: edit the backup configuration and switch local backups to what is declared.
    """
    require(backups, live[backups], "local")


def test_backups_remote(backups: BackupSettings, live: Live) -> None:
    """{backups} sends backups to another host as declared.

    Field: remote
    Severity: critical
    Why: a backup on the Controller alone is lost with it.
    Do: edit the backup configuration and switch remote backups to what is declared.
    """
    require(backups, live[backups], "remote")


def test_backup_host(backups: BackupSettings, live: Live) -> None:
    """{backups} sends backups to the declared host.

    Field: host
    Severity: critical
    Why: nobody looks for a backup where it was not meant to be.
    Do: edit the backup configuration's remote server.
    """
    require(backups, live[backups], "host")


def test_backup_directory(backups: BackupSettings, live: Live) -> None:
    """{backups} sends backups to the declared directory.

    Field: directory
    Why: nobody looks for a backup where it was not meant to be.
    Do: edit the backup configuration's remote directory.
    """
    require(backups, live[backups], "directory")


def test_backup_age(backups: BackupSettings, live: Live) -> None:
    """The newest backup under {backups} is no older than declared.

    Field: max_age_hours
    Reads: backup
    Severity: critical
    Why: what was done since the last backup is lost with the Controller.
    Do: start a backup under Administration > System Settings > Backup, and look why none was made.
    """
    hours = upkeep.backup_age(live)
    assert hours is not None, "there is no backup"
    assert hours <= (backups.max_age_hours or 0), f"the newest backup is {hours:.0f} hours old"


def test_schedule_exists(schedule: Schedule, live: Live) -> None:
    """{schedule} exists.

    Severity: critical
    Why: nothing is done by itself.
    Do: make it under Administration > System Settings > Backup.
    """
    require_once(schedule, live.found(schedule), live.elsewhere(schedule))


def test_schedule_enabled(schedule: Schedule, live: Live) -> None:
    """{schedule} runs as declared.

    Field: enabled
    Severity: critical
    Why: a schedule that is switched off makes no backup, and says nothing.
    Do: edit the schedule and switch it to what is declared.
    """
    require(schedule, live[schedule], "enabled")


def test_schedule_every(schedule: Schedule, live: Live) -> None:
    """{schedule} runs as often as declared.

    Field: every
    Why: what was done since the last backup is lost with the Controller.
    Do: edit the schedule's frequency.
    """
    require(schedule, live[schedule], "every")


def test_schedule_unit(schedule: Schedule, live: Live) -> None:
    """The frequency of {schedule} is of the declared unit.

    Field: unit
    Why: what was done since the last backup is lost with the Controller.
    Do: edit the schedule's frequency.
    """
    require(schedule, live[schedule], "unit")


def test_certificate_exists(certificate: Certificate, live: Live) -> None:
    """{certificate} exists.

    Severity: critical
    Why: whatever should show it shows another one.
    Do: import it under Templates > Security > SSL/TLS Certificates.
    """
    require_once(certificate, live.found(certificate), live.elsewhere(certificate))


def test_certificate_names(certificate: Certificate, live: Live) -> None:
    """{certificate} is for the declared names.

    Field: names
    Severity: critical
    Why: a client that uses another name refuses the certificate, AKO first.
    Do: issue a certificate with these names among its subject alternative names, and import it.
    """
    require(certificate, live[certificate], "names")


def test_certificate_named(certificate: Certificate, live: Live) -> None:
    """{certificate} bears a name at all.

    Reads: sslkeyandcertificate
    Where: certificate.subject.common_name and certificate.subject_alt_names
    Why: no client that verifies takes one with neither common nor alternative name, and 31.2.1 refuses it.
    Do: issue a certificate with the names of its service, import it, and put it in the place of this one.
    """
    assert upkeep.names(live, certificate), "it has neither a common name nor a subject alternative name"


def test_certificate_issuer(certificate: Certificate, live: Live) -> None:
    """{certificate} was issued by the declared authority.

    Field: issuer
    Severity: critical
    Why: clients trust one authority, and no other.
    Do: have the certificate issued by the declared authority, and import it.
    """
    require(certificate, live[certificate], "issuer")


def test_certificate_chain(certificate: Certificate, live: Live) -> None:
    """{certificate} has its chain.

    Field: chain
    Severity: critical
    Why: a client that does not know the authorities in between refuses the certificate.
    Do: import the certificates of the authorities, and the certificate again.
    """
    require(certificate, live[certificate], "chain")


def test_certificate_age(certificate: Certificate, live: Live) -> None:
    """{certificate} is good for as long as declared.

    Field: min_days
    Reads: sslkeyandcertificate
    Severity: critical
    Why: on the day after, no client of the certificate connects.
    Do: issue a new certificate, import it, and put it in the place of this one.
    """
    days = upkeep.days_left(live, certificate)
    assert days >= (certificate.min_days or 0), f"it is good for {days} days, {certificate.min_days} wanted"


def test_syslog_exists(syslog: Syslog, live: Live) -> None:
    """{syslog} exists.

    Severity: critical
    Why: events go nowhere.
    Do: create it under Operations > Notifications > Syslog.
    """
    require_once(syslog, live.found(syslog), live.elsewhere(syslog))


def test_syslog_servers(syslog: Syslog, live: Live) -> None:
    """{syslog} sends to the declared servers.

    Field: servers
    Severity: critical
    Why: what happened before a Controller was lost is known there alone.
    Do: edit the syslog configuration and add the server.
    """
    require(syslog, live[syslog], "servers")


def test_syslog_udp(syslog: Syslog, live: Live) -> None:
    """{syslog} reaches its servers over UDP as declared.

    Field: servers.udp
    Why: a server that listens for the other gets nothing.
    Do: edit the syslog server and choose the protocol.
    """
    require(syslog, live[syslog], "servers.udp")


def test_syslog_tls(syslog: Syslog, live: Live) -> None:
    """{syslog} reaches its servers over TLS as declared.

    Field: servers.tls
    Why: without TLS events can be read and changed on the way.
    Do: edit the syslog server and switch TLS to what is declared.
    """
    require(syslog, live[syslog], "servers.tls")


def test_syslog_format(syslog: Syslog, live: Live) -> None:
    """{syslog} writes to its servers in the declared format.

    Field: servers.format
    Severity: minor
    Why: a server that expects another format files nothing.
    Do: edit the syslog server and choose the format.
    """
    require(syslog, live[syslog], "servers.format")
