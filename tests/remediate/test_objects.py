"""Objects of any type: made, amended by what each member means, guarded by who refers to them, and undone."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from avi_schema import load
from checks.test_objects import test_absent as absent
from intent import EXISTENCE, Blocked, Drift, Key, Unknown, load_environment
from remediate.plan.judge import answer
from remediate.registry import Consent, Remedy
from remediate.remedies.objects import row_of, table
from tests import lengths
from tests.remediate.breaking import picture
from tests.remediate.objects_site import SERVICE, ObjectsBench

pytestmark = lengths.WHOLE_SITE

NTP = [{"server": {"addr": address, "type": "V4"}} for address in ("10.10.20.2", "10.0.0.1")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ObjectsBench:
    """A bench on which the service stands; tests put back what they change."""
    bench = ObjectsBench(tmp_path_factory.mktemp("built"), SERVICE)
    results = bench.remediate()
    assert {result.status for result in results} == {"done"}
    return bench


def changed(name: str, type_name: str, **more: Any) -> list[dict[str, Any]]:
    """The service with other declared members of one object."""
    objects = deepcopy(SERVICE)
    (which,) = (each for each in objects if (each["type"], each["name"]) == (type_name, name))
    which["fields"] |= more.pop("fields", {})
    which |= more
    return objects


def written(folder: Path, text: str) -> ObjectsBench:
    """A bench at the environment of this text."""
    path = folder / "written.yaml"
    path.write_text(text)
    bench = ObjectsBench(folder, [])
    bench.environment = load_environment(path)
    return bench


def test_a_service_is_built_in_the_order_of_its_references_and_undone(tmp_path: Path) -> None:
    """From nothing; each after what it refers to; unchanged when looked at again; nothing of it stays."""
    bench = ObjectsBench(tmp_path, SERVICE)
    before = picture(bench.gateway)
    plan = bench.plan()
    order = [step.key.kind.removesuffix(" object") for step in plan.steps]
    for user, used in (("virtualservice", "pool"), ("virtualservice", "vsvip"), ("pool", "healthmonitor")):
        assert order.index(user) > order.index(used)
    assert {result.status for result in bench.remediate()} == {"done"}
    first = bench.record
    assert bench.paths() == []
    assert bench.remediate() == []
    bench.record = first
    assert {(result.outcome, result.text[:300]) for result in bench.undo()} == {("undone", "")}
    assert picture(bench.gateway) == before


def test_a_member_of_what_is_in_use_is_guarded(built: ObjectsBench) -> None:
    """Whoever refers to it is named; with consent it is written and nothing else."""
    built.declare(changed("web-8080", "healthmonitor", fields={"send_interval": 7}))
    assert built.paths() == ["web-8080 send_interval"]
    (refused,) = built.plan().refused
    assert refused.hit == ("pool web",)
    before = built.raw("healthmonitor", "web-8080")
    (result,) = built.remediate(consent=Consent(disruptive=True))
    after = built.raw("healthmonitor", "web-8080")
    assert result.status == "done"
    changes = {name for name in after if after[name] != before.get(name)}
    assert changes - {"_last_modified"} == {"send_interval"}
    assert [each.outcome for each in built.undo()] == ["kept"]  # its users are hit by the undo as well
    built.edit("healthmonitor", "web-8080", send_interval=5)


def test_what_is_beside_the_declaration_is_told_and_goes_only_where_exact_names_it(
    built: ObjectsBench,
) -> None:
    """A server that somebody added: reported, never removed; under `exact`, removed with consent."""
    pool = built.raw("pool", "web")
    extra = {"ip": {"addr": "10.20.0.9", "type": "V4"}, "port": 8080}
    built.edit("pool", "web", servers=[*pool["servers"], extra])
    built.declare(SERVICE)
    assert built.paths() == ["web +servers[10.20.0.9+8080]"]
    (left,) = built.plan(consent=Consent(disruptive=True)).unanswered
    assert "name `servers` under `exact`" in left.reason
    built.declare(changed("web", "pool", exact=["servers"]))
    (refused,) = built.plan().refused
    assert refused.hit == ("virtual service web",)
    (result,) = built.remediate(consent=Consent(disruptive=True))
    assert result.status == "done"
    assert [server["ip"]["addr"] for server in built.raw("pool", "web")["servers"]] == [
        "10.20.0.1",
        "10.20.0.2",
    ]
    built.declare(SERVICE)
    assert built.paths() == []


@pytest.mark.parametrize(
    ("indexes", "order", "expected"),
    [
        ((10, 20), ("old", "older"), []),
        ((5, 4), ("old", "older"), ["web-policy http_request_policy.rules"]),
    ],
)
def test_rules_are_put_in_their_order_and_not_renumbered(
    built: ObjectsBench, indexes: tuple[int, int], order: tuple[str, str], expected: list[str]
) -> None:
    """Numbers that rise otherwise are no drift; a swap is, and only the order is written."""
    built.declare(SERVICE)
    rules = built.raw("httppolicyset", "web-policy")["http_request_policy"]["rules"]
    by_name = {rule["name"]: rule for rule in rules}
    moved = [{**by_name[name], "index": index} for name, index in zip(order, indexes, strict=True)]
    built.edit("httppolicyset", "web-policy", http_request_policy={"rules": moved})
    assert built.paths() == expected
    built.remediate(consent=Consent(disruptive=True))
    assert built.paths() == []
    rules = built.raw("httppolicyset", "web-policy")["http_request_policy"]["rules"]
    ranked = sorted(rules, key=lambda rule: rule["index"])
    assert [rule["name"] for rule in ranked] == ["old", "older"]
    assert sorted(rule["index"] for rule in rules) == sorted(indexes)


def test_an_object_to_be_absent_is_told_and_never_deleted(built: ObjectsBench) -> None:
    """It is for a person, and nothing is written."""

    built.declare([{"type": "pool", "name": "web", "absent": True}])
    drift = Drift(Key("pool object", "web", "Default-Cloud"), EXISTENCE, None, "there")
    want = built.environment.find(drift.key)
    assert "nothing here deletes" in str(answer(drift, "", want))


def test_what_is_to_be_absent_in_a_cloud_that_is_not_there_is_not_judged(built: ObjectsBench) -> None:
    """The cloud is mistyped, and the object may well be there."""
    built.declare([{"type": "pool", "name": "web", "cloud": "nope", "absent": True}])
    (want,) = built.environment.objects
    with pytest.raises(Blocked, match="cloud nope is absent"):
        absent(want, built.site().live)


def test_a_route_that_is_added_gets_an_id_that_no_other_has(tmp_path: Path) -> None:
    """Beside those that are there, those that are declared with one, and each other; in a new object too."""
    hop = {"addr": "10.9.0.1", "type": "V4"}
    routes = [
        {"prefix": {"ip_addr": {"addr": f"10.{number}.0.0", "type": "V4"}, "mask": 16}, "next_hop": dict(hop)}
        for number in range(4)
    ]
    routes[3] |= {"route_id": "1"}
    bench = ObjectsBench(tmp_path, [])
    name = "global"
    bench.edit("vrfcontext", name, static_routes=[routes[0] | {"route_id": "2"}])
    new = [
        {"type": "vrfcontext", "name": each, "fields": {"static_routes": deepcopy(routes)}}
        for each in (name, "fresh")
    ]
    bench.declare(new)
    assert {result.status for result in bench.remediate(consent=Consent(disruptive=True))} == {"done"}
    for each in (name, "fresh"):
        ids = [route["route_id"] for route in bench.raw("vrfcontext", each)["static_routes"]]
        assert sorted(ids) == ["1", "2", "3", "4"]
    assert bench.paths() == []


def test_a_cloud_that_runs_on_nothing_is_made_and_any_other_is_explained(tmp_path: Path) -> None:
    """Servers that somebody provides need no credentials; a vCenter's stand in no file."""
    bench = ObjectsBench(
        tmp_path,
        [
            {"type": "cloud", "name": "metal", "fields": {"vtype": "CLOUD_NONE", "mtu": 1400}},
            {"type": "cloud", "name": "other", "fields": {"vtype": "CLOUD_VCENTER"}},
            {"type": "cloud", "name": "typeless", "fields": {"mtu": 1400}},
        ],
    )
    left = {each.key.name: each.reason for each in bench.plan().unanswered}
    assert left.keys() == {"other", "typeless"}
    assert all("credentials that stand in no file" in reason for reason in left.values())
    assert [result.status for result in bench.remediate()] == ["done"]
    assert bench.raw("cloud", "metal")["mtu"] == 1400
    cloud = bench.raw("cloud", "metal")["url"]
    bench.gateway.write("POST", "vrfcontext", {"name": "own", "cloud_ref": cloud})
    (kept,) = bench.undo()
    assert (kept.outcome, kept.text.count("VRF context own")) == ("kept", 1), kept.text
    own = next(row for row in bench.gateway.read("vrfcontext", {"name": "own"})["results"])
    bench.gateway.write("DELETE", f"vrfcontext/{own['uuid']}")
    (undone,) = bench.undo()  # what the Controller has made with it goes with it
    assert undone.outcome == "undone", undone.text
    assert bench.gateway.read("cloud", {"name": "metal"})["count"] == 0


def test_what_ako_made_is_not_written(tmp_path: Path) -> None:
    """A pool that AKO keeps stays as it is, whatever is declared."""
    bench = ObjectsBench(tmp_path, [{"type": "pool", "name": "ako-pool", "fields": {"enabled": False}}])
    cloud = bench.raw("cloud", "Default-Cloud")["url"]
    bench.gateway.write("POST", "pool", {"name": "ako-pool", "cloud_ref": cloud, "created_by": "ako-prod"})
    (left,) = bench.plan(consent=Consent(disruptive=True)).unanswered
    assert "ako-prod made it" in left.reason


def test_a_singleton_is_amended_where_it_is_safe(tmp_path: Path) -> None:
    """A further NTP server is appended; one that somebody added is told."""
    declared = {"type": "systemconfiguration", "fields": {"ntp_configuration": {"ntp_servers": NTP}}}
    bench = ObjectsBench(tmp_path, [declared])
    assert bench.paths() == ["systemconfiguration -ntp_configuration.ntp_servers[10.0.0.1]"]
    assert [result.status for result in bench.remediate()] == ["done"]
    assert bench.paths() == []
    assert [each.outcome for each in bench.undo()] == ["undone"]


@pytest.mark.parametrize(
    ("there", "fields"),
    [
        ({}, {"linux_configuration": {"banner": "hello"}}),
        ({}, {"proxy_configuration": {"host": "proxy.local", "port": 3128}}),
        (
            {"email_configuration": {"smtp_type": "SMTP_ANONYMOUS_SERVER", "auth_password": "hunter2"}},
            {"email_configuration": {"auth_username": "u"}},
        ),
    ],
    ids=["with defaults", "without", "beside a secret"],
)
def test_a_message_that_a_step_adds_goes_whole_at_its_undo(
    tmp_path: Path, there: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Not only what the step has set in it; as its plan has said."""
    bench = ObjectsBench(tmp_path, [{"type": "systemconfiguration", "fields": fields}])
    bench.edit("systemconfiguration", "", **there)
    before = picture(bench.gateway)
    consent = Consent(disruptive=True)
    (step,) = bench.plan(consent=consent).steps
    assert not step.outlook.stays
    assert [result.status for result in bench.remediate(consent=consent)] == ["done"]
    assert [each.outcome for each in bench.undo(consent=consent)] == ["undone"]
    assert picture(bench.gateway) == before


def test_a_plan_says_that_what_stands_beside_a_secret_stays(tmp_path: Path) -> None:
    """A list there that has grown cannot be written back alone; the undo says the same."""
    grown = {"infoblox_profile": {"usable_domains": ["a.local", "b.local"]}}
    name = {"type": "ipamdnsproviderprofile", "name": "box"}
    bench = ObjectsBench(tmp_path, [name | {"fields": grown}])
    address = {"addr": "192.0.2.9", "type": "V4"}
    held = {"ip_address": address, "username": "u", "password": "hunter2", "usable_domains": ["a.local"]}
    profile = {"name": "box", "type": "IPAMDNS_TYPE_INFOBLOX_DNS", "infoblox_profile": held}
    bench.gateway.write("POST", "ipamdnsproviderprofile", profile)
    consent = Consent(disruptive=True)
    (step,) = bench.plan(consent=consent).steps
    (stays,) = step.outlook.stays
    assert [result.status for result in bench.remediate(consent=consent)] == ["done"]
    (undone,) = bench.undo(consent=consent)
    assert (undone.outcome, undone.text, undone.lasting) == ("kept", stays, True)
    assert stays == "infoblox_profile.usable_domains is a list beside a secret and cannot be replaced alone"


def test_what_needs_a_secret_is_not_made(tmp_path: Path) -> None:
    """A private key stands in no file."""
    certificate = {"type": "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE", "certificate": {"certificate": "x"}}
    bench = ObjectsBench(tmp_path, [{"type": "sslkeyandcertificate", "name": "c", "fields": certificate}])
    (left,) = bench.plan().unanswered
    assert "private key stands in no file" in left.reason


def test_what_lacks_a_list_that_must_hold_something_is_not_made(tmp_path: Path) -> None:
    """A Controller refuses it; the member is named."""
    bench = ObjectsBench(
        tmp_path, [{"type": "sslprofile", "name": "s", "fields": {"send_close_notify": False}}]
    )
    plan = bench.plan()
    assert not plan.steps
    (left,) = plan.unanswered
    assert left.reason == "it cannot be made: accepted_versions is required and not declared; make it by hand"


@pytest.mark.parametrize(
    ("api", "path", "risk", "text"),
    [
        ("pool", "servers", "guarded", "users"),
        ("pool", "description", "safe", "-"),
        ("virtualservice", "services.port", "guarded", "itself"),
        ("virtualservice", "analytics_policy.udf_log_throttle", "safe", "-"),
        ("networkprofile", "profile.type", "explained", "the type of a profile"),
        ("networkprofile", "profile.tcp_proxy_profile", "guarded", "users"),
        ("systemconfiguration", "portal_configuration", "guarded", "Controller"),
        ("cluster", "nodes", "explained", "who is in the cluster"),
        ("user", EXISTENCE, "explained", "a user needs a password"),
        ("user", "access.role_ref", "explained", "what a person or a machine may do"),
        ("user", "is_superuser", "explained", "what a person or a machine may do"),
        ("user", "full_name", "guarded", "users"),
    ],
)
def test_risk_is_by_type_and_member(api: str, path: str, risk: str, text: str) -> None:
    """The deepest row that fits."""
    row = row_of(api, path)
    assert row.risk == risk
    assert row.text.startswith(text)


def test_every_row_of_the_table_is_about_something() -> None:
    """A type or a member that is none would never be asked for, and a risk that is none never understood."""

    for place, row in table().items():
        assert row.risk in ("safe", "guarded", "explained"), place
        assert row.risk == "explained" or row.text in ("-", "users", "itself", "Controller"), place
        api, _, path = place.partition(".")
        assert api == "*" or api in load().types, place
        message = load().types[api].model if api != "*" else None
        for name in path.split(".") if message and path not in ("", "*") else ():
            assert message is not None
            field = load().message(message).fields[name]
            message = field.message


def test_a_removal_is_guarded_whatever_the_member(built: ObjectsBench) -> None:
    """Even in a list whose growth is safe."""
    want = next(each for each in built.environment if each.kind == "pool object")
    drift = Drift(want.key, "markers[a]", None, {"key": "a"})
    assert isinstance(answer(drift, "", None), Remedy)
    assert answer(drift, "", None).risk == "guarded"  # type: ignore[union-attr]


def test_what_has_a_section_of_its_own_is_made_by_it_once(tmp_path: Path) -> None:
    """Declared in both places, of different members: one request makes it, and the next run adds the rest."""
    bench = written(
        tmp_path,
        "name: o\ncontroller: {address: c}\nvrfs: [{name: VRF_BOTH}]\n"
        "objects: [{type: vrfcontext, name: VRF_BOTH, fields: {description: x}}]\n",
    )
    plan = bench.plan()
    assert [request.api for step in plan.steps for request in step.requests] == ["vrfcontext"]
    assert any("makes it: run again" in left.reason for left in plan.unanswered)
    bench.remediate()
    assert [result.status for result in bench.remediate()] == ["done"]
    assert bench.paths() == []


def test_an_object_of_the_same_name_in_another_tenant_stays_where_it_is_referred_to(tmp_path: Path) -> None:
    """What is missing is added; the other one is told, and goes only where `exact` names the list."""
    monitor = {"type": "HEALTH_MONITOR_PING"}
    objects: list[dict[str, Any]] = [
        {"type": "healthmonitor", "name": "m", "fields": monitor},
        {"type": "pool", "name": "p", "fields": {"health_monitor_refs": ["m"]}},
    ]
    bench = ObjectsBench(tmp_path, objects)
    bench.remediate()
    bench.gateway.write("POST", "tenant", {"name": "blue"})
    other = bench.gateway.write("POST", "healthmonitor", {"name": "m", **monitor}, tenant="blue")
    bench.edit("pool", "p", health_monitor_refs=[other["url"]])
    beside = "p +health_monitor_refs[m (tenant blue)]"
    assert bench.paths() == ["p -health_monitor_refs[m]", beside]
    bench.remediate(consent=Consent(disruptive=True))
    assert bench.paths() == [beside]
    assert any(other["uuid"] in ref for ref in bench.raw("pool", "p")["health_monitor_refs"])
    objects[1]["exact"] = ["health_monitor_refs"]
    bench.declare(objects)
    bench.remediate(consent=Consent(disruptive=True))
    assert bench.paths() == []


@pytest.mark.parametrize(
    ("told", "instead"), [("//controller.test", "//other.test"), ("/api/healthmonitor/", "/api/pool/")]
)
def test_a_uuid_on_another_host_or_of_another_type_is_not_what_is_declared(
    built: ObjectsBench, monkeypatch: pytest.MonkeyPatch, told: str, instead: str
) -> None:
    """Whatever its digits."""
    uuid = built.raw("healthmonitor", "web-8080")["uuid"]
    built.declare([{"type": "pool", "name": "web", "fields": {"health_monitor_refs": [uuid]}}])
    assert built.paths() == []
    send = built.gateway.send

    def forged(method: str, path: str, *args: Any, **more: Any) -> Any:
        status, answer, text = send(method, path, *args, **more)
        for row in answer["results"] if path == "pool" else ():
            row["health_monitor_refs"] = [
                ref.replace(told, instead) for ref in row.get("health_monitor_refs", [])
            ]
        return status, answer, text

    monkeypatch.setattr(built.gateway, "send", forged)
    with pytest.raises(Unknown, match=r"on another host|where a healthmonitor belongs"):
        built.paths()


def test_what_a_controller_has_once_is_found_whatever_the_tenant_of_the_file(tmp_path: Path) -> None:
    """A cluster is not the tenant's."""
    bench = written(
        tmp_path,
        "name: o\ncontroller: {address: c, tenant: blue}\n"
        "objects: [{type: cluster, fields: {rejoin_nodes_automatically: true}}]\n",
    )
    assert bench.paths() == []


def test_a_tenant_that_nobody_uses_is_undone(tmp_path: Path) -> None:
    """Settings that are answered to any search refer to no tenant but theirs."""
    bench = ObjectsBench(tmp_path, [{"type": "tenant", "name": "green", "fields": {"description": "x"}}])
    bench.remediate()
    assert [each.outcome for each in bench.undo()] == ["undone"]
