"""References between declared objects: what is said on the fields, and what follows from it."""

import pytest

from intent import (
    Cloud,
    ConfigObject,
    DnsProfile,
    DnsService,
    Environment,
    Host,
    HostPath,
    IpamProfile,
    Key,
    Network,
    ServiceEngineGroup,
    SystemSettings,
    VcenterServer,
    VrfContext,
    graph,
)
from intent.base import KINDS, Declared, Intent
from intent.kinds.accounts import User
from intent.paths import part_of

EVERY = list(KINDS.values())
EDGES = [(kind, path, refers) for kind in EVERY for path, refers in graph.fields(kind).items()]


def parts(kind):
    """A kind and every model nested in it."""
    yield kind
    for field in kind.model_fields.values():
        if (inner := part_of(field.annotation)) is not None and not issubclass(inner, Intent):
            yield from parts(inner)


@pytest.mark.parametrize(
    ("kind", "refers"), [(k, r) for k, _, r in EDGES], ids=[f"{k.__name__}.{p}" for k, p, _ in EDGES]
)
def test_an_edge_leads_from_fields_to_fields(kind, refers):
    named = graph.kind_of(refers)
    assert named is not None or refers.to.islower(), "a class name that no kind has"
    assert set(refers.through) <= kind.model_fields.keys()
    assert not refers.takes or set(refers.takes) <= named.model_fields.keys()


def test_every_reference_is_found():
    """The fields that hold a name of another object, written down a second time."""
    by_kind = {kind: set(graph.fields(kind)) for kind in EVERY if kind.section}
    assert {kind: paths for kind, paths in by_kind.items() if paths} == {
        Cloud: {"dns_profile", "ipam_profile", "management.network", "nsxt.credentials", "se_group_template"},
        VcenterServer: {"cloud", "credentials"},
        IpamProfile: {"usable_networks"},
        VrfContext: {"cloud", "bgp.peers.network"},
        Network: {"cloud", "vrf"},
        ServiceEngineGroup: {
            "cloud",
            "vcenters.vcenter",
            "clusters.names",
            "hosts.names",
            "management.network",
        },
        DnsService: {"cloud", "application_profile", "vrf", "vip.network", "se_group"},
        SystemSettings: {"dns_services", "portal.certificates"},
        ConfigObject: {"cloud"},
        User: {"access.role", "profile"},
    }


def site(**sections):
    return Environment.model_validate({"name": "x", "controller": {"address": "c"}, **sections})


def keys(found):
    return {str(key) for key in found}


CLOUD = {"name": "C", "dns_profile": "D", "ipam_profile": "I", "management": {"network": "M"}}
SERVICE = {"name": "dns", "cloud": "C", "vrf": "V", "se_group": "G", "vip": {"network": "N"}, "fqdn": "a.b"}
WHOLE = {
    "clouds": [CLOUD],
    "dns_profiles": [{"name": "D"}],
    "ipam_profiles": [{"name": "I", "usable_networks": ["N"]}],
    "vrfs": [{"name": "V", "cloud": "C"}],
    "networks": [{"name": name, "cloud": "C", "vrf": vrf} for name, vrf in (("M", "management"), ("N", "V"))],
    "se_groups": [{"name": "G", "cloud": "C"}, {"name": "other", "cloud": "C"}],
    "dns_services": [SERVICE],
    "system": {"dns_services": ["dns"]},
    "hosts": [{"name": "h", "connection": "local://", "reaches": ["dns", "controller"], "resolves": ["a.b"]}],
}


def test_a_name_means_an_object_of_the_same_cloud_and_tenant():
    service = DnsService(**SERVICE, tenant="t")
    assert [one.key for one in graph.references(service)] == [
        Key("cloud", "C", "", "t"),
        Key("VRF context", "V", "C", "t"),
        Key("network", "N", "C", "t"),
        Key("SE group", "G", "C", "t"),
    ]


def test_what_lives_in_a_cloud_comes_after_it_though_the_cloud_names_it():
    cloud = Cloud(**CLOUD)
    whole = site(**WHOLE)
    assert [one.key for one in graph.needed(whole, cloud)] == [
        Key("DNS profile", "D"),
        Key("IPAM profile", "I"),
    ]
    (network,) = [one for one in graph.references(cloud) if one.kind is Network]
    assert (network.place, network.key) == (("management", "network"), Key("network", "M", "C"))


def test_each_name_of_a_list_has_its_place():
    profile = IpamProfile(name="I", usable_networks=("a", "b"), cloud="C")
    assert [(one.place, one.key) for one in graph.references(profile)] == [
        (("usable_networks", 0), Key("network", "a", "C")),
        (("usable_networks", 1), Key("network", "b", "C")),
    ]


def test_what_the_file_s_tenant_is_to_what_has_none_of_its_own():
    """Admin's cloud and its discovered networks mean objects of the file's tenant first; others live in it."""
    site = Environment.model_validate(
        {
            "name": "s",
            "controller": {"address": "c", "tenant": "t"},
            "system": {"dns_services": ["dns"]},
            "clouds": [{"name": "Default-Cloud", "ipam_profile": "p"}, {"name": "bare", "type": "no-orchestrator"}],
            "ipam_profiles": [{"name": "p"}, {"name": "q", "tenant": "admin"}],
            "vrfs": [{"name": "v"}, {"name": "v", "tenant": "admin"}],
            "networks": [{"name": "n", "vrf": "v"}, {"name": "a", "tenant": "admin", "vrf": "v"}, {"name": "m", "cloud": "bare"}],
            "dns_services": [{"name": "dns"}],
        }
    )  # fmt: skip
    of = {f"{want.kind} {want.name}": want for want in site}
    tenants = {"cloud Default-Cloud": "admin", "IPAM profile p": "t", "IPAM profile q": "admin", "network n": "admin",
               "network a": "admin", "network m": "t", "DNS service dns": "t"}  # fmt: skip
    assert {name: want.key.tenant for name, want in of.items() if name in tenants} == tenants
    assert (of["network n"].tenants, of["network a"].tenants) == (("t", "admin"), ("admin",))
    for name, under in (
        ("system configuration system", "dns"),
        ("cloud Default-Cloud", "p"),
        ("network n", "v"),
    ):
        assert {(o.name, o.key.tenant) for o in graph.needed(site, of[name]) if o.kind != "cloud"} == {
            (under, "t")
        }
    assert {o.key.tenant for o in graph.needed(site, of["network a"])} == {"admin"}


def test_what_is_not_of_the_own_tenant_is_of_admin():
    """Objects of admin are seen from every tenant, and a tenant's own goes before [DOC]."""
    groups = [{"name": "G", "tenant": "t"}, {"name": "G"}]
    ours, theirs = (DnsService(name="dns", se_group="G", tenant=tenant) for tenant in ("t", "other"))
    both, only = site(se_groups=groups), site(se_groups=groups[1:])
    assert [one.tenant for one in graph.needed(both, ours)] == ["t"]
    assert [one.tenant for one in graph.needed(both, theirs)] == ["admin"]
    assert [one.tenant for one in graph.needed(only, ours)] == ["admin"]


def test_stands_on():
    whole = site(**WHOLE)
    (service,) = whole.each(DnsService)
    assert keys(graph.stands_on(whole, service.key)) == {
        "cloud C",
        "DNS profile D",
        "IPAM profile I",
        "VRF context V",
        "network N",
        "SE group G",
    }
    assert list(graph.stands_on(whole, Key("network", "nowhere"))) == []


def test_dependents_and_what_they_drive():
    whole = site(**WHOLE)
    found = graph.dependents(whole, [Key("SE group", "G", "C")])
    service = DnsService(**SERVICE).key
    names = {"DNS name a.b", "name on a host a.b on h", "path h to dns"}
    assert keys(found) == {"SE group G", str(service), "system configuration system", *names}
    assert keys(graph.driven(whole, found)) == {"cloud C", "SE group G"}
    assert graph.dependents(whole, [Key("SE group", "other", "C")]) == {Key("SE group", "other", "C")}


@pytest.mark.parametrize("kind", [DnsProfile, Host])
def test_without_references_there_are_no_needs(kind):
    assert not graph.fields(kind)
    assert KINDS[kind.__name__] is kind


def test_a_path_of_a_host_depends_on_a_service_only_where_it_leads_to_one():
    whole = site(**WHOLE)
    assert [[one.name for one in graph.needed(whole, path)] for path in whole.each(HostPath)] == [["dns"], []]


def test_every_nested_model_is_looked_into():
    nested = {inner for kind in EVERY for inner in parts(kind)}
    direct = {
        (inner, name) for inner in nested for name in inner.model_fields if inner.refers(name) is not None
    }
    assert issubclass(Network, Declared)
    assert len(direct) == len(EDGES)


@pytest.mark.parametrize(
    ("section", "change", "problem"),
    [
        (
            "clouds",
            {"management": {"network": "m"}},
            "no network 'm' is declared in cloud C; did you mean 'M'?",
        ),
        ("clouds", {"ipam_profile": "X"}, "no IPAM profile 'X' is declared; known: I"),
        ("networks", {"vrf": "W"}, "no VRF context 'W' is declared in cloud C; known: V"),
        ("dns_services", {"vip": {"network": "O"}}, "no network 'O' is declared in cloud C; known: M, N"),
        ("dns_services", {"vrf": "management"}, None),
        ("dns_services", {"application_profile": "whatever"}, None),
        ("se_groups", {"cloud": "D"}, "no cloud 'D' is declared; known: C"),
    ],
)
def test_dangling(section, change, problem):
    from intent.relations import relations

    data = {**WHOLE, section: [{**one, **change} for one in WHOLE[section]]}
    found = {text for _, text in relations(site(**data))}
    assert (problem in found) if problem else not found
