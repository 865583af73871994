"""Names of objects among others of the same name: which one an owner's name means, and how that one is called there."""

from itertools import product

import pytest

from intent import Blocked, Unknown
from intent.kinds.routing import Network, VrfContext
from intent.values import ScopedName, Unresolved
from live.avi.identity import Home, Names, own_ref

BASE = "https://c/api"
TENANTS = ("admin", "blue", "green")
CLOUDS = ("west", "east")
V = (30, 2, 1)


def ref(api, uuid):
    return f"{BASE}/{api}/{uuid}"


def tenant_uuid(name):
    return name if name == "admin" else f"tenant-{name}"


def row(api, name, cloud="", tenant="admin", uuid=""):
    obj = {"name": name, "uuid": uuid or f"{api}-{name}-{cloud}-{tenant}"}
    obj |= {"url": ref(api, obj["uuid"]), "tenant_ref": ref("tenant", tenant_uuid(tenant))}
    return obj | ({"cloud_ref": ref("cloud", f"cloud-{cloud}-admin")} if cloud else {})


def site(*rows, seen=TENANTS):
    return {
        "tenant": [{"name": t, "uuid": tenant_uuid(t), "url": ref("tenant", tenant_uuid(t))} for t in seen],
        "cloud": [row("cloud", name, uuid=f"cloud-{name}-admin") for name in CLOUDS],
        "vrfcontext": list(rows),
    }


def places(rows):
    return [(one["cloud_ref"].split("-")[1], one["tenant_ref"].rpartition("/")[2]) for one in rows]


@pytest.mark.parametrize("there", [s for n in range(1, 4) for s in [TENANTS[:n], TENANTS[-n:]]])
@pytest.mark.parametrize("owner", TENANTS)
def test_a_bare_name_is_the_own_one_else_admin_s(owner, there):
    names = Names(site(*(row("vrfcontext", "v", "west", tenant) for tenant in there)), V)
    meant = names.meant("vrfcontext", "v", Home(("west",), (owner, "admin")))
    wanted = [tenant for tenant in (owner, "admin") if tenant in there][:1]
    assert places(meant) == [("west", tenant_uuid(tenant)) for tenant in wanted]


@pytest.mark.parametrize("owner", TENANTS)
def test_what_is_declared_in_the_own_tenant_is_meant_before_it_is_there(owner):
    rows = site(row("vrfcontext", "v", "west"))
    names = Names(rows, V, {("vrfcontext", "v", "west", "blue")})
    assert bool(names.meant("vrfcontext", "v", Home(("west",), (owner, "admin")))) == (owner != "blue")
    other = Names(rows, V, {("vrfcontext", "v", "east", "blue"), ("network", "v", "west", "blue")})
    assert places(other.meant("vrfcontext", "v", Home(("west",), (owner, "admin")))) == [("west", "admin")]


@pytest.mark.parametrize("owner", [*product(CLOUDS, TENANTS), ("west", ""), ("", "blue"), ("", "")])
def test_every_object_is_called_by_a_name_that_means_it_and_no_other(owner):
    """A name that is told is what can be declared: it leads back to the very object."""
    rows = [row("vrfcontext", name, *at) for name in ("v", "w") for at in product(CLOUDS, TENANTS)]
    names = Names(site(*rows), V)
    home = Home((owner[0],) if owner[0] else (), (owner[1], "admin") if owner[1] else ())
    called = [names.name(one["url"], "vrfcontext", home) for one in rows]
    assert len(set(called)) == len(rows)
    for name, one in zip(called, rows, strict=True):
        assert names.meant("vrfcontext", name, home) == [one]
        assert names.ref("vrfcontext", name, home) == one["url"]
    if owner[0]:
        own = names.name(
            ref("vrfcontext", f"vrfcontext-v-{owner[0]}-{owner[1] or 'admin'}"), "vrfcontext", home
        )
        assert own == "v"


def test_admin_s_object_is_no_bare_name_where_the_own_tenant_has_one():
    both = [row("vrfcontext", "v", "west", tenant) for tenant in ("admin", "blue")]
    home = Home(("west",), ("blue", "admin"))
    assert Names(site(both[0]), V).name(both[0]["url"], "vrfcontext", home) == "v"
    assert str(Names(site(*both), V).name(both[0]["url"], "vrfcontext", home)) == "v (tenant admin)"


def test_a_tenant_that_the_user_does_not_see_has_no_name():
    """Not that which stands behind the reference to it."""
    hidden = row("vrfcontext", "v", "west", "blue") | {"tenant_ref": ref("tenant", "tenant-x#admin")}
    names = Names(site(hidden, seen=("admin",)), V)
    assert names.tenant_of(hidden) == "<tenant-x>"
    assert names.meant("vrfcontext", "v", Home(("west",), ("admin",))) == []
    assert (
        str(names.name(hidden["url"], "vrfcontext", Home(("west",), ("admin",)))) == "v (tenant <tenant-x>)"
    )


def test_a_cloud_that_was_not_read_has_no_name():
    lost = row("vrfcontext", "v", "west") | {"cloud_ref": ref("cloud", "cloud-x#west")}
    names = Names(site(lost), V)
    assert names.cloud_of(lost) == "<cloud-x>"
    assert names.meant("vrfcontext", "v", Home(("west",), ("admin",))) == []


def test_clouds_of_one_name_in_two_tenants_are_two():
    rows = site(row("vrfcontext", "v", "west"), row("vrfcontext", "v", "west", "blue", uuid="v-blue"))
    rows["cloud"].append(row("cloud", "west", tenant="blue"))
    for one in rows["vrfcontext"][1:]:
        one["cloud_ref"] = ref("cloud", "cloud-west--blue")
    names = Names(rows, V)
    assert [names.cloud_of(one) for one in rows["vrfcontext"]] == ["west", "west"]
    admins = row("vrfcontext", "v", "west", "green")
    assert Names({**rows, "vrfcontext": [admins]}, V).cloud_of(admins) == "west"
    across = {**row("vrfcontext", "v", "west"), "cloud_ref": ref("cloud", "cloud-west--blue")}
    assert Names({**rows, "vrfcontext": [across]}, V).cloud_of(across) == "west (tenant blue)"


def test_two_that_nothing_tells_apart():
    twins = [row("vrfcontext", "v", "west", uuid=uuid) for uuid in ("a", "b")]
    names = Names(site(*twins), V)
    assert len(names.meant("vrfcontext", "v", Home(("west",), ("admin",)))) == 2
    with pytest.raises(Blocked, match="vrfcontext 'v' is there more than once"):
        names.ref("vrfcontext", "v", Home(("west",), ("admin",)))
    with pytest.raises(Blocked, match=r"vrfcontext 'x \(tenant blue\)' is absent"):
        names.ref("vrfcontext", ScopedName(name="x", tenant="blue"), Home(("west",), ("admin",)))


@pytest.mark.parametrize(
    ("reference", "text", "unknown"),
    [
        (f"{BASE}/vrfcontext/x#v", "vrfcontext x, which does not exist on this Controller as far as this user sees", False),
        ("https://C/api/vrfcontext/x", "vrfcontext x, which does not exist on this Controller as far as this user sees", False),
        ("/api/vrfcontext/x", "vrfcontext x, which does not exist on this Controller as far as this user sees", False),
        ("https://d/api/vrfcontext/v-1#v", "vrfcontext v-1 on another host, d", True),
        ("https://c:444/api/vrfcontext/v-1#v", "vrfcontext v-1 on another host, c:444", True),
        ("https://c.evil/api/vrfcontext/v-1#v", "vrfcontext v-1 on another host, c.evil", True),
        ("https://c@evil/api/vrfcontext/v-1#v", "vrfcontext v-1 on another host, c@evil", True),
        (f"{BASE}/pool/v-1#v", "pool v-1, where a vrfcontext belongs", True),
        (f"{BASE}/cloud/cloud-west-admin#v", "cloud cloud-west-admin, where a vrfcontext belongs", True),
        ("v", "'v', where a vrfcontext belongs", True),
    ],
)  # fmt: skip
def test_what_has_no_name(reference, text, unknown):
    names = Names(site(row("vrfcontext", "v", "west", uuid="v-1")), V)
    assert names.name(reference, "vrfcontext", Home()) == Unresolved(
        ref=reference, text=text, unknown=unknown
    )


def test_a_type_that_was_not_read():
    names = Names({}, V)
    name = names.name(f"{BASE}/pool/p#p", "pool", Home())
    assert name.unknown
    assert name.text == "pool p, which was not read"
    with pytest.raises(Unknown, match="pool was not read"):
        names.meant("pool", "p", Home())


def test_a_name_keeps_the_spaces_at_its_ends():
    """A Controller takes `VRF ` and `VRF` for two objects; one of them declared must not mean the other."""
    assert VrfContext(name="VRF ").name == "VRF "
    assert Network(name="n", vrf=" VRF").vrf == " VRF"
    assert ScopedName(name="VRF ", tenant="blue").name == "VRF "


def test_an_object_with_the_address_of_another_one_is_pointed_at_by_nobody():
    """What is written is the address that it gives: with another one's, the reference would be to that."""
    with pytest.raises(Unknown, match="g has the address of another object, /api/vrfcontext/b"):
        own_ref({"name": "g", "uuid": "a", "url": "/api/vrfcontext/b#g"})
    assert own_ref({"name": "g#1", "uuid": "a", "url": "/api/vrfcontext/a#g#1"}) == "/api/vrfcontext/a"
