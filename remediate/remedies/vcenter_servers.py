"""Remedies of the vCenter servers of NSX-T clouds."""

from __future__ import annotations

from intent import EXISTENCE
from intent.kinds.nsxt import VcenterServer
from remediate.registry import Case, Verdict, no_remedy, remedy


@remedy(VcenterServer, EXISTENCE, risk="safe")
def make_server(case: Case) -> Verdict:
    """Make the vCenter server, with credentials that are on the Controller; no Service Engine is in it yet."""
    want: VcenterServer = case.want
    library = want.content_library
    if want.url and want.credentials and library and library.id:
        return Verdict()
    return Verdict(
        withdrawn="its url, credentials and content_library.id must be declared before it can be made: the Controller "
        "takes none without them"
    )


no_remedy(
    VcenterServer,
    "url",
    "another vCenter has other hosts: every Service Engine in it would be lost; compare with the declaration, then "
    "decide",
)
no_remedy(
    VcenterServer,
    "credentials",
    "what the Controller may do in this vCenter changes with its credentials; whoever owns them chooses them in the "
    "cloud's settings",
)
for _field in ("id", "name"):
    no_remedy(
        VcenterServer,
        f"content_library.{_field}",
        "the image of Service Engines is kept in the content library, and another one has none yet; choose it in the "
        "cloud's settings, where the Controller uploads the image",
    )
