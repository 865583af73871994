"""Origins of drift by the Controller's configuration log: who set the very leaf, and when nothing is told."""

from __future__ import annotations

import json
from datetime import UTC
from urllib.parse import urlencode

import pytest

from avi_schema import parse_version
from intent import Drift, Unknown, load_environment
from intent.author import Account, Action
from intent.drift import compare
from intent.site_changes import changes
from lab.assembly import Lab
from lab.controller import Request
from lab.tests.login import knock, papers
from live.avi.config_log import MOST_REQUESTS, PAGE, ConfigLog, event_of
from live.avi.snapshot import Live, Snapshot
from live.facts.origins import Accounts, Origins
from live.fingerprint import Taking
from tests.site import IBERIA

BASE = "https://avi.example"
READ = (
    *(
        "cloud",
        "tenant",
        "network",
        "vrfcontext",
        "serviceenginegroup",
        "ipamdnsproviderprofile",
        "role",
        "user",
    ),
    *("virtualservice", "vsvip", "applicationprofile", "networkprofile", "systemconfiguration"),
)
SHARED = "HA_MODE_SHARED_PAIR"
WORD = "An-Old.Secret1"


class Person:
    """A user of the lab's Controller, with an address of its own."""

    def __init__(self, lab, name="", address="10.0.0.1", agent="curl/8"):
        self.lab, self.address = lab, address
        self.name = name or lab.site.username
        if name:
            self.admin = Person(lab)
            (role,) = self.admin.list("role", name="System-Admin")
            access = [{"role_ref": role["url"], "tenant_ref": "/api/tenant/admin"}]
            self.admin("POST", "user", {"name": name, "username": name, "password": WORD, "access": access})
        answer = knock(lab, BASE, self.name, WORD if name else lab.site.password)
        self.headers = papers(answer, BASE) | {
            "x-avi-version": "30.2.1",
            "user-agent": agent,
            "x-avi-tenant": "*",
        }

    def __call__(self, method, path, body=None, **query):
        data = b"" if body is None else json.dumps(body).encode()
        asked = Request(method, f"/api/{path}", tuple(query.items()), self.headers, data, BASE, self.address)
        answer = self.lab.answer(asked)
        assert answer.status < 300, (answer.status, answer.body)
        return json.loads(answer.body) if answer.body else None

    def list(self, api, **query):
        return self("GET", api, include_name="true", page_size="200", **query)["results"]

    def set(self, api, called, **members):
        (row,) = self.list(api, name=called)
        return self("PATCH", f"{api}/{row['uuid']}", {"replace": members})


class Bench:
    """A conforming site with two people, and what is told of its drift."""

    def __init__(self, lab):
        self.lab = lab
        self.ann, self.bob = Person(lab, "ann", "10.0.0.7"), Person(lab, "bob", "10.0.0.8")
        self.environment = load_environment(IBERIA)
        self.asked = []

    def ask(self, query, seconds):
        assert seconds > 0
        self.asked.append(dict(query))
        return self.ann("GET", "analytics/logs", None, **query)

    def live(self):
        objects = {
            api: self.ann.list(api) if api != "systemconfiguration" else [self.ann("GET", api)]
            for api in READ
        }
        return Live(Snapshot("c", "30.2.1", "30.2.1", objects=objects), self.environment)

    def origins(self, *, ask=None, own=(), ako=(), ahead=0.0):
        return Origins(
            self.live(), self.environment, ConfigLog(ask or self.ask), Accounts(own, ako), lambda: ahead
        )

    def of(self, kind, name, path, **options):
        """The one drift of a declared object at a path, and its origin."""
        origins = options.pop("origins", None) or self.origins(**options)
        (want,) = self.environment.named(kind, name)
        (drift,) = [each for each in compare(want, origins.live[want]) if each.path == path]
        return origins.of(drift, origins.live.raw(want))

    def absence(self, kind, name, origins=None, **options):
        (want,) = self.environment.named(kind, name)
        return (origins or self.origins(**options)).of(Drift(want.key, "", "exactly one", "absent"), None)


@pytest.fixture(scope="module")
def site():
    bench = Bench(Lab.make(parse_version("30.2.1"), "conforming"))
    return bench, bench.lab.snapshot()


@pytest.fixture
def bench(site):
    bench, conforming = site
    bench.lab.restore(conforming)
    bench.asked.clear()
    return bench


def group(bench, **options):
    return bench.of("SE group", "S1-AZ1-SE-Group", "ha_mode", **options)


def test_the_one_who_set_the_value_is_named_with_what_it_was(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", max_se=7)
    bench.bob.set("serviceenginegroup", "S1-AZ2-SE-Group", ha_mode=SHARED)
    origin = group(bench)
    assert (origin.author.user, origin.author.address, origin.action) == ("ann", "10.0.0.7", Action.CHANGED)
    assert (origin.was, origin.now) == ("n+m", "active-active")
    when = f"{origin.author.when:%Y-%m-%d %H:%M} UTC"
    assert str(origin) == f"changed by ann from 10.0.0.7, {when} (n+m -> active-active)"
    assert abs(origin.author.when.timestamp() - bench.lab.site.clock.now()) < 60


def test_of_two_who_changed_it_the_last_is_named(bench):
    for person, mode in ((bench.ann, SHARED), (bench.bob, "HA_MODE_SHARED"), (bench.bob, SHARED)):
        person.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=mode)
    assert group(bench).author.user == "bob"


def test_nobody_is_named_where_the_newest_event_left_another_value(bench):
    origins = bench.origins()
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    found = bench.origins()
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode="HA_MODE_LEGACY_ACTIVE_STANDBY")
    assert group(bench, origins=found) is None
    assert origins.log.ended == ""


def test_an_element_of_a_list_has_its_own_author(bench):
    """Another element of the same list is another leaf."""
    (row,) = bench.ann.list("network", name="AVI_FRONTEND_3025")
    subnets = row["configured_subnets"]
    pool = subnets[0]["static_ip_ranges"][0]
    bench.ann("PATCH", f"network/{row['uuid']}", {"replace": {"configured_subnets": [
        subnets[0] | {"static_ip_ranges": [pool | {"range": pool["range"] | {"end": {"addr": "10.10.25.50", "type": "V4"}}}]}
    ]}})  # fmt: skip
    (row,) = bench.ann.list("network", name="AVI_FRONTEND_3025")
    other = {"prefix": {"ip_addr": {"addr": "10.99.0.0", "type": "V4"}, "mask": 24}}
    bench.bob(
        "PATCH",
        f"network/{row['uuid']}",
        {"replace": {"configured_subnets": [*row["configured_subnets"], other]}},
    )
    origins = bench.origins()
    (want,) = bench.environment.named("network", "AVI_FRONTEND_3025")
    drifts = [each for each in compare(want, origins.live[want], "subnets.pools") if each.path]
    told = {each.path: origins.of(each, origins.live.raw(want)) for each in drifts}
    assert told
    assert {origin.author.user for origin in told.values()} == {"ann"}


def test_a_notice_of_an_element_that_is_told_by_a_reference_has_its_author(bench):
    """Its path has the name of what it leads to, an event only the uuid."""

    def seen():
        live = bench.live()
        taking = Taking(live)
        for api in READ:
            taking.take(api, live.names.objects(api))
        return taking.fingerprint("admin", READ, bench.environment)

    (row,) = bench.ann.list("user", name="bob")
    before = seen()
    blue = bench.ann("POST", "tenant", {"name": "blue"})
    (role,) = bench.ann.list("role", name="Tenant-Admin")
    grant = {"role_ref": role["url"], "tenant_ref": blue["url"]}
    bench.ann("PUT", f"user/{row['uuid']}", {**row, "access": [*row["access"], grant]})
    now = seen()
    (notice,) = [each for each in changes(before, now) if each.type == "user"]
    assert notice.path == "access[blue]"
    assert bench.origins().of_notice(notice, now).user == "ann"


def test_a_field_that_stands_in_another_object_has_that_objects_author(bench):
    (service,) = bench.environment.named("DNS service", "local-dns-site1")
    (row,) = bench.ann.list("virtualservice", name="local-dns-site1")
    bench.bob.set("virtualservice", "local-dns-site1", analytics_policy={"udf_log_throttle": 5})
    uuid = row["vsvip_ref"].partition("#")[0].rpartition("/")[2]
    vip = bench.ann("GET", f"vsvip/{uuid}")
    fqdns = [vip["dns_info"][0] | {"fqdn": "other.avi.iberia.local"}]
    bench.ann("PATCH", f"vsvip/{uuid}", {"replace": {"dns_info": fqdns}})
    origins = bench.origins()
    (drift,) = compare(service, origins.live[service], "fqdn")
    origin = origins.of(drift, origins.live.raw(service))
    assert (origin.author.user, origin.was, origin.now) == ("ann", service.fqdn, "other.avi.iberia.local")


def test_a_reference_is_told_by_names(bench):
    (vrf,) = bench.ann.list("vrfcontext", name="VRF_AZ1")
    bench.ann.set("network", "AVI_FRONTEND_3026", vrf_context_ref=vrf["url"])
    (want,) = bench.environment.named("network", "AVI_FRONTEND_3026")
    origin = bench.of("network", "AVI_FRONTEND_3026", "vrf")
    assert (origin.author.user, origin.was, origin.now) == ("ann", want.vrf, "VRF_AZ1")


def test_a_setting_of_the_system_is_told_as_any_other(bench):
    servers = [{"server": {"addr": "192.0.2.53", "type": "V4"}}]
    dns = bench.ann("GET", "systemconfiguration")["dns_configuration"]
    bench.ann(
        "PATCH",
        "systemconfiguration",
        {"replace": {"dns_configuration": {**dns, "search_domain": "x.example"}}},
    )
    bench.bob("PATCH", "systemconfiguration", {"replace": {"ntp_configuration": {"ntp_servers": servers}}})
    origins = bench.origins()
    want = bench.environment.system.model_copy(
        update={"search_domain": "iberia.local", "ntp_servers": ("192.0.2.1",)}
    )
    origins.environment = type("Declared", (), {"find": staticmethod(lambda _key: want)})
    row = origins.live.rows("systemconfiguration")[0]
    drifts = compare(want, origins.live[want], "search_domain", "ntp_servers")
    assert [origins.of(drift, row).author.user for drift in drifts] == ["ann", "bob"]


def test_who_deleted_or_renamed_an_absent_object(bench):
    (row,) = bench.ann.list("serviceenginegroup", name="S1-AZ1-SE-Group")
    bench.ann("DELETE", f"serviceenginegroup/{row['uuid']}")
    bench.bob.set("vrfcontext", "VRF_AZ1", name="VRF_OLD")
    deleted = bench.absence("SE group", "S1-AZ1-SE-Group")
    assert (deleted.action, deleted.author.user, deleted.author.client) == (Action.DELETED, "ann", "curl/8")
    renamed = bench.absence("VRF context", "VRF_AZ1")
    assert (renamed.action, renamed.author.user) == (Action.RENAMED, "bob")
    assert str(renamed).endswith("(VRF_AZ1 -> VRF_OLD)")


def test_what_was_made_anew_under_the_name_was_not_deleted(bench):
    (row,) = bench.ann.list("serviceenginegroup", name="S1-AZ1-SE-Group")
    bench.ann("DELETE", f"serviceenginegroup/{row['uuid']}")
    absent = bench.origins()
    bench.bob("POST", "serviceenginegroup", {name: row[name] for name in ("name", "cloud_ref")})
    assert bench.absence("SE group", "S1-AZ1-SE-Group", origins=absent) is None
    created = bench.of("SE group", "S1-AZ1-SE-Group", "name_prefix")
    assert (created.action, created.author.user) == (Action.CREATED, "bob")


def test_accounts_that_are_no_persons_are_recognised(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    own, ako = group(bench, own={"ann"}), group(bench, ako={"ann"})
    assert (own.author.account, ako.author.account) == (Account.OWN, Account.AKO)
    assert "by ann (this tool's account) from" in str(own)
    assert "by ann (AKO's account) from" in str(ako)


def test_moments_are_of_this_machines_clock(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    plain, shifted = group(bench), group(bench, ahead=3600.0)
    assert (plain.author.when - shifted.author.when).total_seconds() == 3600
    assert shifted.author.when.tzinfo is UTC


def refused(_query, _seconds):
    raise Unknown("HTTP 403")


ODD_ANSWERS = {
    "403": refused,
    "no list": lambda _query, _seconds: {"count": 1},
    "no count": lambda _query, _seconds: {"results": []},
    "nothing": lambda _query, _seconds: {"count": 0, "results": []},
    "odd rows": lambda _query, _seconds: {"count": 3, "results": [None, 7, {"event_id": []}]},
}


@pytest.mark.parametrize("ask", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_without_a_log_nobody_is_named(bench, ask):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    assert group(bench, ask=ask) is None
    bench.ann.set("vrfcontext", "VRF_AZ1", name="VRF_OLD")
    assert bench.absence("VRF context", "VRF_AZ1", ask=ask) is None


def spoilt(bench, **changes):
    """A log whose newest event has other members."""

    def ask(query, seconds):
        answer = bench.ask(query, seconds)
        row = answer["results"][0]
        for name, value in changes.items():
            part = row["event_details"]["config_update_details"] if name not in row else row
            part[name] = value
        return answer

    return ask


@pytest.mark.parametrize(
    "changes",
    [
        {"user": ""},
        {"user": None},
        {"report_timestamp": "yesterday"},
        {"report_timestamp": -1},
        {"new_resource_data": None},
        {"new_resource_data": "{"},
        {"new_resource_data": '{"ha_mode": ["x"], "cloud_ref": 7}'},
        {"old_resource_data": ""},
        {"event_details": None},
    ],
    ids=str,
)
def test_an_event_that_is_not_whole_names_nobody(bench, changes):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode="HA_MODE_LEGACY_ACTIVE_STANDBY")
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    assert group(bench).author.user == "bob"
    assert group(bench, ask=spoilt(bench, **changes)) is None


def test_a_change_that_failed_is_none(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", max_se=7)
    for member, value in (("status", "FAILURE"), ("error_message", "no licence")):
        assert group(bench, ask=spoilt(bench, **{member: value, "user": "eve"})).author.user == "ann"


def test_secrets_of_an_event_are_covered(bench):
    bench.ann("POST", "user", {"name": "carl", "username": "carl", "password": WORD, "access": []})
    answer = bench.ask({"type": "2", "page_size": "1"}, 1.0)
    (row,) = answer["results"]
    shown = row["event_details"]["config_create_details"]
    shown["resource_data"] = json.dumps({"name": "carl", "password": WORD})
    event = event_of(row)
    assert event.new["name"] == "carl"
    assert WORD not in repr(event)
    assert WORD not in json.dumps(event.new)


def test_a_hostile_name_is_harmless(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    hostile = "a\x1b[2J\u202eb\n" + 500 * "c" + " by root from 6.6.6.6"
    text = str(group(bench, ask=spoilt(bench, user=hostile, client_ip="\x1b]0;x\x07")))
    assert text.isprintable()
    assert len(text) < 250
    assert "6.6.6.6" not in text


def test_an_address_is_taken_from_a_descriptions_end_alone():
    row = {"event_id": "CONFIG_UPDATE", "obj_name": "x by ann from 6.6.6.6", "event_details": {"config_update_details": {"user": "ann"}}}  # fmt: skip
    described = {
        "Config x update by ann from 10.0.0.7": "10.0.0.7",
        "Config x update by ann from 10.0.0.7 by bob": "",
        "Config x update by bob from 10.0.0.7": "",
        "Config update x by ann from 6.6.6.6": "",
    }
    for text, address in described.items():
        assert event_of(row | {"event_description": text}).address == address


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_a_moment_is_one_in_any_unit(unit):
    row = {"event_id": "CONFIG_CREATE", "report_timestamp": int(1_796_000_000 * unit)}
    assert event_of(row).at == 1_796_000_000


def many(bench, count, **changes):
    """A log of so many events of another object, newest first, before bob's."""
    rows = bench.ask({"type": "2", "page_size": "10000", "filter": "eq(event_id,config_update)"}, 1.0)[
        "results"
    ]
    newest = rows[0]["report_timestamp"]
    filler = [
        rows[0] | {"obj_uuid": "other", "report_timestamp": newest + count - number}
        for number in range(count)
    ]
    whole = [*filler, *rows]
    asked = []

    def ask(query, _seconds):
        asked.append(query)
        size, page = int(query["page_size"]), int(query.get("page", "1"))
        return {"count": len(whole), "results": whole[(page - 1) * size : page * size], **changes}

    return ask, asked


def test_requests_are_bounded_and_as_few_as_are_needed(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    bench.ann.set("serviceenginegroup", "S1-AZ2-SE-Group", ha_mode=SHARED)
    ask, asked = many(bench, PAGE + 1)
    origins = bench.origins(ask=ask)
    assert group(bench, origins=origins).author.user == "ann"
    assert bench.of("SE group", "S1-AZ2-SE-Group", "ha_mode", origins=origins).author.user == "ann"
    assert len(asked) == 2
    ask, asked = many(bench, PAGE * MOST_REQUESTS)
    origins = bench.origins(ask=ask)
    assert group(bench, origins=origins) is None
    assert bench.of("SE group", "S1-AZ2-SE-Group", "ha_mode", origins=origins) is None
    assert len(asked) == MOST_REQUESTS


def test_nothing_is_asked_when_time_is_up(bench, monkeypatch):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    monkeypatch.setattr("live.avi.config_log.SECONDS", 0.0)
    assert group(bench) is None
    assert bench.asked == []


def test_a_log_in_another_order_names_nobody(bench):
    """What comes last may be on a page that is not read; where all of it is, the order does not matter."""
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", max_se=3)
    rows = bench.ask({"type": "2", "page_size": "10000"}, 1.0)["results"][::-1]
    assert (
        group(bench, ask=lambda _query, _seconds: {"count": len(rows), "results": rows}).author.user == "ann"
    )
    assert group(bench, ask=lambda _query, _seconds: {"count": len(rows) + 1, "results": rows}) is None


def test_a_search_that_goes_on_is_followed_to_the_log_alone(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    rows = bench.ask({"type": "2", "page_size": "10000"}, 1.0)["results"]

    def parts(more):
        def ask(query, _seconds):
            if "part" in query:
                return {"count": len(rows), "results": rows}
            return {"count": len(rows), "results": [], "more": more, "percent_remaining": 50.0}

        return ask

    known = f"https://elsewhere/api/analytics/logs?{urlencode({'type': '2', 'part': '2'})}"
    assert group(bench, ask=parts(known)).author.user == "ann"
    for other in ("https://elsewhere/api/user?part=2", "/api/analytics/logs/../../user?part=2", "x"):
        assert group(bench, ask=parts(other)) is None
    endless = bench.origins(ask=lambda _query, _seconds: {"count": 1, "results": [], "more": known})
    assert group(bench, origins=endless) is None
