"""Versions: the model version a request speaks, the Controller's own, and those the lab knows."""

from __future__ import annotations

from avi_schema import Version, dotted, parse_version
from lab.controller.messages import Request
from lab.objects import Refused

KNOWN = (
    "18.2.13", "20.1.1", "20.1.2", "20.1.3", "20.1.4", "20.1.5", "20.1.6", "20.1.7", "21.1.1", "21.1.3", "21.1.5",
    "21.1.7", "22.1.1", "22.1.2", "22.1.3", "22.1.5", "22.1.6", "22.1.7", "30.1.1", "30.1.2", "30.2.1",
)  # fmt: skip
"""The versions whose schema was measured [SCHEMA]."""
NEWEST = (30, 2, 1)
UNMEASURED: tuple[Version, ...] = ((17, 2), (18, 1), (18, 2))
"""Branches with recorded releases that are older than any whose schema was measured [REC]."""
OLDEST: Version = (15, 2)
"""The `min_version` a login tells [REC]; that older ones are invalid is [INF]."""
UNSAID: Version = (16, 4, 2)
"""What a request without X-Avi-Version gets [REC]."""


def asked(request: Request, own: Version) -> tuple[Version, str]:
    """The version a request speaks, and what goes into the answer's AVI_API_VERSION [REC].

    Raises Refused (400, its text containing `Invalid version` [CLIENT], status [INF]) for what is not a version or
    is newer than the Controller's own.
    """
    if not (said := request.headers.get("x-avi-version", "").strip()):
        return UNSAID, "16_4_2"
    try:
        version = parse_version(said)
    except ValueError:
        raise Refused(400, f"Invalid version {said[:40]}") from None
    if version < OLDEST:
        raise Refused(400, f"Invalid version {said[:40]}")
    if version > own:
        raise Refused(400, f"Invalid version {said[:40]}: this Controller is {dotted(own)}")
    return version, said


def product(own: Version) -> dict[str, object]:
    """The `version` member of the login answer and of initial-data; members [REC], build and date [INF]."""
    said = dotted(own)
    return {
        "build": 9046,
        "Tag": f"{said}-9046-20200720.043329",
        "ProductName": "Avi Cloud Controller",
        "min_version": float(dotted(OLDEST)),
        "Version": said,
        "Product": "controller",
        "Date": "2020-07-20T04:33:29+00:00",
    }
