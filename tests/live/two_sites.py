"""Sites to be compared: objects as a Controller lists them, and a snapshot of them."""

from avi_schema import parse_version
from live.avi.snapshot import Snapshot
from live.comparison import compared_types

NEWEST, OLD = "30.2.1", "22.1.3"


def ref(api, name, host="a"):
    return f"https://{host}/api/{api}/{api}-{name}#{name}"


def row(api, name, *, host="a", tenant="admin", cloud="Default-Cloud", **members):
    where = {"tenant_ref": f"https://{host}/api/tenant/{tenant}#{tenant}"}
    if cloud:
        where["cloud_ref"] = ref("cloud", cloud, host)
    uuid = f"{api}-{name}"
    return {"uuid": uuid, "name": name, "url": f"https://{host}/api/{api}/{uuid}", **where, **members}


def site(*, host="a", version=NEWEST, read=None, failures=(), **objects):
    """A site on which every type was read; those that are not given have no object."""
    rows = {api: [] for api in compared_types(parse_version(version)) - set(failures)}
    rows["tenant"] = [
        {"uuid": name, "name": name, "url": f"https://{host}/api/tenant/{name}"} for name in ("admin", "blue")
    ]
    rows["cloud"] = [row("cloud", "Default-Cloud", host=host, cloud="", vtype="CLOUD_NONE")]
    rows |= {api: list(each) for api, each in objects.items()}
    kept = rows if read is None else {api: each for api, each in rows.items() if api in read}
    return Snapshot(host, version, version, objects=kept, failures=dict.fromkeys(failures, "HTTP 403"))


def pool(name="shop", host="a", **members):
    return row("pool", name, host=host, **{"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN", **members})


def member(address, **more):
    return {"ip": {"addr": address, "type": "V4"}, **more}
