"""Facts of upkeep that age: how old the newest backup is, and how long a certificate is good."""

from __future__ import annotations

from datetime import UTC, datetime

from intent import Unknown
from intent.kinds.upkeep import Certificate
from live.avi.identity import uuid_of
from live.avi.snapshot import Live
from live.facts.runtime import texts
from live.kinds.codecs import dig


def read_at(live: Live) -> datetime:
    """When the site was read. Raises Unknown."""
    return moment(live.snapshot.read_at, "the snapshot")


def moment(text: str, what: str) -> datetime:
    """A time as the Controller writes it, UTC where it does not say. Raises Unknown, which names `what`."""
    try:
        written = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    except ValueError:
        raise Unknown(f"the time of {what} is not understood: {text!r}") from None
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def newest_backup(live: Live) -> datetime | None:
    """When the newest backup was made; None where there is none. Raises Unknown."""
    times = (moment(str(row.get("timestamp", "")), "a backup") for row in live.rows("backup"))
    return max(times, default=None)


def backup_age(live: Live) -> float | None:
    """Hours since the newest backup; None where there is none. Raises Unknown."""
    newest = newest_backup(live)
    return (read_at(live) - newest).total_seconds() / 3600 if newest else None


def days_left(live: Live, certificate: Certificate) -> int:
    """Whole days until a certificate expires. Raises Blocked, Unknown."""
    until = str(dig(live.raw(certificate), "certificate", "not_after") or "")
    return (moment(until, f"the end of {certificate.key}") - read_at(live)).days


def names(live: Live, certificate: Certificate) -> tuple[str, ...]:
    """What a certificate is for: its common name, then its alternative names. Raises Blocked, Unknown.

    Of one whose inside the Controller does not tell, nothing is known.
    """
    inside = live.raw(certificate).get("certificate")
    if not isinstance(inside, dict) or not inside.get("not_after"):
        raise Unknown(f"what is in {certificate.key} is not told")
    subject = inside.get("subject")
    common = subject.get("common_name") if isinstance(subject, dict) else ""
    others = inside.get("subject_alt_names")
    listed = others if isinstance(others, list) else []
    return tuple(str(each) for each in (common, *listed) if each)


def portal_refs(live: Live) -> tuple[str, ...]:
    """References to the certificates that the Controller's portal is configured with. Raises Unknown."""
    return tuple(
        ref
        for row in live.rows("systemconfiguration")
        for ref in texts(dig(row, "portal_configuration", "sslkeyandcertificate_refs"))
    )


def expired_portal_certificates(live: Live) -> list[str]:
    """The certificates of the portal that are no longer good. Raises Unknown."""
    expired = []
    live.rows("sslkeyandcertificate")
    for ref in portal_refs(live):
        if (row := live.names.resolve(ref)) is None:
            raise Unknown(f"the portal's certificate {uuid_of(ref)} was not read")
        until = str(dig(row, "certificate", "not_after") or "")
        if moment(until, f"the end of certificate {row['name']}") < read_at(live):
            expired.append(f"certificate {row['name']} has expired on {until}")
    return expired
