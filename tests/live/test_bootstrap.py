"""The environment file of a site as it is: what it holds, and what it leaves out and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from intent import Invalid, load_environment
from intent.drift import compare
from live.avi.snapshot import Live, Snapshot
from live.bootstrap import Bootstrap, collections, text
from tests.live import world

ROOT = Path(__file__).parents[2]


def bootstrap(tmp_path, objects, **failures):
    """(what was found, the environment of the file that was written)."""
    for api in failures:
        objects.pop(api, None)
    missing = {api: [] for api in collections() if api not in objects and api not in failures}
    live = Live(
        Snapshot("c1:443", "30.2.1", "30.2.1", "now", objects={**objects, **missing}, failures=failures)
    )
    start = tmp_path / "start.yaml"
    start.write_text("name: mine\ncontroller: {address: c1, ca_file: ca.pem}\n", encoding="utf-8")
    found = Bootstrap(live)
    (tmp_path / "sites").mkdir(exist_ok=True)
    path = tmp_path / "sites" / "mine.yaml"
    written = text(load_environment(start), found, path.parent, ROOT / "environments" / "schema.json")
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
