"""Import of what Terraform declares: typed where there is a key, references by name, nothing secret; and its usage."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import yaml

from live.__main__ import main
from live.imports import terraform
from tests.live.imported import imported
from tests.remediate.inprocess import Bench

DATA = Path(__file__).parent / "data" / "terraform"
FORMS = ("show", "plan")


def data(form):
    return json.loads((DATA / f"{form}.json").read_text())


@pytest.mark.parametrize("form", FORMS)
def test_the_site_that_terraform_built_is_as_imported(tmp_path, form):
    environment, text = imported(tmp_path, DATA / f"{form}.json")
    assert Bench("conforming", environment).drifts() == []
    assert len(environment.networks) == 5
    assert {each.type for each in environment.objects} >= {"systemconfiguration", "vsvip", "virtualservice"}
    assert environment.controller.address == "controller.example"
    assert "not-a-real-password" not in text
    assert "password" not in text.partition("\nname:")[2]


@pytest.mark.parametrize("form", FORMS)
def test_a_provider_from_a_mirror_and_text_of_powershell_are_taken_as_well(tmp_path, form):
    text = (DATA / f"{form}.json").read_text().replace("/vmware/avi", "/mirror/avi")
    assert "/vmware/avi" in (DATA / f"{form}.json").read_text()
    path = tmp_path / "given.json"
    path.write_bytes(text.encode("utf-16"))
    _, mirrored = imported(tmp_path, path)
    (tmp_path / "plain").mkdir()
    _, plain = imported(tmp_path / "plain", DATA / f"{form}.json")
    assert mirrored.partition("\nname:")[2] == plain.partition("\nname:")[2]


@pytest.mark.parametrize("key", ["plain", "a]b", "a[0]", 'says \\"so\\"]', "b.c/d"])
def test_keys_of_for_each_may_hold_anything(tmp_path, key):
    """Of a resource and of its module: none of them is lost without a word."""
    plan = data("plan")
    inside = plan["configuration"]["root_module"]
    call = {"source": "./site", "module": inside, "for_each_expression": {"references": ["var.sites"]}}
    plan["configuration"]["root_module"] = {"module_calls": {"site": call}}
    root = plan["planned_values"]["root_module"]
    for each in root["resources"]:
        each["address"] = f'module.site["{key}"].{each["address"]}'
    plan["planned_values"]["root_module"] = {"child_modules": [root]}
    path = tmp_path / "given.json"
    path.write_text(json.dumps(plan))
    environment, _ = imported(tmp_path, path)
    (tmp_path / "plain").mkdir()
    plain, _ = imported(tmp_path / "plain", DATA / "plan.json")
    assert [each.name for each in environment.networks] == [each.name for each in plain.networks]


def test_a_plan_declares_what_its_author_wrote_and_nothing_else(tmp_path):
    environment, text = imported(tmp_path, DATA / "plan.json")
    objects = {(each.type, each.name): each.fields for each in environment.objects}
    (cloud,) = environment.clouds
    assert (cloud.vcenter.url, cloud.management.network, cloud.ipam_profile) == (
        "vcenter.iberia.local",
        "REGIONB_MGMT_3020",
        "IPAM_Default",
    )
    assert objects["cloud", "Default-Cloud"] == {
        "vcenter_configuration": {"username": "svc-avi@vsphere.local"}
    }
    service = objects["virtualservice", "local-dns-site1"]
    assert service == {
        "network_profile_ref": "System-UDP-Per-Pkt",
        "se_group_ref": "DNS-SE-Group",
        "vsvip_ref": "vsvip-local-dns-site1",
    }
    assert environment.system.license_tier == "enterprise-with-cloud-services", (
        "a default that is written is declared"
    )
    assert environment.system.dns_services == ("local-dns-site1",)
    system = objects["systemconfiguration", "systemconfiguration"]
    assert system == {"welcome_workflow_complete": True}
    assert not environment.se_groups
    assert "value missing: avi_serviceenginegroup.group: its objects are made by for_each" in text
    assert "not taken over: avi_cloud.default: vcenter_configuration.password: a secret" in text


def test_a_state_leaves_out_defaults_and_blocks_that_are_marked_as_sensitive(tmp_path):
    environment, text = imported(tmp_path, DATA / "show.json")
    groups = {group.name: group for group in environment.se_groups}
    assert groups["S1-AZ1-SE-Group"].name_prefix == "s1az1"
    assert not groups["S1-AZ1-SE-Group"].declares("ha_mode"), "it says the default"
    assert environment.clouds[0].vcenter is None
    assert "vcenter_configuration: Terraform marks it as sensitive" in text
    assert "value missing: avi_virtualservice.dns: application_profile_ref" in text


def test_what_terraform_differs_on_and_cannot_see_is_told(tmp_path):
    _, text = imported(tmp_path, DATA / "plan.json")
    assert (
        "differs for ever, since the secret comes back hidden: vcenter_configuration of cloud Default-Cloud"
        in text
    )
    assert (
        "differs for ever, since the Controller fills it: cloud_type of virtualservice local-dns-site1"
        in text
    )
    assert "does not see what is added by hand to: internal_profile.dns_service_domain" in text
    assert "does not see that this reference is taken away: dns_provider_ref of cloud" in text


def test_secrets_are_known_by_the_model_where_terraform_marks_none(tmp_path):
    state = data("show")
    for each in state["values"]["root_module"]["resources"]:
        each["sensitive_values"] = {}
        if each["type"] == "avi_cloud":
            each["values"]["vcenter_configuration"] = [{"password": "hunter2", "vcenter_url": "v.example"}]
    (tmp_path / "state.json").write_text(json.dumps(state))
    environment, text = imported(tmp_path, tmp_path / "state.json")
    assert "hunter2" not in text
    assert environment.clouds[0].vcenter.url == "v.example"


DYNAMIC = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {"root_module": {"resources": [{
        "address": "avi_pool.web", "mode": "managed", "type": "avi_pool", "name": "web",
        "provider_name": "registry.terraform.io/vmware/avi",
        "values": {"name": "web", "servers": [
            {"ip": [{"addr": "10.0.0.1", "type": "V4"}], "port": "80"},
            {"ip": [{"addr": "10.0.0.2", "type": "V4"}], "port": "80"},
        ]},
    }]}},
    "resource_changes": [{"address": "avi_pool.web", "change": {"actions": ["create"]}}],
    "configuration": {"root_module": {"resources": [{
        "address": "avi_pool.web", "mode": "managed", "type": "avi_pool", "name": "web",
        "expressions": {"name": {"constant_value": "web"}},
    }]}},
}  # fmt: skip
STATIC = {
    "ip": [{"addr": {"constant_value": "10.0.0.1"}, "type": {"constant_value": "V4"}}],
    "port": {"constant_value": "80"},
}
"""A pool whose servers stand in a `dynamic` block: Terraform leaves that out of what it shows of the configuration."""


def test_what_a_dynamic_block_makes_is_declared_as_planned():
    """Of what is created, what is planned and known is the author's: what the Controller fills is not known yet."""
    (pool,) = terraform.read(DYNAMIC).objects
    assert [each["ip"]["addr"] for each in pool.body["servers"]] == ["10.0.0.1", "10.0.0.2"]


@pytest.mark.parametrize("written", [{}, {"servers": [STATIC]}], ids=["alone", "beside-another"])
def test_a_dynamic_block_of_what_is_there_is_told_as_missing(written):
    """It may be the Controller's own as well; half a list would say that there is no more."""
    plan = copy.deepcopy(DYNAMIC)
    plan["resource_changes"][0]["change"]["actions"] = ["no-op"]
    plan["configuration"]["root_module"]["resources"][0]["expressions"] |= written
    taken = terraform.read(plan)
    (pool,) = taken.objects
    assert "servers" not in pool.body
    (text,) = taken.missing
    assert text.startswith("avi_pool.web: servers: the plan does not say whether")


def test_child_modules_and_variables_are_read(tmp_path):
    plan = data("plan")
    root = plan["configuration"]["root_module"]
    inside = {
        "resources": [copy.deepcopy(each) for each in root["resources"] if each["address"].endswith("ipam")]
    }
    inside["resources"][0]["expressions"]["name"] = {"references": ["var.avi_version"]}
    root["module_calls"] = {"more": {"module": inside}}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    environment, _ = imported(tmp_path, tmp_path / "plan.json")
    assert "30.2.1" in [each.name for each in environment.ipam_profiles]


def test_resources_that_are_no_objects_and_values_of_no_type_are_told():
    resource = {
        "address": "avi_useraccount.me", "mode": "managed", "type": "avi_useraccount",
        "provider_name": "x/vmware/avi", "values": {},
    }  # fmt: skip
    pool = resource | {
        "address": "avi_pool.web", "type": "avi_pool",
        "values": {"name": "web", "default_server_port": "many", "new_member": "x", "min_servers_up": "2"},
    }  # fmt: skip
    other = pool | {"address": "aws_pool.web", "provider_name": "x/hashicorp/aws"}
    state = {
        "format_version": "1.0",
        "terraform_version": "1",
        "values": {"root_module": {"resources": [resource, pool, other]}},
    }
    found = terraform.read(state)
    assert [each.body for each in found.objects] == [{"name": "web", "min_servers_up": 2}]
    assert found.left_out == [
        "avi_useraccount.me: avi_useraccount is no type of object that can be declared",
        "avi_pool.web: default_server_port: invalid literal for int() with base 10: 'many'",
        "avi_pool.web: new_member: no member of the Controller's model",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{}", "holds no object of an Avi Controller"),
        ("[1, 2]", "holds no object of an Avi Controller"),
        (
            '{"version": 4, "terraform_version": "1.11.0", "resources": [{"type": "avi_pool"}]}',
            "is Terraform's state as it keeps it; give what `terraform show -json` writes",
        ),
        ("{", "is neither JSON of Terraform's nor YAML"),
        ("a: [", "is neither JSON of Terraform's nor YAML"),
        (
            '{"format_version": "1", "terraform_version": "1", "values": {"root_module": {"resources": [1]}}}',
            "is not of the form",
        ),
    ],
)
def test_what_is_no_file_of_theirs_is_refused(tmp_path, capsys, content, why):
    (tmp_path / "file").write_text(content)
    assert main(["import", str(tmp_path / "file")]) == 4
    assert why in capsys.readouterr().err


def test_the_source_of_terraform_is_told_from_a_file_without_objects(tmp_path, capsys):
    (tmp_path / "main.tf").write_text('resource "avi_pool" "web" { name = "web" }\n')
    assert main(["import", str(tmp_path / "main.tf")]) == 4
    assert (
        "main.tf: is Terraform's source; give what `terraform show -json` writes" in capsys.readouterr().err
    )


def test_a_head_is_taken_over_and_nothing_is_written_over(tmp_path, capsys):
    start = tmp_path / "start.yaml"
    start.write_text("name: mine\ncontroller: {address: avi.example, ca_file: ca.pem}\n")
    (tmp_path / "sites").mkdir()
    out = tmp_path / "sites" / "mine.yaml"
    arguments = ["import", str(DATA / "plan.json"), "--environment", str(start), "--out", str(out)]
    assert main(arguments) == 0
    written = yaml.safe_load(out.read_text())
    assert (written["name"], written["controller"]["ca_file"]) == ("mine", "../ca.pem")
    assert main(arguments) == 4
    assert "is there already; name a new file" in capsys.readouterr().err


@pytest.mark.parametrize("form", FORMS)
def test_resources_of_other_providers_are_counted_and_named(tmp_path, form):
    content = data(form)
    root = content["values" if form == "show" else "planned_values"]["root_module"]
    for address, mode in (("aws_instance.a", "managed"), ("data.aws_ami.b", "data")):
        kind = address.split(".")[-2]
        more = {
            "address": address,
            "mode": mode,
            "type": kind,
            "provider_name": "x/hashicorp/aws",
            "values": {},
        }
        root["resources"].append(more)
    (tmp_path / "file.json").write_text(json.dumps(content))
    _, text = imported(tmp_path, tmp_path / "file.json")
    assert "not taken over: 1 resource: aws_instance.a is not an object of a Controller" in text
    assert "aws_ami" not in text


@pytest.mark.parametrize("arguments", [[], ["import"], ["export", "x"]])
def test_wrong_usage_ends_with_4(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 4
    assert "usage: python -m live" in capsys.readouterr().err
