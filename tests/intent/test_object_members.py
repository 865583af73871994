"""Objects of any type: how their members are compared with what is declared."""

from __future__ import annotations

from typing import Any

import pytest

from intent import ConfigObject, Unknown, compare
from intent.values import Unresolved

V30 = (30, 2, 1)


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
    """So that what was added and is not declared is not taken for what is missing from it."""
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
