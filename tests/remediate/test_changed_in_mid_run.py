"""What others change while a run is under way: a tenant or cloud goes, is renamed, or a right is taken away.

It costs what is of that tenant, cloud or type: there nothing is written, and it is unknown. All else is done.
"""

import pytest

from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.tenancy import EASTERN, NETWORKS, TENANTS, Tenants
from tests.remediate.test_tenant_matrix import sections

pytestmark = lengths.WHOLE_SITE

GROUPS, OPERATOR = "PERMISSION_SERVICEENGINEGROUP", "team-operator"


@pytest.fixture(scope="module")
def tenants(lab):
    tenants_of_lab = Tenants(lab)
    yield tenants_of_lab
    tenants_of_lab.close()


@pytest.fixture
def site(tenants):
    tenants.restore()
    for tenant in TENANTS:
        tenants.edit("serviceenginegroup", "seg-app", tenant, realtime_se_metrics={"enabled": False})
        tenants.delete("ipamdnsproviderprofile", "dns-app", tenant)
    return tenants


def row(site, api, name):
    (found,) = (each for each in site.rows(api) if each["name"] == name)
    return found


def put(site, api, of_name, /, **members):
    obj = {**row(site, api, of_name), **members}
    obj.pop("password", None)
    site.hand.write("PUT", f"{api}/{obj['uuid']}", obj)


def renamed(site):
    put(site, "tenant", "blue", name="azure")


def deleted(site):
    site.edit("network", NETWORKS["blue"], vrf_context_ref=site.row("vrfcontext", "vrf-app")["url"])
    for user in ("blue-operator", OPERATOR):
        site.hand.write("DELETE", f"user/{row(site, 'user', user)['uuid']}")
    for api in ("ipamdnsproviderprofile", "serviceenginegroup", "vrfcontext"):
        for each in site.rows(api):
            if each["tenant_ref"].endswith("#blue") and each["name"].endswith("-app"):
                site.hand.write("DELETE", f"{api}/{each['uuid']}", tenant="blue")
    site.hand.write("DELETE", f"tenant/{row(site, 'tenant', 'blue')['uuid']}")


def without_role_there(site):
    access = [
        each for each in row(site, "user", OPERATOR)["access"] if not each["tenant_ref"].endswith("#blue")
    ]
    put(site, "user", OPERATOR, access=access, default_tenant_ref=access[0]["tenant_ref"])


def without_right(right):
    def act(site):
        rights = row(site, "role", "everything")["privileges"]
        left = [{**each, "type": right} if each["resource"] == GROUPS else each for each in rights]
        put(site, "role", "everything", privileges=left)

    act.__name__ = right
    return act


@pytest.fixture
def at_the_first_write(site, monkeypatch):
    """What happens right after a run's first write."""

    def let(happen):
        send, sent = Writer.send, []

        def then(writer, *write):
            after = send(writer, *write)
            if not sent:
                sent.append(write)
                happen(site)
            return after

        monkeypatch.setattr(Writer, "send", then)

    return let


@lengths.sampled(3)
@pytest.mark.parametrize(
    ("happen", "user"),
    [(renamed, "admin"), (renamed, OPERATOR), (deleted, "admin"), (without_role_there, OPERATOR)],
)
def test_a_tenant_that_is_another_by_then_costs_its_own_steps_alone(
    site, tmp_path, at_the_first_write, happen, user
):
    at_the_first_write(happen)
    own, seen = ("admin", TENANTS) if user == "admin" else (EASTERN, TENANTS[1:])
    first = own if user == "admin" else "blue"
    with site.run(site.declared(tmp_path, own, **sections(*seen, default=own)), user) as run:
        plan = run.plan()
        results = run.runs.apply(plan)
        run.site.renew()
        for result in results:
            there = result.step.key.tenant != "blue" or (first == "blue" and result is results[0])
            assert (result.status, there) in (("done", True), ("refused", False)), result.line()
            assert there or "blue" in result.text
        for name, outcome in run.outcomes().items():
            if "(tenant blue)" in name:
                assert "no tenant blue is seen on the Controller" in outcome, (name, outcome)
            else:
                assert outcome == [], (name, outcome)
        assert run.plan().steps == (), "nothing is made anew of what is not seen"


@lengths.sampled(2)
@pytest.mark.parametrize("right", ["READ_ACCESS", "NO_ACCESS"])
def test_a_right_that_is_taken_away_costs_what_it_was_for(site, tmp_path, at_the_first_write, right):
    """The first write that is refused stops the run, since in an upgrade all are; one that may not be read does not."""
    at_the_first_write(without_right(right))
    declared = sections(*TENANTS[1:], default=EASTERN)
    with site.run(site.declared(tmp_path, EASTERN, **declared), OPERATOR) as run:
        plan = run.plan()
        results = run.runs.apply(plan)
        run.site.renew()
        assert {(each.step.key.kind, each.status) for each in results} <= {
            ("DNS profile", "done"), ("SE group", "refused"), ("SE group", "skipped"),
        }  # fmt: skip
        writes = [entry.request.api for entry in run.journal().entries]
        assert writes.count("serviceenginegroup") == (right == "READ_ACCESS"), "refused once is enough"
        for name, outcome in run.outcomes().items():
            unread = name.startswith("SE group") and right == "NO_ACCESS"
            assert ("may not read serviceenginegroup" in str(outcome)) is unread, (name, outcome)


def test_a_cloud_that_is_gone_costs_its_own_steps_alone(site, tmp_path, at_the_first_write):
    cloud = site.hand.write("POST", "cloud", {"name": "bare", "vtype": "CLOUD_NONE"})

    at_the_first_write(lambda site: site.hand.write("DELETE", f"cloud/{cloud['uuid']}"))
    vrfs = [{"name": name, "cloud": "bare"} for name in ("v1", "v2")]
    file = site.declared(tmp_path, vrfs=vrfs, **{k: v for k, v in sections("admin").items() if k != "vrfs"})
    with site.run(file) as run:
        results = run.runs.apply(run.plan())
        for result in results:
            in_it = result.step.key.cloud == "bare"
            assert result.status == ("refused" if in_it else "done"), result.line()
            assert not in_it or "its cloud is not there any more" in result.text
        assert {result.step.key.cloud for result in results} > {"bare"}
