"""What clients ask of services and Service Engines beside their configuration."""

from __future__ import annotations

import pytest

from lab.site import Pace
from lab.tests.cloudsite import Client, change_group, engines, service, state, uuid


@pytest.fixture
def site():
    return Client("conforming")


def carriers(site, service):
    rows = site.get(f"/api/virtualservice/{service['uuid']}/runtime")["vip_summary"][0]["service_engine"]
    return [row["uuid"] for row in rows]


def ask(site, obj, action, **body):
    kind = obj["url"].partition("/api/")[2].partition("/")[0]
    return site("POST", f"/api/{kind}/{obj['uuid']}/{action}", body)


@pytest.mark.evidence("SCHEMA", "§2.1")
def test_scale_out_and_in(site):
    made = service(site, "a")
    (first,) = carriers(site, made)
    assert ask(site, made, "scalein", vip_id="1")[0] == 400  # no fewer than the group says
    assert ask(site, made, "scaleout", vip_id="1") == (200, {})
    assert len(carriers(site, made)) == len(engines(site)) == 2
    site.put(made, description="written again")
    first_again, second = carriers(site, made)
    assert first_again == first
    assert ask(site, made, "scalein", from_se_ref=f"/api/serviceengine/{first}")[0] == 400
    assert ask(site, made, "scalein", from_se_ref=f"/api/serviceengine/{second}")[0] == 200
    assert carriers(site, made) == [first]
    change_group(site, max_scaleout_per_vs=1)
    status, said = ask(site, made, "scaleout")
    assert (status, "scaled out" in said["error"]) == (400, True)


@pytest.mark.evidence("SCHEMA", "§2.1")
def test_migrate_and_switch_over(site):
    made = service(site, "a")
    (first,) = carriers(site, made)
    assert ask(site, made, "switchover")[0] == 400
    assert ask(site, made, "migrate", to_new_se=True)[0] == 200
    (second,) = carriers(site, made)
    assert second != first
    assert ask(site, made, "scaleout", to_se_ref=f"/api/serviceengine/{first}#x")[0] == 200
    assert carriers(site, made) == [second, first]
    assert ask(site, made, "switchover", se_uuid=first)[0] == 200
    assert carriers(site, made) == [first, second]
    primary = next(each for each in engines(site) if each["uuid"] == first)
    assert ask(site, primary, "switchover")[0] == 200
    assert carriers(site, made) == [second, first]
    assert ask(site, made, "migrate", from_se_ref="se-none")[0] == 400


@pytest.mark.evidence("SCHEMA", "§2.1")
def test_an_engine_is_rebooted_and_deleted_by_force():
    site = Client("conforming", pace=Pace(se_creating=60.0, se_initializing=60.0))
    made = service(site, "a")
    site.later(300)
    (engine,) = engines(site)
    assert state(site, engine) == "OPER_UP"
    assert ask(site, engine, "reboot")[0] == 200
    assert state(site, engine) == "OPER_INITIALIZING"
    site.later(61)
    assert state(site, engine) == "OPER_UP"
    assert ask(site, engine, "forcedelete")[0] == 200
    assert engine["uuid"] not in carriers(site, made)
    assert [uuid(each["url"]) for each in engines(site)] == carriers(site, made)


@pytest.mark.evidence("SCHEMA", "§2.1")
def test_what_is_asked_of_nothing(site):
    made = service(site, "a", enabled=False)
    assert ask(site, made, "scaleout")[0] == 400
    assert ask(site, made, "retryplacement", vip_id="1")[0] == 200
    assert site("POST", "/api/virtualservice/none/scaleout", {})[0] == 404
    assert ask(site, made, "rotatekeys")[0] == 405  # what the lab does not do it does not say it did
    assert site("POST", f"/api/virtualservice/{made['uuid']}/none", raw=True)[0] == 404
