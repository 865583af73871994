"""A site as two runs see it, and what the second tells of the changes in between."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
import yaml

from intent import load_environment
from intent.notice import sentence
from intent.site_changes import changes
from live.avi.snapshot import Live, Snapshot
from live.fingerprint import Taking
from tests.live import world
from tests.live.settings_rows import address, prefix

VERSION = "30.2.1"
HEAD = {"name": "site", "controller": {"address": "avi.example"}}
TYPES = (
    "cloud", "healthmonitor", "httppolicyset", "network", "pool", "poolgroup", "serviceengine", "serviceenginegroup",
    "sslkeyandcertificate", "systemconfiguration", "user", "virtualservice", "vrfcontext", "vsvip",
)  # fmt: skip
CLOUD = "/api/cloud/cloud-1#Default-Cloud"


def route(number, to, next_hop, cluster="az1"):
    labels = {"labels": [{"key": "clustername", "value": cluster}]} if cluster else {}
    return {
        "route_id": f"{cluster}-{number}",
        "prefix": prefix(f"{to}/24"),
        "next_hop": address(next_hop),
        **labels,
    }


def pool(number, **more):
    return {
        "uuid": f"pool-{number}",
        "name": f"p{number}",
        "cloud_ref": CLOUD,
        "tenant_ref": "/api/tenant/admin#admin",
    } | more


def taken(live, objects, environment, types, read=None, *, user=""):
    """The fingerprint of a site of which these objects, by type, were listed."""
    taking = Taking(live)
    for api, rows in objects.items():
        taking.take(api, rows)
    return taking.fingerprint(user, types, environment, read)


class Pair:
    """A site before and after, as somebody sees it from whom nothing is hidden, or `user`; `row` gives an object of
    a type, to be changed in the second.
    """

    user = ""

    def __init__(self, tmp_path, declared=None, **more):
        path = tmp_path / "site.yaml"
        path.write_text(yaml.safe_dump(HEAD | (declared or {})))
        self.environment = load_environment(path)
        objects = {**world.objects(VERSION), **more}
        self.before = {api: objects.get(api, []) for api in TYPES}
        self.after = deepcopy(self.before)

    def row(self, api, name):
        (row,) = [each for each in self.after[api] if each.get("name") == name]
        return row

    def seen(self, objects, types=TYPES, read=None, listed=(), **source):
        """`listed`: types that were not read at once, but page by page."""
        read_at_once = {api: rows for api, rows in objects.items() if api not in listed}
        live = Live(Snapshot("avi.example", VERSION, VERSION, objects=read_at_once), self.environment)
        seen = taken(live, objects, self.environment, types, read, user=self.user)
        return replace(seen, source=replace(seen.source, **source))

    def notices(self):
        return changes(self.seen(self.before), self.seen(self.after))

    def told(self):
        return sorted(map(sentence, self.notices()))


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path, pool=[pool(n, servers=[{"ip": address("10.1.1.1"), "port": 80}]) for n in range(3)])
