"""Who declares what where: a site of three tenants with the same names in each, seen by users of one or of all.

Every row of the matrix is checked, planned, put right, undone and bootstrapped; whatever is not declared stays as it is.
"""

import json

import pytest

from live.avi.http_answers import HttpAnswer
from live.avi.session import Session
from remediate.plan import text as show
from remediate.registry import Consent
from tests import lengths
from tests.remediate.tenancy import EASTERN, NETWORKS, TENANTS, Tenants, own

pytestmark = lengths.WHOLE_SITE


def sections(*tenants, default="admin"):
    """The objects of these tenants; `tenant:` stands on those that are not of the file's own."""
    merged = {}
    for tenant in tenants:
        scope = {} if tenant == default else {"tenant": tenant}
        for section, objects in own(tenant).items():
            merged.setdefault(section, []).extend({**each, **scope} for each in objects)
    return merged


GROUP, PROFILE = ("serviceenginegroup", "seg-app"), ("ipamdnsproviderprofile", "dns-app")

ROWS = {
    "admin alone": ("admin", "admin", ("admin",)),
    "one tenant": ("admin", "blue", ("blue",)),
    "two tenants": ("admin", "admin", ("blue", EASTERN)),
    "a tenant's file with admin's": ("admin", "blue", ("blue", "admin")),
    "every tenant": ("ops", "admin", TENANTS),
    "a file of a tenant that no header names": ("admin", EASTERN, (EASTERN, "admin")),
    "a user of one tenant": ("blue-operator", "blue", ("blue",)),
    "a user of two tenants": ("team-operator", "blue", ("blue", EASTERN)),
}
"""(user, controller.tenant, the tenants whose objects are declared)."""

REFUSED = {f"{name} who is refused all at once": ROWS[name] for name in ROWS if name.startswith("a user of")}
"""The same at a Controller that gives these users nothing in answer to tenant `*`."""


@pytest.fixture(scope="module")
def tenants(lab):
    tenants_of_lab = Tenants(lab)
    yield tenants_of_lab
    tenants_of_lab.close()


@pytest.fixture
def site(tenants):
    tenants.restore()
    return tenants


@pytest.fixture(params=[*ROWS, *REFUSED])
def row(request):
    if request.param in REFUSED:
        request.getfixturevalue("star_is_refused")
    return (ROWS | REFUSED)[request.param]


@pytest.fixture
def star_is_refused(monkeypatch):
    """Whatever is asked over every tenant by a user of single ones is answered with 403, as a tenant that is none."""
    exchange = Session.exchange

    def refused(session, method, path, *, tenant=None, **options):
        if tenant == "*" and session.username.endswith("-operator"):
            return HttpAnswer(403, json.dumps({"error": "Tenant '*' does not exist!"}), {})
        return exchange(session, method, path, tenant=tenant, **options)

    monkeypatch.setattr(Session, "exchange", refused)


def file_of(site, tmp_path, row):
    _, default, declared = row
    return site.declared(tmp_path, default, **sections(*declared, default=default))


@lengths.sampled(4)
def test_what_is_as_declared_passes_and_plans_nothing(site, row, tmp_path):
    with site.run(file_of(site, tmp_path, row), row[0]) as run:
        assert all(outcome == [] for outcome in run.outcomes().values()), run.outcomes()
        assert len(run.outcomes()) == 3 * len(row[2])
        assert run.plan().steps == ()


@lengths.sampled(4)
def test_each_is_put_right_in_its_own_tenant_and_undone(site, row, tmp_path):
    for tenant in TENANTS:
        site.edit("serviceenginegroup", "seg-app", tenant, realtime_se_metrics={"enabled": False})
        site.delete("ipamdnsproviderprofile", "dns-app", tenant)
    before = site.picture()
    with site.run(file_of(site, tmp_path, row), row[0]) as run:
        plan, results = run.remediate()
        written = {request.tenant for step in plan.steps for request in step.requests}
        assert written == set(row[2])
        assert {result.status for result in results} == {"done"}
        assert run.drifts() == []
        others = {tenant for tenant in TENANTS if tenant not in row[2]}
        for tenant in others:
            assert (
                site.row("serviceenginegroup", "seg-app", tenant)["realtime_se_metrics"]["enabled"] is False
            )
        assert {entry.request.tenant for entry in run.journal().entries} == set(row[2])
        assert {result.outcome for result in run.undo()} == {"undone"}
    assert site.picture() == before


@lengths.sampled(4)
def test_what_is_there_is_written_down_and_conforms(site, row, tmp_path):
    """Of every tenant that the user sees, each object in its own; the file says of no object what it is not."""
    user, default, declared = row
    with site.run(site.declared(tmp_path, default), user, everything=True) as run:
        bootstrap, path = run.bootstrap(tmp_path)
    assert bootstrap.unread == []
    with site.run(path, user) as run:
        assert all(outcome == [] for outcome in run.outcomes().values()), run.outcomes()
        keys = {(want.kind, want.name, want.key.tenant) for want in run.site.environment}
        assert {("VRF context", "vrf-app", tenant) for tenant in declared} <= keys
        networks = {want.name: want.vrf for want in run.site.environment.networks}
        assert str(networks[NETWORKS["blue"]]) == "vrf-app (tenant blue)"


@lengths.sampled(4)
def test_what_is_in_another_tenant_only_is_never_made_again(site, row, tmp_path):
    """Of what the user sees: the drift and the plan say where it is and what to declare."""
    user, _, declared = row
    seen = (
        {"blue", "admin"} if user == "blue-operator" else set(TENANTS)
    )  # groups are the provider's for all to see
    for tenant in declared:
        site.delete(*{"blue": GROUP}.get(tenant, PROFILE), tenant)
    with site.run(file_of(site, tmp_path, row), user) as run:
        others = sorted(seen - set(declared))
        drifts = run.drifts()
        plan, results = run.remediate()
        if not others:
            assert {result.status for result in results} == {"done"}
            return
        assert len(drifts) == len(declared)
        assert all(drift.have.startswith("absent (there is one in tenant") for drift in drifts)
        assert plan.steps == ()
        for left in plan.unanswered:
            assert f"declare `tenant: {others[0]}`" in left.reason
            assert f"--create-near-twins makes another one in tenant {left.key.tenant}" in left.reason
    with site.run(file_of(site, tmp_path, row), user, consent=Consent(near_twins=True)) as run:
        plan, _ = run.remediate()
        assert {request.tenant for step in plan.steps for request in step.requests} == set(declared)
        assert run.drifts() == []


def test_objects_without_a_tenant_are_of_the_file_s_own(site, tmp_path):
    """What is tenant blue's passes under a file of tenant blue; clouds, settings and discovered networks are admin's."""
    file = site.declared(
        tmp_path,
        "blue",
        clouds=[{"name": "Default-Cloud", "type": "vcenter"}],
        networks=[{"name": "DEV_WEB_3101"}, {"name": "DEV_WEB_3104", "tenant": "admin"}],
        **own("blue"),
    )
    for user in ("admin", "blue-operator"):
        with site.run(file, user) as run:
            assert all(outcome == [] for outcome in run.outcomes().values()), run.outcomes()
            assert run.plan().steps == ()


def test_a_network_that_somebody_made_in_the_tenant_goes_before_a_discovered_one(site, tmp_path):
    """In a cloud without orchestrator nothing is discovered, and the file's tenant is the default there too."""
    cloud = site.hand.write("POST", "cloud", {"name": "bare", "vtype": "CLOUD_NONE"})
    for name, tenant in (("made", "blue"), ("made", "admin"), ("theirs", "admin")):
        site.hand.write("POST", "network", {"name": name, "cloud_ref": cloud["url"]}, tenant=tenant)
    networks = [{"name": name, "cloud": "bare", "dhcp": False} for name in ("made", "theirs")]
    with site.run(site.declared(tmp_path, "blue", networks=networks)) as run:
        plan = run.plan()
        tenants = {step.key.name: request.tenant for step in plan.steps for request in step.requests}
        assert tenants == {"made": "blue", "theirs": "admin"}
        assert "PUT network/" in show.text(plan)
        assert " in tenant blue (the whole object as read, with)" in show.text(plan)
        results = run.runs.apply(plan)
        run.site.forget()
        assert {result.status for result in results} == {"done"}
        assert run.drifts() == []
    typed = {"clouds": [{"name": "bare", "type": "no-orchestrator"}], "networks": networks}
    with site.run(site.declared(tmp_path, "blue", **typed)) as run:
        (drift,) = run.drifts()
        assert str(drift.key) == "network theirs (tenant blue)"
        assert drift.have == "absent (there is one in tenant admin: declare `tenant: admin`)"


def test_a_user_of_one_tenant_is_told_which_tenant_to_declare(site, tmp_path):
    file = site.declared(tmp_path, "admin", **own("blue"))
    with site.run(file, "blue-operator") as run:
        outcomes = run.outcomes()
        assert all("declare `tenant: blue` under `controller`" in outcome for outcome in outcomes.values()), (
            outcomes
        )
        assert run.drifts() == []


def test_what_a_user_does_not_see_is_unknown(site, tmp_path):
    file = site.declared(
        tmp_path,
        "blue",
        vrfs=[
            {"name": "vrf-app", "tenant": EASTERN},
            {"name": "none", "tenant": "admin"},
            {"name": "vrf-app"},
        ],
        clouds=[{"name": "no-such-cloud"}, {"name": "Default-Cloud"}],
    )
    with site.run(file, "blue-operator") as run:
        outcomes = run.outcomes()
    assert outcomes["VRF context vrf-app (tenant blue)"] == outcomes["cloud Default-Cloud"] == []
    assert "no tenant \u6771\u4eac is seen" in outcomes["VRF context vrf-app (tenant \u6771\u4eac)"]
    assert (
        "he has one in tenant blue: declare `tenant: blue`"
        in outcomes["VRF context vrf-app (tenant \u6771\u4eac)"]
    )
    assert "no tenant admin is seen" in outcomes["VRF context none"]
    assert "only a user with a role in tenant admin can tell" in outcomes["cloud no-such-cloud"]


def test_a_write_that_is_sent_again_under_a_new_login_goes_to_its_own_tenant(site, tmp_path):
    site.edit("serviceenginegroup", "seg-app", "blue", realtime_se_metrics={"enabled": False})
    with site.run(site.declared(tmp_path, **sections("blue"))) as run:
        plan = run.plan()
        lapsed = {"path": "^/api/serviceenginegroup/", "method": "PUT", "status": 401, "body": {}, "count": 1}
        site.lab.control("PUT", "faults", [lapsed])
        results = run.runs.apply(plan)
        run.site.forget()
        assert [result.status for result in results] == ["done"]
        assert run.drifts() == []


@pytest.mark.parametrize("made", [False, True], ids=["discovered", "made in the tenant"])
def test_a_tenant_s_file_as_a_whole(site, tmp_path, made):
    """A network of tenant blue's VRF context is declared by bare names, whether it is admin's, as discovered, or blue's."""
    name = NETWORKS["blue"]
    if made:
        cloud = site.row("vrfcontext", "vrf-app", "blue")["cloud_ref"]
        vrf = site.row("vrfcontext", "vrf-app", "blue")["url"]
        body = {"name": "blue-back", "cloud_ref": cloud, "vrf_context_ref": vrf}
        name = site.hand.write("POST", "network", body, tenant="blue")["name"]
    declared = {"networks": [{"name": name, "vrf": "vrf-app"}], **own("blue")}
    file = site.declared(tmp_path, "blue", **declared)
    for user in ("admin", "blue-operator"):
        with site.run(file, user) as run:
            assert all(outcome == [] for outcome in run.outcomes().values()), run.outcomes()
            assert run.plan().steps == ()
    tenant = "blue" if made else "admin"
    site.edit("network", name, tenant, vrf_context_ref=site.row("vrfcontext", "vrf-app", "admin")["url"])
    with site.run(file) as run:
        (drift,) = run.drifts()
        assert drift.path == "vrf"
        plan, _ = run.remediate()
        assert [request.tenant for step in plan.steps for request in step.requests] == [tenant]
        assert run.drifts() == []
        assert {result.outcome for result in run.undo()} == {"undone"}


def test_what_a_user_may_not_write_is_left_and_does_not_stop_the_rest(site, tmp_path):
    """He sees admin's network and may not change it, which the plan says beforehand."""
    site.edit("serviceenginegroup", "seg-app", "blue", realtime_se_metrics={"enabled": False})
    networks = [{"name": NETWORKS["blue"], "dhcp": False}]
    site.edit("network", NETWORKS["blue"], dhcp_enabled=True)
    with site.run(site.declared(tmp_path, "blue", networks=networks, **own("blue")), "blue-operator") as run:
        plan, results = run.remediate()
        assert [result.status for result in results] == ["done"]
        (left,) = plan.unanswered
        assert "it is tenant admin's, and the user has a role in tenant blue alone" in left.reason


def taken_over(site, tenant, again=True):
    """A tenant is renamed and, `again`, another one made of its name."""
    (row,) = (row for row in site.rows("tenant") if row["name"] == tenant)
    site.hand.write("PUT", f"tenant/{row['uuid']}", row | {"name": "renamed"})
    if again:
        site.hand.write("POST", "tenant", {"name": tenant})
    return row["uuid"]


@pytest.mark.parametrize("again", [False, True], ids=["renamed", "renamed, and another made of its name"])
@pytest.mark.parametrize("tenant", TENANTS[1:])
@pytest.mark.parametrize("told", [True, False], ids=["told by the login", "read alone"])
def test_nothing_is_made_in_a_tenant_that_was_renamed_since_the_login(site, tmp_path, again, tenant, told):
    """By its name it would be made in the new one, by the uuid that the login has told in one that nobody declared."""
    for each in TENANTS:
        site.delete(*PROFILE, each)
    with site.run(site.declared(tmp_path, **sections(tenant))) as run:
        plan = run.plan()
        if not told:
            run.site.gateway().tenants = ()
        assert [request.tenant for step in plan.steps for request in step.requests] == [tenant]
        taken_over(site, tenant, again)
        before = site.picture()
        (result,) = run.runs.apply(plan)
        assert result.status == "refused"
        assert (
            any(word in result.text for word in ("renamed", "bears the name")) or not again
        )  # else its name leads nowhere, and nothing is read
    assert site.picture() == before


@pytest.mark.parametrize("undone", [False, True], ids=["put right", "undone"])
def test_a_write_lands_in_the_tenant_that_was_planned_however_late_that_is_renamed(site, tmp_path, undone):
    """Between the last read before the write and the write itself."""
    for tenant in TENANTS:
        site.delete(*PROFILE, tenant)
    with site.run(site.declared(tmp_path, **sections("blue"))) as run:
        plan, gateway = run.plan(), run.site.gateway()
        if undone:
            run.runs.apply(plan)
        under_login = gateway._under_login

        def late(method, path, **options):
            answer = under_login(method, path, **options)
            if path.startswith("tenant/") and method == "GET" and not renamed:
                renamed.append(taken_over(site, "blue"))
            return answer

        renamed = []
        gateway._under_login = late
        run.undo() if undone else run.runs.apply(plan)
    rows = [row for row in site.rows("ipamdnsproviderprofile") if row["name"] == "dns-app"]
    (uuid,) = renamed
    assert [row["tenant_ref"].rpartition("/")[2] for row in rows] == [f"{uuid}#renamed"] * (not undone)
