"""Objects of any type: what of a declaration cannot be meant, and how its members are compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from intent import ConfigObject, Environment, Unknown, compare, load_environment
from intent.source import Invalid
from intent.values import Unresolved

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
    assert f"objects.name: is not text (found {found})" in texts
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


def wanted(type_name: str, fields: dict[str, Any], **more: Any) -> ConfigObject:
    """A declared object."""
    return ConfigObject.model_validate({"type": type_name, "name": "a", "fields": fields, **more})


def drifts(type_name: str, want: dict[str, Any], have: dict[str, Any], **more: Any) -> list[str]:
    """The paths of what is not as declared: `-` before what is missing, `+` before what is there beside it."""
    declared = wanted(type_name, want, **more)
    signs = []
    for drift in compare(declared, declared.with_live(have, V30)):
        sign = "+" if drift.want is None else "-" if drift.have is None else ""
        signs.append(sign + drift.path)
    return signs


V4 = {"type": "V4"}
SERVERS = [{"ip": {"addr": f"10.0.0.{n}", **V4}, "port": 80} for n in range(1, 4)]
ROUTES: list[dict[str, Any]] = [
    {"prefix": {"ip_addr": {"addr": f"10.{n}.0.0", **V4}, "mask": 16}, "next_hop": {"addr": "10.0.0.1", **V4}}
    for n in range(3)
]
AKO = {"labels": [{"key": "clustername", "value": "prod"}], "route_id": "9"}
RULES = [
    {
        "index": n,
        "name": f"r{n}",
        "enable": True,
        "match": {"path": {"match_str": [f"/{n}"], "match_criteria": "EQUALS"}},
    }
    for n in (1, 2, 3)
]


def renumbered(rules: list[dict[str, Any]], *numbers: int) -> list[dict[str, Any]]:
    """The same rules, with these numbers."""
    return [{**rule, "index": number} for rule, number in zip(rules, numbers, strict=True)]


@pytest.mark.parametrize(
    ("type_name", "want", "have", "expected"),
    [
        # value: defaults, spellings, null
        ("healthmonitor", {"send_interval": 5}, {"send_interval": 10}, ["send_interval"]),
        ("healthmonitor", {"send_interval": 10}, {}, []),
        ("healthmonitor", {"send_interval": 5}, {"send_interval": "5"}, []),
        ("pool", {"enabled": True}, {"enabled": "true"}, []),
        ("pool", {"description": None}, {}, []),
        ("pool", {"description": None}, {"description": "x"}, ["+description"]),
        ("pool", {"health_monitor_refs": ["m"]}, {}, ["-health_monitor_refs[m]"]),
        ("pool", {"health_monitor_refs": []}, {"health_monitor_refs": ["m"]}, ["+health_monitor_refs[m]"]),
        ("pool", {"health_monitor_refs": []}, {}, []),
        # keyed, and each element by its own key
        ("pool", {"servers": SERVERS}, {"servers": SERVERS[::-1]}, []),
        ("pool", {"servers": SERVERS[:2]}, {"servers": SERVERS}, ["+servers[10.0.0.3+80]"]),
        ("pool", {"servers": SERVERS}, {"servers": SERVERS[:2]}, ["-servers[10.0.0.3+80]"]),
        (
            "pool",
            {"servers": [{**SERVERS[0], "ratio": 2}]},
            {"servers": [{**SERVERS[0], "ratio": 3}]},
            ["servers[10.0.0.1+80].ratio"],
        ),
        (
            "pool",
            {"servers": [{"hostname": "web1", "port": 80}]},
            {"servers": [{"hostname": "web1", "ip": {"addr": "10.0.0.9", **V4}, "port": 80}]},
            [],
        ),
        (
            "virtualservice",
            {"services": [{"port": 53}, {"port": 53, "override_network_profile_ref": "System-UDP"}]},
            {"services": [{"port": 53, "port_range_end": 53, "override_network_profile_ref": "System-UDP"},
                          {"port": 53, "port_range_end": 53}]},
            [],
        ),
        # ordered
        (
            "systemconfiguration",
            {"dns_configuration": {"server_list": [{"addr": "10.0.0.1", **V4}, {"addr": "10.0.0.2", **V4}]}},
            {"dns_configuration": {"server_list": [{"addr": "10.0.0.2", **V4}, {"addr": "10.0.0.1", **V4}]}},
            ["dns_configuration.server_list"],
        ),
        # a sequence: the rank counts, not the number
        ("httppolicyset", {"http_request_policy": {"rules": RULES}},
         {"http_request_policy": {"rules": renumbered(RULES, 10, 20, 30)[::-1]}}, []),
        ("httppolicyset", {"http_request_policy": {"rules": RULES}},
         {"http_request_policy": {"rules": renumbered(RULES, 2, 1, 3)}}, ["http_request_policy.rules"]),
        ("httppolicyset", {"http_request_policy": {"rules": RULES[:2]}},
         {"http_request_policy": {"rules": RULES}}, ["+http_request_policy.rules[r3]"]),
        ("httppolicyset", {"http_request_policy": {"rules": RULES}},
         {"http_request_policy": {"rules": RULES[:2]}}, ["-http_request_policy.rules[r3]"]),
        ("virtualservice",
         {"http_policies": [{"index": 1, "http_policy_set_ref": "a"}, {"index": 2, "http_policy_set_ref": "b"}]},
         {"http_policies": [{"index": 11, "http_policy_set_ref": "a"}, {"index": 12, "http_policy_set_ref": "b"}]},
         []),
        ("virtualservice",
         {"http_policies": [{"index": 1, "http_policy_set_ref": "a"}, {"index": 2, "http_policy_set_ref": "b"}]},
         {"http_policies": [{"index": 1, "http_policy_set_ref": "b"}, {"index": 2, "http_policy_set_ref": "a"}]},
         ["http_policies"]),
        # an element that holds a reference alone is that reference: another one stands beside it, and is not it changed
        ("virtualservice", {"http_policies": [{"index": 11, "http_policy_set_ref": "a"}]},
         {"http_policies": [{"index": 11, "http_policy_set_ref": "b"}]},
         ["-http_policies[a]", "+http_policies[b]"]),
        ("virtualservice", {"l4_policies": [{"index": 1, "l4_policy_set_ref": "a"}]},
         {"l4_policies": [{"index": 1, "l4_policy_set_ref": "a"}, {"index": 2, "l4_policy_set_ref": "b"}]},
         ["+l4_policies[b]"]),
        ("virtualservice",
         {"vs_datascripts": [{"index": 1, "vs_datascript_set_ref": "a"}, {"index": 2, "vs_datascript_set_ref": "b"}]},
         {"vs_datascripts": [{"index": 5, "vs_datascript_set_ref": "c"}, {"index": 6, "vs_datascript_set_ref": "b"}]},
         ["-vs_datascripts[a]", "+vs_datascripts[c]"]),
        ("systemconfiguration",
         {"admin_auth_configuration": {"remote_auth_configurations": [
             {"index": 1, "auth_profile_ref": "a", "auth_mapping_profile_ref": "m"}]}},
         {"admin_auth_configuration": {"remote_auth_configurations": [
             {"index": 1, "auth_profile_ref": "b", "auth_mapping_profile_ref": "m"}]}},
         ["-admin_auth_configuration.remote_auth_configurations[m+a]",
          "+admin_auth_configuration.remote_auth_configurations[m+b]"]),
        # what others add: labels, markers, AKO's routes
        ("pool", {"markers": [{"key": "a", "values": ["x"]}]},
         {"markers": [{"key": "a", "values": ["x"]}, {"key": "b", "values": []}]}, []),
        ("vrfcontext", {"static_routes": ROUTES[:1]}, {"static_routes": [{**ROUTES[0], "route_id": "7"}, {**ROUTES[1], **AKO}]}, []),
        ("vrfcontext", {"static_routes": ROUTES[:1]}, {"static_routes": ROUTES[:2]},
         ["+static_routes[10.1.0.0/16+10.0.0.1]"]),
        # spellings
        ("vsvip", {"dns_info": [{"fqdn": "Web.Example.com."}]}, {"dns_info": [{"fqdn": "web.example.com"}]}, []),
        ("ipaddrgroup", {"addrs": [{"addr": "2001:DB8:0::1", "type": "V6"}]},
         {"addrs": [{"addr": "2001:db8::1", "type": "V6"}]}, []),
        ("sslprofile", {"accepted_ciphers": "A:B"}, {"accepted_ciphers": "B:A"}, ["accepted_ciphers"]),
        # what the server sets is compared nowhere
        ("vsvip", {"vip": [{"vip_id": "1", "auto_allocate_ip": True}]},
         {"vip": [{"vip_id": "1", "auto_allocate_ip": True, "ip_address": {"addr": "10.0.0.7", **V4},
                   "discovered_networks": [{"network_ref": "x"}]}]}, []),
    ],
)  # fmt: skip
def test_members_are_compared_by_what_they_mean(
    type_name: str, want: dict[str, Any], have: dict[str, Any], expected: list[str]
) -> None:
    """Order, spelling, defaults, numbers of rules and what others add are no drift; all else is, by its key."""
    assert drifts(type_name, want, have) == expected


def test_ignored_members_are_not_compared() -> None:
    """At the top and below."""
    want, have = {"description": "a", "enabled": True}, {"description": "b", "enabled": False}
    assert drifts("pool", want, have, ignore=["description"]) == ["enabled"]
    nested = {"analytics_policy": {"udf_log_throttle": 1, "metrics_realtime_update": {"duration": 3}}}
    live = {"analytics_policy": {"udf_log_throttle": 2, "metrics_realtime_update": {"duration": 4}}}
    ignored = ["analytics_policy.metrics_realtime_update"]
    assert drifts("virtualservice", nested, live, ignore=ignored) == ["analytics_policy.udf_log_throttle"]


def test_exact_reaches_lists_to_which_others_add() -> None:
    """Where the file names such a list, what is not declared in it is drift as well."""
    have = {"markers": [{"key": "b", "values": []}]}
    assert drifts("pool", {"markers": []}, have) == []
    assert drifts("pool", {"markers": []}, have, exact=["markers"]) == ["+markers[b]"]


def test_a_key_that_is_the_default_is_a_key_all_the_same() -> None:
    """What stands there under another key is another element."""
    want, have = (
        {"syslog_servers": [{"syslog_server": "a", "syslog_server_port": port}]} for port in (514, 6514)
    )
    expected = ["-syslog_servers[a+514]", "+syslog_servers[a+6514]"]
    assert drifts("alertsyslogconfig", want, have) == expected
    assert drifts("alertsyslogconfig", want, {"syslog_servers": [{"syslog_server": "a"}]}) == []
    want, have = ({"vip": [{"vip_id": ident, "enabled": True}]} for ident in ("0", "1"))
    assert drifts("vsvip", want, have) == ["-vip[0]", "+vip[1]"]


def test_two_elements_of_one_key_are_unknown() -> None:
    """None of them can be meant."""
    have = {"kv": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}
    with pytest.raises(Unknown, match=r"kv\[a\] stands there 2 times"):
        drifts("stringgroup", {"kv": [{"key": "a", "value": "1"}]}, have)


def test_one_of_the_same_name_elsewhere_is_another_and_has_a_path_of_its_own() -> None:
    """So that what was added beside the declaration is not taken for what is missing from it."""
    have = {"health_monitor_refs": [{"name": "m", "tenant": "blue"}]}
    assert drifts("pool", have, have) == []
    found = drifts("pool", {"health_monitor_refs": ["m"]}, have)
    assert found == ["-health_monitor_refs[m]", "+health_monitor_refs[m (tenant blue)]"]
    want, have = (
        {"ntp_configuration": {"ntp_servers": [{"server": {"addr": "t.example.com", "type": kind}}]}}
        for kind in ("DNS", "V4")
    )
    path = "ntp_configuration.ntp_servers[t.example.com"
    assert drifts("systemconfiguration", want, have, name="systemconfiguration") == [
        f"-{path}]",
        f"+{path} otherwise]",
    ]


def test_what_somebody_put_before_a_changed_rule_is_not_taken_for_it() -> None:
    """A rule is itself under its name, whatever stands in its place."""
    foreign = {**RULES[2], "name": "", "index": 0}
    want = {"http_request_policy": {"rules": RULES[:2]}}
    have = {"http_request_policy": {"rules": [foreign, RULES[0], {**RULES[1], "enable": False}]}}
    path = "http_request_policy.rules"
    assert drifts("httppolicyset", want, have) == [f"{path}[r2].enable", f"+{path}[0]"]


def test_a_reference_that_may_be_what_is_declared_is_unknown() -> None:
    """It is no drift, and no reason to write."""
    unread = Unresolved(ref="x", text="pool x, which was not read", unknown=True)
    with pytest.raises(Unknown, match="which was not read"):
        drifts("virtualservice", {"pool_ref": "web"}, {"pool_ref": unread})


@pytest.mark.parametrize(
    ("want", "have"),
    [
        ({"servers": SERVERS}, {"servers": "none"}),
        ({"servers": SERVERS}, {"servers": ["10.0.0.1"]}),
        ({"analytics_policy": {"enabled": True}}, {"analytics_policy": [1]}),
        ({"enabled": True}, {"enabled": 1}),
        ({"enabled": True}, {"enabled": None}),
        ({"default_server_port": 80}, {"default_server_port": "many"}),
        ({"default_server_port": 1}, {"default_server_port": True}),
        ({"description": "a"}, {"description": ["a"]}),
        ({"health_monitor_refs": []}, {"health_monitor_refs": None}),
        ({"health_monitor_refs": ["a"]}, {"health_monitor_refs": ["a", None]}),
    ],
)
def test_a_live_shape_that_is_not_the_schemas_is_unknown(want: dict[str, Any], have: dict[str, Any]) -> None:
    """It is no drift, and no reason to write."""
    with pytest.raises(Unknown):
        drifts("pool", want, have)


def test_a_member_that_the_site_does_not_have_yet_is_unknown() -> None:
    """Where no version is pinned, only the live one can tell."""
    want = wanted("serviceenginegroup", {"use_dp_util_for_scaleout": True})
    with pytest.raises(Unknown, match=r"is not in the model that is spoken, 20\.1\.6"):
        compare(want, want.with_live({}, (20, 1, 6)))


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
