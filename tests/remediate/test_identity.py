"""Identity on a site: an object of the declared name that lives elsewhere is another one, for check, plan and bootstrap."""

from dataclasses import replace

import yaml

from intent import load_environment
from live.avi.referred import with_referred
from live.avi.snapshot import Live
from live.bootstrap import Bootstrap
from live.environment_text import bootstrap_text
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.writer import Writer
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import APIS, Bench, declared

OTHER = "other"


def in_admin(gateway):
    """What is read in tenant admin alone."""
    everything = gateway.snapshot(APIS)
    admins = {
        api: [row for row in rows if "/api/tenant/admin" in row.get("tenant_ref", "/api/tenant/admin")]
        for api, rows in everything.objects.items()
    }
    admins["tenant"] = [row for row in everything.objects["tenant"] if row["uuid"] == "admin"]
    return replace(everything, objects=admins)


def relative(url):
    return "/api/" + url.partition("#")[0].partition("/api/")[2]


def twins(bench):
    """Objects of declared names in another tenant, and references of admin's objects that lead to them."""
    gateway, hand = bench.gateway, Hand(bench.gateway)
    gateway.write("POST", "tenant", {"name": OTHER})
    cloud = hand.ref("cloud", "Default-Cloud")

    def make(api, name, **members):
        return gateway.write("POST", api, {"name": name, **members}, tenant=OTHER)["url"]

    vrf = make("vrfcontext", "VRF_AZ2", cloud_ref=cloud)
    dns = make("ipamdnsproviderprofile", "DNS_Default", type="IPAMDNS_TYPE_INTERNAL_DNS")
    group = make("serviceenginegroup", "DNS-SE-Group", cloud_ref=cloud)
    profile = make("applicationprofile", "System-DNS", type="APPLICATION_PROFILE_TYPE_DNS")
    store = bench.lab.site.store
    for api, name, members in (
        ("network", "REGIONB_VMS_3023", {"vrf_context_ref": vrf}),
        ("cloud", "Default-Cloud", {"dns_provider_ref": dns}),
        ("virtualservice", "local-dns-site1", {"se_group_ref": group, "application_profile_ref": profile}),
    ):
        (obj,) = store.named(api, name)
        obj.body.update(
            {member: relative(url) for member, url in members.items()}
        )  # as the Controller keeps it


WANTED = {
    "vrf": {"name": "VRF_AZ2", "tenant": OTHER},
    "dns_profile": {"name": "DNS_Default", "tenant": OTHER},
    "se_group": {"name": "DNS-SE-Group", "tenant": OTHER},
    "application_profile": {"name": "System-DNS", "tenant": OTHER},
}


def test_objects_of_declared_names_in_another_tenant():
    """Also where only the declared tenant is read: what is referred to is asked who it is."""
    bench = Bench("conforming")
    twins(bench)
    for live in (bench.live(), with_referred(Live(in_admin(bench.gateway)), bench.gateway)):
        drifts = [drift for drift, _ in bench.drifts(live)]
        assert {drift.field: drift.have for drift in drifts} == WANTED


def test_nothing_is_read_one_by_one_on_a_site_where_all_is_read():
    bench = Bench("conforming")
    live = Live(in_admin(bench.gateway))
    before = bench.gateway.requests
    assert with_referred(live, bench.gateway) is live
    assert bench.gateway.requests == before


def test_they_are_put_right(tmp_path):
    bench = Bench("conforming")
    twins(bench)
    site = bench.site()
    plan = build(site, bench.drifts(site.live), consent=Consent(disruptive=True))
    Applier(
        Writer(bench.gateway, Journal.begin(tmp_path, "iberia", "c", "d")),
        site,
        consent=Consent(disruptive=True),
    ).apply(plan)
    assert [drift for drift, _ in bench.drifts()] == []
    site = bench.site()
    assert build(site, bench.drifts(site.live)).steps == ()


def in_vrf(name):
    """Changes of the blog's file: a VRF context of the other tenant, and a network in it."""
    there, network = f"{{name: {name}, tenant: {OTHER}}}", "back end of Site 1 AZ2\n    vrf: "
    return (("vrfs:\n", f"vrfs:\n  - {there}\n"), (f"{network}VRF_AZ2", f"{network}{there}"))


def in_blue(bench):
    gateway, hand = bench.gateway, Hand(bench.gateway)
    gateway.write("POST", "tenant", {"name": OTHER})
    body = {"name": "VRF_BLUE", "cloud_ref": hand.ref("cloud", "Default-Cloud")}
    vrf = gateway.write("POST", "vrfcontext", body, tenant=OTHER)["url"]
    (network,) = bench.lab.site.store.named("network", "REGIONB_VMS_3023")
    network.body["vrf_context_ref"] = relative(vrf)


def test_a_network_in_the_vrf_context_of_another_tenant_is_declared_and_bootstrapped(tmp_path):
    bench = Bench("conforming")
    in_blue(bench)
    site = bench.environment = declared(tmp_path, *in_vrf("VRF_BLUE"))
    assert bench.drifts() == []

    written = bootstrap_text(site, Bootstrap(bench.live()), tmp_path)
    (network,) = [one for one in yaml.safe_load(written)["networks"] if one["name"] == "REGIONB_VMS_3023"]
    assert network["vrf"] == {"name": "VRF_BLUE", "tenant": OTHER}
    (tmp_path / "new.yaml").write_text(written)
    bench.environment = load_environment(tmp_path / "new.yaml")
    assert bench.drifts() == []


def test_a_network_is_moved_into_the_vrf_context_of_another_tenant(tmp_path):
    """The one that the plan makes first, in its own tenant."""
    bench = Bench("fresh")
    bench.gateway.write("POST", "tenant", {"name": OTHER})
    bench.environment = declared(tmp_path, *in_vrf("VRF_AZ2"))
    site = bench.site()
    asked = [one for one in bench.drifts(site.live) if one[0].key.kind in ("VRF context", "network")]
    Applier(Writer(bench.gateway, Journal.begin(tmp_path, "iberia", "c", "d")), site).apply(
        build(site, asked)
    )
    assert not [drift for drift, _ in bench.drifts() if drift.field == "vrf"]
    store = bench.lab.site.store
    (network,) = store.named("network", "REGIONB_VMS_3023")
    vrf = store.at(network.body["vrf_context_ref"])
    assert (vrf.name, store.get("tenant", vrf.tenant).name) == ("VRF_AZ2", OTHER)


def test_a_network_of_the_name_in_another_cloud(tmp_path):
    """The profile is for one cloud; a live reference leads to the other's network of that name."""
    bench = Bench("conforming")
    gateway = bench.gateway
    clouds = {
        name: gateway.write("POST", "cloud", {"name": name, "vtype": "CLOUD_NONE"})["url"]
        for name in ("west", "bare-east")
    }
    networks = {
        name: gateway.write("POST", "network", {"name": "dup-net", "cloud_ref": url})["url"]
        for name, url in clouds.items()
    }
    gateway.write("POST", "ipamdnsproviderprofile", {"name": "west-ipam", "type": "IPAMDNS_TYPE_INTERNAL",
                  "internal_profile": {"usable_networks": [{"nw_ref": networks["west"]}]}})  # fmt: skip
    bench.environment = declared(
        tmp_path,
        ("ipam_profiles:\n", "ipam_profiles:\n  - {name: west-ipam, cloud: bare-east, usable_networks: [dup-net]}\n"),
        ("clouds:\n", "clouds:\n  - {name: west}\n  - {name: bare-east}\n"),
        ("networks:\n", "networks:\n  - {name: dup-net, cloud: west}\n  - {name: dup-net, cloud: bare-east}\n"),
    )  # fmt: skip
    ((drift, _),) = bench.drifts()
    assert drift.want == [{"name": "dup-net", "cloud": "bare-east"}]
    assert drift.have == [{"name": "dup-net", "cloud": "west"}]
    site = bench.site()
    (step,) = build(site, bench.drifts(site.live)).steps
    refs = [one["nw_ref"] for one in step.requests[0].body["internal_profile"]["usable_networks"]]
    assert [ref.partition("#")[0] for ref in refs] == [
        networks[name].partition("#")[0] for name in ("west", "bare-east")
    ]
