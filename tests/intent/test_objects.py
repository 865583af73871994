"""Objects of any type: what of a declaration cannot be meant, and what editors know of it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from intent import Environment, load_environment
from intent.source import Invalid

V30 = (30, 2, 1)
SENSITIVE_PARAM = (
    "{type: ipamdnsproviderprofile, name: a, fields: "
    "{custom_profile: {dynamic_params: [{name: k, value: x, is_sensitive: true}]}}}"
)


def environment(tmp_path: Path, objects: str, version: str = "30.2.1") -> Path:
    """A file with these objects; the first of them stands in line 4."""
    path = tmp_path / "site.yaml"
    head = f"name: t\ncontroller: {{address: c.example.com, api_version: {version}}}\nobjects:\n"
    path.write_text(head + objects)
    return path


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ("{type: pol, name: a}", "type 'pol' is none of the Controller's; did you mean 'pool'?"),
        ("{type: network-inventory, name: a}", "is what the Controller reports"),
        ("{type: backup, name: a}", "have no name by which one could be told from another"),
        ("{type: pool}", "name: is required for type pool"),
        ("{type: systemconfiguration, name: main}", "a Controller has one systemconfiguration"),
        ("{type: systemconfiguration, absent: true}", "every Controller has its systemconfiguration"),
        ("{type: tenant, name: a, cloud: east}", "live in no cloud"),
        ("{type: tenant, name: a, tenant: blue}", "belong to no tenant"),
        ("{type: pool, name: a, absent: true, fields: {enabled: true}}", "leave one of the two out"),
        ("{type: pool, name: a, fields: {serverss: []}}", "no member 'serverss'; did you mean 'servers'?"),
        ("{type: pool, name: a, fields: {cloud_ref: a}}", "declare `cloud:` beside `type:`"),
        ("{type: pool, name: a, fields: {name: a}}", "declare `name:` beside `type:`"),
        ("{type: pool, name: a, fields: {uuid: a}}", "uuid is set by the Controller"),
        ("{type: pool, name: a, fields: {created_by: ako-x}}", "created_by is set by the Controller"),
        ("{type: user, name: a, fields: {password: x}}", "password holds a secret"),
        (SENSITIVE_PARAM, "value holds a secret"),
        ("{type: pool, name: a, fields: {lb_algorithm: LB_ROUND}}", "'LB_ROUND' is none of its words"),
        ("{type: pool, name: a, fields: {default_server_port: 70000}}", "70000 is not within 1 and 65535"),
        ("{type: pool, name: a, fields: {default_server_port: '80'}}", "'80' is not a whole number"),
        ("{type: pool, name: a, fields: {enabled: 1}}", "1 is not true or false"),
        ("{type: pool, name: a, fields: {health_monitor_refs: web}}", "health_monitor_refs is a list"),
        ("{type: pool, name: a, fields: {health_monitor_refs: [{nam: web}]}}", "names another object"),
        ("{type: pool, name: a, fields: {servers: [10.0.0.1]}}", "written as a mapping of its members"),
        (
            "{type: pool, name: a, fields: {vrf_ref: /api/pool/?name=a}}",
            "leads to a pool, where a vrfcontext",
        ),
        ("{type: pool, name: a, fields: {vrf_ref: /api/vrfcontext/}}", "has neither a uuid nor a name in it"),
        ("{type: cluster, tenant: blue, fields: {}}", "belong to no tenant"),
        (
            "{type: pool, name: a, fields: {servers: [{ip: {addr: 10.0.0.300, type: V4}}]}}",
            "ip.addr: '10.0.0.300' is no IPv4 address",
        ),
        (
            "{type: pool, name: a, fields: {servers: [{ip: {addr: 10.0.0.3, type: V6}}]}}",
            "ip.addr: '10.0.0.3' is no IPv6 address",
        ),
        ("{type: pool, name: a, exact: [server]}", "did you mean 'servers'?"),
        ("{type: pool, name: a, exact: [enabled]}", "enabled is no list"),
        ("{type: pool, name: a, ignore: [server]}", "'server' is no member there; did you mean 'servers'?"),
        (
            "{type: pool, name: a, ignore: [servers.hostnam]}",
            "'hostnam' is no member there; did you mean 'hostname'?",
        ),
        (
            "{type: stringgroup, name: a, fields: {kv: [{key: a, value: x}, {key: a, value: y}]}}",
            "a is declared a second time in kv; keep one",
        ),
        (
            "{type: vsvip, name: a, fields: {vip: [{auto_allocate_ip: true, ip_address: {addr: 10.0.0.1}}]}}",
            "ip_address is set by the Controller where auto_allocate_ip is so",
        ),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_line(tmp_path: Path, declared: str, problem: str) -> None:
    """By file and line, and by the nearest right name."""
    with pytest.raises(Invalid) as invalid:
        load_environment(environment(tmp_path, f"  - {declared}\n"))
    assert [each.line for each in invalid.value.problems] == [4]
    assert problem in str(invalid.value)


@pytest.mark.parametrize(("name", "found"), [("[a, b]", "['a', 'b']"), ("8080", "8080")])
def test_a_name_that_is_not_text_is_not_said_to_be_left_out(tmp_path: Path, name: str, found: str) -> None:
    """One problem, and what else is wrong with the object."""
    declared = f"  - {{type: pool, name: {name}, fields: {{lb_algorithm: X}}}}\n"
    with pytest.raises(Invalid) as invalid:
        load_environment(environment(tmp_path, declared))
    texts = [each.text for each in invalid.value.problems]
    assert any(text.startswith(f"objects.name: is not text (found {found})") for text in texts)
    assert len(texts) == 2
    assert any("lb_algorithm" in text for text in texts)


def test_the_model_is_that_of_the_pinned_version(tmp_path: Path) -> None:
    """A member that the site does not have yet is no member of its objects."""
    declared = "  - {type: serviceenginegroup, name: a, fields: {use_dp_util_for_scaleout: true}}\n"
    load_environment(environment(tmp_path, declared))
    with pytest.raises(Invalid, match=r"is newer than version 20\.1\.6: it came with 2\d\."):
        load_environment(environment(tmp_path, declared, "20.1.6"))


def test_one_object_is_declared_once(tmp_path: Path) -> None:
    """In the same cloud and tenant; objects of two types may share a name."""
    twice = "  - {type: pool, name: a}\n  - {type: poolgroup, name: a}\n  - {type: pool, name: a}\n"
    with pytest.raises(Invalid) as invalid:
        load_environment(environment(tmp_path, twice))
    assert [each.line for each in invalid.value.problems] == [6]


@pytest.mark.parametrize(
    ("section", "declared", "member"),
    [
        (
            "users: [{name: bo, superuser: false, access: [{tenant: admin, role: r}]}]\nroles: [{name: r}]",
            "{type: user, name: bo, fields: {access: [{all_tenants: true}]}}",
            "access of user bo",
        ),
        (
            "roles: [{name: r, privileges: []}]",
            "{type: role, name: r, fields: {privileges: []}}",
            "privileges of role r",
        ),
        (
            "controller_cluster: {virtual_ip: 10.0.0.1}",
            "{type: cluster, fields: {virtual_ip: {addr: 10.0.0.1, type: V4}}}",
            "virtual_ip of cluster",
        ),
        (
            "vrfs: [{name: v, bgp: {peers: [{address: 10.0.0.1}]}}]",
            "{type: vrfcontext, name: v, fields: {bgp_profile: {peers: []}}}",
            "bgp_profile of vrfcontext v",
        ),
        (
            "dns_services: [{name: d, services: [{port: 53, protocol: udp}]}]",
            "{type: virtualservice, name: d, fields: {services: [{port: 53}]}}",
            "services of virtualservice d",
        ),
        (
            "vrfs: [{name: v, tier1: /infra/tier-1s/a}]",
            "{type: vrfcontext, name: v, fields: {attrs: [{key: tier1path, value: b}]}}",
            "attrs of vrfcontext v",
        ),
    ],
)
def test_a_member_is_declared_under_one_section(
    tmp_path: Path, section: str, declared: str, member: str
) -> None:
    """Whichever section it is, and whichever way the Controller's model nests it; said wherever the file is read."""
    path = environment(tmp_path, f"  - {{type: pool, name: other}}\n  - {declared}\n")
    path.write_text(f"{path.read_text()}{section}\n")
    with pytest.raises(Invalid, match=f"{member} .* as well; keep one") as invalid:
        load_environment(path)
    assert [each.line for each in invalid.value.problems] == [5]


def test_other_members_of_one_object_stand_under_both(tmp_path: Path) -> None:
    """Each member is declared once."""
    path = environment(tmp_path, "  - {type: user, name: bo, fields: {is_superuser: false}}\n")
    path.write_text(f"{path.read_text()}users: [{{name: bo, active: true}}]\n")
    load_environment(path)


def test_ids_say_where_an_object_lives(tmp_path: Path) -> None:
    """And do not change with what else is declared."""
    objects = """
  - {type: pool, name: a}
  - {type: pool, name: a, cloud: east, tenant: blue}
  - {type: systemconfiguration}
"""
    loaded = load_environment(environment(tmp_path, objects))
    assert [each.test_id for each in loaded.objects] == ["pool/a", "pool/blue/east/a", "systemconfiguration"]


def test_the_schema_for_editors_knows_the_members_of_a_version(tmp_path: Path) -> None:
    """What is wrong in a file is wrong in it, and what is right is right; the one that is kept stays small."""
    schema = json.loads(Environment.schema_text(V30))
    validator = jsonschema.Draft202012Validator(schema)
    right = environment(
        tmp_path, "  - {type: pool, name: a, fields: {enabled: true, health_monitor_refs: [{name: m}]}}\n"
    )
    assert list(validator.iter_errors(yaml.safe_load(right.read_text()))) == []
    for fields in (
        "{serverss: []}",
        "{enabled: 1}",
        "{lb_algorithm: X}",
        "{uuid: a}",
        "{default_server_port: 0}",
    ):
        wrong = environment(tmp_path, f"  - {{type: pool, name: a, fields: {fields}}}\n")
        assert list(validator.iter_errors(yaml.safe_load(wrong.read_text()))), fields
    newer = "  - {type: serviceenginegroup, name: a, fields: {use_dp_util_for_scaleout: true}}\n"
    data = yaml.safe_load(environment(tmp_path, newer).read_text())
    assert list(validator.iter_errors(data)) == []
    older = jsonschema.Draft202012Validator(json.loads(Environment.schema_text((20, 1, 6))))
    assert list(older.iter_errors(data))
    assert len(Environment.schema_text()) < len(Environment.schema_text((30, 2, 1))) / 4, (
        "it names types only"
    )
