"""Who can refer to whom, on three releases: nested messages, plain uuids and twins included."""

import pytest

from avi_schema import ReferringMember, parse_version
from avi_schema.build.overlay import OVERLAY, read_overlay

V = parse_version
RELEASES = ("20.1.6", "22.1.3", "30.2.1")


def holders(schema, target, release):
    """{type: paths} of everything that can refer to a type."""
    by_type = {}
    for each in schema.referrers(target, V(release)):
        by_type.setdefault(each.type, set()).add(str(each))
    return by_type


VIP = {
    "vip[].discovered_networks[].network_ref",
    "vip[].ipam_network_subnet.network_ref",
    "vip[].network_ref",
    "vip[].placement_networks[].network_ref",
}
TO_NETWORK = {
    "cloud": {"vcenter_configuration.management_network"},
    "ipamdnsproviderprofile": {
        "gcp_profile.usable_network_refs[]",
        "internal_profile.usable_networks[].nw_ref",
    },
    "pool": {
        "networks[].network_ref",
        "placement_networks[].network_ref",
        "servers[].discovered_networks[].network_ref",
        "servers[].nw_ref",
    },
    "serviceengine": {"data_vnics[].network_ref", "mgmt_vnic.network_ref"},
    "serviceenginegroup": {"mgmt_network_ref"},
    "trafficcloneprofile": {"clone_servers[].network_ref"},
    "virtualservice": VIP,
    "vrfcontext": {"bgp_profile.peers[].network_ref"},
    "vsvip": VIP,
}
FLAT = {
    "discovered_network_ref[]",
    "discovered_networks[].network_ref",
    "ipam_network_subnet.network_ref",
    "network_ref",
}


@pytest.mark.parametrize("release", RELEASES)
def test_what_refers_to_a_network(schema, release):
    expected = dict(TO_NETWORK)
    if release == "20.1.6":
        expected["virtualservice"] = VIP | FLAT
        profile = expected["ipamdnsproviderprofile"]
        expected["ipamdnsproviderprofile"] = profile | {"internal_profile.usable_network_refs[]"}
    assert holders(schema, "network", release) == expected


@pytest.mark.parametrize("release", RELEASES)
def test_what_refers_to_a_service_engine_group(schema, release):
    assert holders(schema, "serviceenginegroup", release) == {
        "cloud": {"linuxserver_configuration.hosts[].se_group_ref", "se_group_template_ref"},
        "networkservice": {"se_group_ref"},
        "serviceengine": {"se_group_ref"},
        "serviceenginepolicy": {"se_group_ref"},
        "virtualservice": {"se_group_ref"},
    }


@pytest.mark.parametrize("release", RELEASES)
def test_what_refers_to_a_vrf_context(schema, release):
    vnics = {
        f"{nic}.{path}"
        for nic in ("data_vnics[]", "mgmt_vnic")
        for path in ("vrf_ref", "vlan_interfaces[].vrf_ref")
    }
    assert holders(schema, "vrfcontext", release) == {
        "network": {"vrf_context_ref"},
        "networkservice": {"vrf_ref"},
        "pool": {"vrf_ref"},
        "serviceengine": vnics,
        "serviceenginepolicy": {"vrf_ref"},
        "virtualservice": {"vrf_context_ref"},
        "vsvip": {"vrf_context_ref"},
    }


def test_uuids_in_plain_strings_refer(schema):
    assert {
        (each.type, str(each)) for each in schema.referrers("virtualservice", V("20.1.6")) if each.uuid
    } == {
        ("dynamicdnsrecord", "dns_vs_uuid"),
        ("gslb", "sites[].dns_vses[].dns_vs_uuid"),
        ("gslbservice", "groups[].members[].vs_uuid"),
    }
    assert "gslbservice" in holders(schema, "cloud", "30.2.1")


def test_a_type_or_member_the_version_lacks_refers_to_nothing(schema):
    assert schema.types["tenantsystemconfiguration"].first == (30, 1, 1)
    assert "tenantsystemconfiguration" not in holders(schema, "virtualservice", "22.1.3")
    assert "tenantsystemconfiguration" in holders(schema, "virtualservice", "30.2.1")
    assert schema.references("tenantsystemconfiguration", V("22.1.3")) == ()
    assert holders(schema, "virtualservice", "20.1.6")["virtualservice"] == {"vh_parent_vs_uuid"}
    assert holders(schema, "virtualservice", "30.2.1")["virtualservice"] == {"vh_parent_vs_ref"}


@pytest.mark.parametrize("release", RELEASES)
def test_what_the_controller_reports_is_not_asked(schema, release):
    asked = {each.type for name in schema.types for each in schema.referrers(name, V(release))}
    assert not {
        name for name in asked if name.endswith(("runtime", "-inventory")) or name.startswith("vimgr")
    }
    assert not asked & {"upgradestatusinfo", "systemreport", "vsgs"}
    assert all(schema.types[name].lives(V(release)) for name in asked)


def test_both_directions_agree(schema):
    version = V("30.2.1")
    configurable = [name for name, kind in schema.types.items() if kind.configurable]
    held = {each for name in configurable for each in schema.references(name, version)}
    assert held == {each for name in schema.types for each in schema.referrers(name, version)}
    assert len(held) > 400
    assert all(schema.types[each.target].configurable for each in held)


def test_references_of_a_type(schema):
    assert {(str(each), each.target) for each in schema.references("vsvip", V("30.2.1"))} >= {
        ("cloud_ref", "cloud"),
        ("vrf_context_ref", "vrfcontext"),
        ("vip[].placement_networks[].network_ref", "network"),
    }
    # The Controller writes read-only members about itself: no client can make them refer.
    assert "vimgrnw_ref" not in {str(each) for each in schema.references("network", V("30.2.1"))}
    with pytest.raises(KeyError):
        schema.references("nosuchtype", V("30.2.1"))
    with pytest.raises(KeyError):
        schema.referrers("nosuchtype", V("30.2.1"))


def test_the_values_at_a_path():
    reference = ReferringMember("vsvip", ("vip[]", "placement_networks[]", "network_ref"), "network")
    body = {
        "vip": [
            {"placement_networks": [{"network_ref": "/api/network/a"}, {"subnet": {}}, None]},
            {"placement_networks": None},
            "no message",
            {
                "placement_networks": [
                    {"network_ref": "/api/network/b"},
                    {"network_ref": ""},
                    {"network_ref": 3},
                ]
            },
        ]
    }
    assert list(reference.values(body)) == ["/api/network/a", "/api/network/b"]
    assert list(reference.values({})) == []
    refs = ReferringMember("systemconfiguration", ("dns_virtualservice_refs[]",), "virtualservice")
    assert list(refs.values({"dns_virtualservice_refs": ["/api/virtualservice/a", "b"]})) == [
        "/api/virtualservice/a",
        "b",
    ]


def test_every_mark_meets_something_and_says_its_evidence(schema):
    marks = read_overlay()
    for model, members in marks["uuids"].items():
        for member, (target, evidence) in members.items():
            field = schema.message(model).fields[member]
            assert (field.kind, field.ref) == ("string", target), (model, member)
            assert target in schema.types
            assert evidence.startswith(("SCHEMA", "CLIENT", "REC", "INF"))
    for name, (twin, evidence) in marks["twins"].items():
        assert schema.types[name].twin == twin
        assert evidence.startswith(("SCHEMA", "CLIENT", "REC", "INF"))
    for name, (permission, evidence) in marks["permissions"].items():
        assert name == "*" or schema.types[name].permission == permission
        assert permission in schema.message("Permission").fields["resource"].enum
        assert evidence.startswith(("SCHEMA", "CLIENT", "REC", "INF"))
    for name, evidence in marks["reported"].items():
        assert not schema.types[name].configurable
        assert evidence.startswith(("SCHEMA", "CLIENT", "REC", "INF"))
    assert OVERLAY.stat().st_size < 5120, "the overlay is short"


@pytest.mark.parametrize("release", RELEASES)
def test_every_plain_uuid_of_a_configurable_type_is_marked_or_known_as_none_of_ours(schema, release):
    """A member newly called ..._uuid by a newer swagger must be looked at."""
    unmarked = set()
    for kind in schema.types.values():
        if kind.configurable and kind.lives(V(release)):
            unmarked |= {f"{model}.{name}" for model, name in plain_uuids(schema, kind.message.name, set())}
    assert unmarked <= FOREIGN


def plain_uuids(schema, model, seen):
    """The (message, member) of every string called uuid in something, below a message, that is not marked."""
    seen.add(model)
    for field in schema.message(model).fields.values():
        if field.kind == "string" and field.name.endswith(("_uuid", "_uuids")) and field.ref is None:
            yield model, field.name
        elif field.message and field.message not in seen:
            yield from plain_uuids(schema, field.message, seen)


FOREIGN = {
    # another member says of which type
    "AlertConfig.obj_uuid",
    # objects of the cloud: OpenStack, AWS, Azure, CloudStack
    "AwsZoneConfig.mgmt_network_uuid",
    "AwsZoneNetwork.usable_network_uuids",
    "CloudStackConfiguration.mgmt_network_uuid",
    "IPNetworkSubnet.subnet6_uuid",
    "IPNetworkSubnet.subnet_uuid",
    "IpamDnsAwsProfile.usable_network_uuids",
    "IpamDnsAzureProfile.usable_network_uuids",
    "OpenStackConfiguration.admin_tenant_uuid",
    "OpenStackConfiguration.mgmt_network_uuid",
    "OpenStackVipNetwork.os_network_uuid",
    "OpenStackVipNetwork.os_tenant_uuids",
    "ServiceEngineGroup.openstack_mgmt_network_uuid",
    "Vip.floating_subnet6_uuid",
    "Vip.floating_subnet_uuid",
    "Vip.port_uuid",
    "Vip.subnet6_uuid",
    "Vip.subnet_uuid",
    "VipAutoscaleZones.subnet_uuid",
    "VirtualService.floating_subnet_uuid",
    "VirtualService.port_uuid",
    "VirtualService.subnet_uuid",
    "vNIC.port_uuid",
    # machines, servers and licences
    "BurstResource.se_uuid",
    "ClusterNode.vm_uuid",
    "SecureChannelToken.node_uuid",
    "Server.external_uuid",
    # sites of a GSLB, which are parts of the gslb object
    "GslbHealthMonitorProxy.site_uuid",
    "GslbThirdPartySite.cluster_uuid",
}
