"""Expiry of certificates by the site's clock; apart from reading them, whose library is slow to load."""

from __future__ import annotations

from datetime import UTC, datetime

from lab.objects import Json

WARNING_DAYS = 30
LONGEST_DAYS = 3650
"""days_until_expire is 1 to 3650 on write [SCHEMA], so that is what is shown."""
TIME = "%Y-%m-%d %H:%M:%S"


def expiry(not_after: str, now: datetime) -> Json:
    """How long a certificate is still good at a time, and what the Controller calls that; {} for what is no date."""
    try:
        days = (datetime.strptime(not_after, TIME).replace(tzinfo=UTC) - now).days
    except ValueError:
        return {}
    status = "EXPIRED" if days < 0 else "EXPIRY_WARNING" if days < WARNING_DAYS else "GOOD"
    shown = min(max(days, 1), LONGEST_DAYS)
    return {"days_until_expire": shown, "expiry_status": f"SSL_CERTIFICATE_{status}"}
