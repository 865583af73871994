"""A gateway that answers as a test says, and the requests that tests of reads and of writes put to it."""

from __future__ import annotations

from intent import Key
from remediate.plan.model import Request

KEY = Key("SE group", "g", "Default-Cloud")
MADE = Request(
    "POST", "serviceenginegroup", "", "g", {"name": "g", "a": 1}, cloud="Default-Cloud", tenant="admin"
)
CHANGED = Request("PUT", "serviceenginegroup", "s1", "g", {"a": 1}, ("a",))


class Fake:
    """A gateway whose reads give these in turn, the last again and again; what is an exception is raised."""

    name = "c"

    def __init__(self, *found, write=None):
        self.found = list(found)
        self.lost = write
        self.asked = []

    def read(self, path, params=None, *, tenant=None):
        self.asked.append((path, params, tenant))
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, Exception):
            raise found
        return {"count": len(found), "results": found} if isinstance(found, list) else found

    def write(self, *_request, **_options):
        raise self.lost


def row(cloud="Default-Cloud", tenant="admin", name="g", **more):
    places = {
        "cloud_ref": f"https://c/api/cloud/cloud-{cloud}#{cloud}",
        "tenant_ref": f"https://c/api/tenant/admin#{tenant}",
    }
    return {"name": name, "uuid": f"u-{cloud}-{tenant}", **places, **more}
