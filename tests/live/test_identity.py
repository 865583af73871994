"""Identity by uuid: over every kind and every field that refers, a reference means the very object or is none of it.

The name that a Controller puts behind a reference proves nothing, and neither does a name that is found elsewhere.
"""

import copy

import pytest

from intent import Unknown, compare
from intent.base import LivesIn
from intent.graph import fields, kind_of
from intent.values import ScopedName
from live.avi.identity import split_ref
from live.kinds import KINDS
from remediate.plan.creation import new_object
from remediate.plan.request import merged
from tests.live import world

EVERY_EDGE = [
    (kind, path, refers)
    for kind in KINDS.values()
    for path, refers in fields(kind.intent).items()
    if not isinstance(refers, LivesIn)
]
IN_LISTS = ("bgp.peers.network", "access.role", "profile")
"""Fields of elements, tried beside their own kind (see test_routes), and of what no tenant owns."""
EDGES = [
    edge
    for edge in EVERY_EDGE
    if edge[1] not in IN_LISTS
    and any(type(want) is edge[0].intent and want.declares(edge[1]) for want in world.declared())
]


def each(edges):
    return pytest.mark.parametrize("edge", edges, ids=[f"{kind.api}.{path}" for kind, path, _ in edges])


EVERY = each(EDGES)
WRITTEN = each([edge for edge in EDGES if edge[0].leaf(edge[1])[1].put is not None])
TO_WHAT_LIVES_IN_A_CLOUD = each([edge for edge in EDGES if (named := kind_of(edge[2])) and named.scoped])
pytestmark = pytest.mark.parametrize("version", world.VERSIONS)
OTHER = "other"


def test_every_field_that_refers_is_tried(version):
    """But those of NSX-T clouds, which the conforming site has none of."""
    assert version
    assert {path for _, path, _ in EVERY_EDGE} - {path for _, path, _ in EDGES} == {
        "nsxt.credentials",
        "credentials",
        "vcenters.vcenter",
        *IN_LISTS,
    }


class Site:
    """A conforming site, one declared object of a kind in it, and the object that a field of it refers to."""

    def __init__(self, version, edge):
        self.kind, self.path, refers = edge
        self.version, self.found = version, world.objects(version)
        self.api = KINDS[kind_of(refers)].api if kind_of(refers) else refers.to
        self.want = next(
            want for want in world.declared() if type(want) is self.kind.intent and want.declares(self.path)
        )
        value = self.want
        for part in self.path.split("."):
            value = getattr(value, part)
        self.several = isinstance(value, tuple)
        self.name = value[0] if self.several else value
        (self.target,) = [row for row in self.found[self.api] if row["name"] == self.name]
        self.found["tenant"] = [
            *(row for row in self.found.get("tenant", ()) if row["name"] != OTHER),
            {"name": OTHER, "uuid": "tenant-other", "url": self.url("tenant", "tenant-other")},
        ]
        self.found["cloud"].append(
            {
                "name": OTHER,
                "uuid": "cloud-other",
                "url": self.url("cloud", "cloud-other"),
                "tenant_ref": self.url("tenant", "admin"),
                "vtype": "CLOUD_NONE",
            }
        )

    def url(self, api, uuid):
        base = self.target["url"].partition("/api/")[0]
        return f"{base}/api/{api}/{uuid}"

    def repoint(self, change):
        """The reference as `change` makes it, in the object and in its VIP."""
        (row,) = self.live().found(self.want)
        rows = [row, *[r for r in self.found["vsvip"] if split_ref(row.get("vsvip_ref", ""))[1] == r["uuid"]]]
        hits = 0

        def walk(part):
            nonlocal hits
            for key, value in part.items() if isinstance(part, dict) else enumerate(part):
                if isinstance(value, dict | list):
                    walk(value)
                elif isinstance(value, str) and split_ref(value)[1] == self.target["uuid"]:
                    part[key] = change(value)
                    hits += 1

        for each in rows:
            before = {key: each.pop(key) for key in ("url", "uuid") if key in each}
            walk(each)
            each.update(before)
        assert hits

    def twin(self, **members):
        """Another object of the same name; the reference is pointed at it."""
        row = {**copy.deepcopy(self.target), "uuid": "twin-1", "url": self.url(self.api, "twin-1"), **members}
        self.found[self.api].append(row)
        self.repoint(lambda ref: ref.replace(self.target["uuid"], "twin-1"))
        return row

    def live(self):
        return world.live(self.found, self.version)

    def drifts(self):
        return compare(self.want, self.live()[self.want], self.path)

    def have(self):
        (drift,) = self.drifts()
        return drift.have[0] if self.several else drift.have

    def put_right(self):
        """The object as a remedy would write it; None where no remedy writes this field."""
        if self.kind.leaf(self.path)[1].put is None:
            return None
        live = self.live()
        written = merged(self.kind, live.raw(self.want), self.want, self.drifts(), live.names)
        assert self.target["uuid"] in str(written)
        rows = self.found[self.kind.api]
        rows[next(i for i, row in enumerate(rows) if row is live.raw(self.want))] = written
        assert self.drifts() == ()
        return written


@pytest.fixture
def site(version, edge):
    return Site(version, edge)


@EVERY
def test_the_name_behind_a_reference_counts_for_nothing(site):
    site.repoint(lambda ref: ref.partition("#")[0])
    assert site.drifts() == ()
    site.repoint(lambda ref: f"{ref}#something-else")
    assert site.drifts() == ()


@EVERY
def test_an_object_of_the_name_in_another_tenant_is_another(site):
    site.twin(tenant_ref=site.url("tenant", "tenant-other"))
    assert site.have() == {"name": site.name, "tenant": OTHER}
    site.put_right()


@TO_WHAT_LIVES_IN_A_CLOUD
def test_an_object_of_the_name_in_another_cloud_is_another(site):
    site.twin(cloud_ref=site.url("cloud", "cloud-other"))
    if site.kind.singleton:  # its name may live in any cloud: two are there now, and none can be meant
        with pytest.raises(Unknown, match="2 objects"):
            site.drifts()
        return
    assert site.have() == {"name": site.name, "cloud": OTHER}
    site.put_right()


@EVERY
def test_an_object_that_is_not_there_is_none(site):
    """Whatever it is, in whatever tenant: it is not the one that is declared and there."""
    site.repoint(lambda ref: f"{ref.replace(site.target['uuid'], 'gone-1').partition('#')[0]}#{site.name}")
    assert (
        site.have() == f"{site.api} gone-1, which does not exist on this Controller as far as this user sees"
    )
    site.put_right()


@EVERY
def test_two_that_are_not_seen_may_be_one(site):
    site.repoint(lambda ref: f"{ref.replace(site.target['uuid'], 'gone-1').partition('#')[0]}#{site.name}")
    site.found[site.api].remove(site.target)
    with pytest.raises(Unknown, match=f"{site.path}: {site.api} gone-1"):
        site.drifts()


@EVERY
def test_another_host_is_not_this_controller(site):
    site.repoint(lambda ref: f"https://evil.example/api/{ref.partition('/api/')[2]}")
    with pytest.raises(Unknown, match=r"on another host, evil\.example"):
        site.drifts()


@EVERY
def test_another_type_is_no_such_object(site):
    """Be there an object of that type and uuid or not."""
    for rows in ((), ({"uuid": site.target["uuid"], "name": site.name, "url": "x"},)):
        site.found["pool"] = list(rows)
        site.repoint(lambda _ref: f"{site.url('pool', site.target['uuid'])}#{site.name}")
        with pytest.raises(Unknown, match=f"pool {site.target['uuid']}, where a {site.api} belongs"):
            site.drifts()


@EVERY
def test_what_is_no_reference_is_unknown(site):
    for junk in ({"uuid": "x"}, [["x"]], 5):
        again = Site(site.version, (site.kind, site.path, fields(site.kind.intent)[site.path]))
        again.repoint(lambda _ref, junk=junk: junk)
        with pytest.raises(Unknown):
            again.drifts()


@EVERY
def test_a_name_with_where_it_lives_means_that_very_object(site):
    """The declared object lives in another tenant: it is found there, and no other in its place."""
    path = site.path
    twin = site.twin(tenant_ref=site.url("tenant", "tenant-other"))
    bare = site.want
    site.want = redeclared(bare, path, ScopedName(name=site.name, tenant=OTHER))
    assert site.drifts() == ()
    site.want = redeclared(bare, path, ScopedName(name=site.name, tenant="admin"))
    assert site.have() == {"name": site.name, "tenant": OTHER}
    site.put_right()
    if site.kind.leaf(path)[1].put is not None:
        site.want, site.target = redeclared(bare, path, ScopedName(name=site.name, tenant=OTHER)), twin
        site.put_right()


def redeclared(want, path, name):
    head, _, rest = path.partition(".")
    value = getattr(want, head)
    if rest:
        return want.model_copy(update={head: redeclared(value, rest, name)})
    return want.model_copy(update={head: (name,) if isinstance(value, tuple) else name})


@WRITTEN
def test_a_new_object_refers_to_the_very_object(site):
    twin = site.twin(tenant_ref=site.url("tenant", "tenant-other"))
    (row,) = site.live().found(site.want)
    base = {member: row[member] for member in ("name", "cloud_ref") if member in row}
    for name, meant in (
        (site.name, site.target),
        (ScopedName(name=site.name, tenant=OTHER), twin),
        (ScopedName(name=site.name, tenant="admin"), site.target),
    ):
        want = redeclared(site.want, site.path, name)
        body = new_object(site.kind, want, dict(base), site.live().names)
        assert meant["uuid"] in str(body)
        assert ({site.target["uuid"], twin["uuid"]} - {meant["uuid"]}).pop() not in str(body)
