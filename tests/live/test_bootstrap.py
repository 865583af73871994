"""The environment file of a site as it is: what it holds, and what it leaves out and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from intent import Invalid, load_environment
from intent.drift import compare
from live.avi.snapshot import Live, Snapshot
from live.bootstrap import Bootstrap, collections
from live.environment_text import bootstrap_text, file_text
from tests.live import world

ROOT = Path(__file__).parents[2]


def bootstrap(tmp_path, objects, **failures):
    """(what was found, the environment of the file that was written)."""
    for api in failures:
        objects.pop(api, None)
    missing = {api: [] for api in collections("30.2.1") if api not in objects and api not in failures}
    live = Live(
        Snapshot("c1:443", "30.2.1", "30.2.1", "now", objects={**objects, **missing}, failures=failures)
    )
    start = tmp_path / "start.yaml"
    start.write_text("name: mine\ncontroller: {address: c1, ca_file: ca.pem}\n", encoding="utf-8")
    found = Bootstrap(live)
    (tmp_path / "sites").mkdir(exist_ok=True)
    path = tmp_path / "sites" / "mine.yaml"
    written = bootstrap_text(load_environment(start), found, path.parent)
    path.write_text(written, encoding="utf-8")
    return live, found, load_environment(path)


@pytest.mark.parametrize("version", world.VERSIONS)
def test_what_is_written_is_found_again(tmp_path, version):
    """Of every declared object of the blog's site, in both spellings."""
    live, found, environment = bootstrap(tmp_path, world.objects(version))
    assert found.unread == []
    assert environment.controller.ca_file == "../ca.pem"
    kinds = {type(one).section for one in environment}
    for want in world.declared():
        if type(want).section in kinds and type(want).section not in ("controller", "vcenter", "hosts"):
            again = environment.find(want.key)
            assert again is not None, want.key
            assert compare(again, live[again]) == (), want.key


def test_editors_are_told_of_the_schema_beside_the_file_where_there_is_one(tmp_path):
    """The one in an installation is that of one machine's `.venv`, and of one release of Python."""
    assert file_text((), {}, tmp_path).partition("\n")[0].endswith("/environments/schema.json")
    (tmp_path / "schema.json").write_text("{}")
    assert file_text((), {}, tmp_path).startswith("# yaml-language-server: $schema=schema.json\n")


def test_what_others_own_is_left_to_them(tmp_path):
    objects = world.objects("30.2.1")
    (dns,) = [one for one in objects["virtualservice"] if one["name"] == "local-dns-site1"]
    objects["virtualservice"].append(
        {**dns, "uuid": "virtualservice-ako", "name": "ako-dns", "created_by": "ako-c1"}
    )
    _, _, environment = bootstrap(tmp_path, objects)
    assert [service.name for service in environment.dns_services] == ["local-dns-site1"]
    assert {vrf.name for vrf in environment.vrfs} == {"VRF_AZ1", "VRF_AZ2"}
    assert "Default-Group" not in {group.name for group in environment.se_groups}


def test_two_networks_of_one_name_cannot_be_meant(tmp_path):
    objects = world.objects("30.2.1")
    (one,) = [each for each in objects["network"] if each["name"] == "REGIONB_VMS_3023"]
    objects["network"].append({**one, "uuid": "dvportgroup-999"})
    _, found, environment = bootstrap(tmp_path, objects)
    assert "REGIONB_VMS_3023" not in {network.name for network in environment.networks}
    assert (
        "network REGIONB_VMS_3023: there are 2 of this name in one cloud, and none can be meant"
        in found.left_out
    )


def test_a_value_that_has_no_word_is_left_out(tmp_path):
    objects = world.objects("30.2.1")
    (group,) = [each for each in objects["serviceenginegroup"] if each["name"] == "DNS-SE-Group"]
    group["ha_mode"] = "HA_MODE_OF_TOMORROW"
    _, found, environment = bootstrap(tmp_path, objects)
    (again,) = [each for each in environment.se_groups if each.name == "DNS-SE-Group"]
    assert again.ha_mode is None
    assert again.buffer == 0
    assert (
        "SE group DNS-SE-Group: ha_mode is 'HA_MODE_OF_TOMORROW', which cannot be declared" in found.left_out
    )


def test_elements_that_cannot_be_declared_go_alone_however_many_there_are(tmp_path):
    objects = world.objects("30.2.1")
    (dns,) = [each for each in objects["virtualservice"] if each["name"] == "local-dns-site1"]
    names = [f"{'no' if number % 3 else 'yes'}{number}.example" for number in range(30)]
    dns["static_dns_records"] = [
        {
            "fqdn": [name],
            "type": "DNS_RECORD_A",
            "ip_address": [{"ip_address": {"addr": "10.9.9.9", "type": "V4"}}],
        }
        if name.startswith("yes")
        else {"fqdn": [name], "type": "DNS_RECORD_PTR", "cname": {"cname": "x.example"}}
        for name in names
    ]
    _, found, environment = bootstrap(tmp_path, objects)
    (again,) = environment.dns_services
    assert [str(record.name) for record in again.records] == names[::3]
    assert sum("no" in why and "PTR" in why for why in found.left_out) == 20


def test_of_an_element_that_cannot_be_declared_no_part_is_cut_first(tmp_path):
    objects = world.objects("30.2.1")
    network = objects["network"][0]
    ends = ({"addr": f"10.9.0.{end}", "type": "V4"} for end in (1, 9))
    ranges = [{"range": dict(zip(("begin", "end"), ends, strict=True)), "type": "NO_TYPE_OF_OURS"}]
    good = {"prefix": {"ip_addr": {"addr": "10.9.1.0", "type": "V4"}, "mask": 24}}
    for beside in ([], [good]):
        network["configured_subnets"] = [{"static_ip_ranges": ranges}, *beside]
        _, found, environment = bootstrap(tmp_path, objects)
        (again,) = [each for each in environment.networks if each.name == network["name"]]
        assert [str(each.prefix) for each in again.subnets or ()] == ["10.9.1.0/24"] * len(beside)
        assert any(f"{network['name']}: subnets of" in why for why in found.left_out)


def test_what_was_not_read_is_said_and_not_declared(tmp_path):
    """What refers to it still does: the file has to be corrected, and loading it says where."""
    with pytest.raises(Invalid, match="no DNS service 'local-dns-site1' is declared"):
        bootstrap(tmp_path, world.objects("30.2.1"), serviceenginegroup="no rights")
    written = (tmp_path / "sites" / "mine.yaml").read_text(encoding="utf-8")
    assert "# - se_groups: no rights\n# - dns_services: no rights\n" in written
    assert {"se_groups", "dns_services"}.isdisjoint(yaml.safe_load(written))
    assert "networks" in yaml.safe_load(written)


def test_a_name_from_the_site_writes_no_line_of_its_own(tmp_path):
    """What was left out stands in comments: a name with a line end in it must not end one."""
    objects = world.objects("30.2.1")
    (one,) = [each for each in objects["network"] if each["name"] == "REGIONB_VMS_3023"]
    for number in (1, 2):
        objects["network"].append({**one, "uuid": f"dvportgroup-99{number}", "name": "x\nwaived: yes\x1b[8m"})
    _, found, environment = bootstrap(tmp_path, objects)
    assert any("waived" in why for why in found.left_out)
    written = environment.path.read_text(encoding="utf-8")
    assert "\nwaived" not in written
    assert "\x1b" not in written


NEWS = [{"type": "DNS_RECORD_PTR", "fqdn": ["alias.avi.iberia.local"], "cname": {"cname": "x.example"}}]
ROUTE = {"route_id": "1", "prefix": {"ip_addr": {"addr": "10.9.0.0", "type": "V4"}, "mask": 16}, "next_hop": {"addr": "10.9.9.1", "type": "V4"}}  # fmt: skip


def test_everything_that_is_not_in_the_file_is_counted_and_named(tmp_path):
    """What no section, and what no field is for; a record that cannot be declared takes no other one with it."""
    objects = world.objects("30.2.1")
    (vrf,) = [each for each in objects["vrfcontext"] if each["name"] == "VRF_AZ1"]
    vrf |= {
        "static_routes": [ROUTE, {**ROUTE, "route_id": "2"}],
        "bgp_profile": {"local_as": 65001, "ibgp": False, "send_community": False},
    }
    for group in objects["serviceenginegroup"]:
        group |= {"hm_on_standby": False, "async_ssl_threads": 1}
    (dns,) = [each for each in objects["virtualservice"] if each["name"] == "local-dns-site1"]
    declared = len(dns["static_dns_records"])
    dns["static_dns_records"] = [*NEWS, *dns["static_dns_records"]]
    (vip,) = [each for each in objects["vsvip"] if each["uuid"] in dns["vsvip_ref"]]
    vip["dns_info"] = [*vip["dns_info"], {"fqdn": "second.avi.iberia.local", "type": "DNS_RECORD_A"}]
    web = {
        key: value
        for key, value in dns.items()
        if key not in ("application_profile_ref", "static_dns_records")
    }
    objects["virtualservice"] += [{**web, "uuid": f"virtualservice-{n}", "name": f"shop-{n}", "vsvip_ref": ""} for n in range(11)]  # fmt: skip
    objects["pool"] = [{"uuid": f"pool-{n}", "name": f"pool-{n}"} for n in range(2)]
    factory = {"System-Ping": {}, "System-TCP": {"tcp_monitor": {"tcp_half_open": True}}}
    objects["healthmonitor"] = [
        {"uuid": name, "name": name, "type": f"HEALTH_MONITOR_{name[7:].upper()}", **members}
        for name, members in factory.items()
    ]
    _, found, environment = bootstrap(tmp_path, objects)
    assert len(environment.dns_services[0].records) == declared + 1, "one message bears two names"
    shops = ", ".join(f"shop-{n}" for n in range(8))
    for line in (
        "DNS service local-dns-site1: records of alias.avi.iberia.local PTR, which cannot be declared",
        "no field holds static_routes (1 of 2), bgp_profile.send_community of VRF context VRF_AZ1",
        "2 Pools (this type has no section; --objects writes it): pool-0, pool-1",
        "1 HealthMonitor (this type has no section; --objects writes it): System-TCP",
        f"11 virtual services (only DNS services have a section; --objects writes the others): {shops} and 3 more",
    ):
        assert line in found.left_out, "\n".join(found.left_out)
    (groups,) = [line for line in found.left_out if "hm_on_standby" in line]
    assert groups == "no field holds hm_on_standby of SE group S1-AZ1-SE-Group, S1-AZ2-SE-Group, DNS-SE-Group"
    (service,) = [line for line in found.left_out if line.endswith("of DNS service local-dns-site1")]
    assert "vsvip.dns_info (1 of 2)" in service
    assert not any("System-Ping" in line or "async_ssl" in line for line in found.left_out)
    assert found.unread == []
    written = environment.path.read_text(encoding="utf-8")
    assert all(f"# - {line}" in written for line in found.left_out)


def test_what_could_not_be_counted_is_said(tmp_path):
    _, found, _ = bootstrap(tmp_path, world.objects("30.2.1"), pool="no rights")
    assert found.unread == ["no rights"]


@pytest.mark.parametrize(
    "ref", ["https://c1/api/", "https://c1/api//x#y", "https://c1/api/none/x-1#x", "/api/?name=x"]
)
def test_a_reference_to_a_type_that_no_version_has_is_named_as_left_out(tmp_path, ref):
    objects = world.objects("30.2.1")
    objects["serviceenginegroup"][-1]["hardwaresecuritymodulegroup_ref"] = ref
    _, found, _ = bootstrap(tmp_path, objects)
    assert any("hardwaresecuritymodulegroup_ref" in line for line in found.left_out), found.left_out
