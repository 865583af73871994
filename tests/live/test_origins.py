"""Origins of drift by the Controller's configuration log: who set the very leaf, and when nobody is named."""

from __future__ import annotations

from datetime import UTC

from intent.author import AccountOwner, Action
from intent.drift import compare
from intent.site_changes import changes
from tests.live.pair import taken
from tests.live.people import READ, SHARED, group


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
        return taken(live, {api: live.names.objects(api) for api in READ}, bench.environment, READ)

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
    assert (own.author.account, ako.author.account) == (AccountOwner.OWN, AccountOwner.AKO)
    assert "by ann (this tool's account) from" in str(own)
    assert "by ann (AKO's account) from" in str(ako)


def test_moments_are_of_this_machines_clock(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    plain, shifted = group(bench), group(bench, ahead=3600.0)
    assert (plain.author.when - shifted.author.when).total_seconds() == 3600
    assert shifted.author.when.tzinfo is UTC
