"""Near twins: an absent object is not made beside one of almost its name, but where the option of that name is given."""

import pytest

from intent import EXISTENCE, load_environment
from remediate.plan.agreement import agreement
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

FILE = """
name: twins
controller: {address: 10.0.0.1}
clouds: [{name: Default-Cloud, type: vcenter}, {name: bare, type: no-orchestrator}]
"""
SPELLINGS = {
    "case": "PROD-ZONE 1",
    "blank after it": "Prod-Zone 1 ",
    "blank before it": " Prod-Zone 1",
    "two blanks": "Prod-Zone  1",
    "tab": "Prod-Zone\t1",
    "blank that does not break": "Prod-Zone\u00a01",
    "ideographic blank": "Prod-Zone\u30001",
    "blank that is a letter": "Prod-Zone\u3164 1",
    "blank of Braille": "Prod-Zone\u28001",
    "underscore": "Prod_Zone 1",
    "dash for the blank": "Prod-Zone-1",
    "two dashes": "Prod--Zone 1",
    "en dash": "Prod\u2013Zone 1",
    "hyphen that does not break": "Prod\u2011Zone 1",
    "minus": "Prod\u2212Zone 1",
    "bullet": "Prod\u2043Zone 1",
    "small dash": "Prod\ufe63Zone 1",
    "accent": "Pr\u00f3d-Zone 1",
    "accent of its own": "Pro\u0301d-Zone 1",
    "Cyrillic o": "Pr\u043ed-Zone 1",
    "Cyrillic d": "Pro\u0501-Zone 1",
    "Greek capitals": "\u03a1rod-\u0396one 1",
    "stroke": "Pr\u00f8d-Zone 1",
    "Armenian o": "Pr\u0585d-Zone 1",
    "full width": "\uff30rod-Zone 1",
    "mathematical": "\U0001d40frod-Zone 1",
    "zero width space": "Prod-\u200bZone 1",
    "soft hyphen": "Pr\u00adod-Zone 1",
    "direction": "\u202aProd-Zone 1",
    "byte order mark": "\ufeffProd-Zone 1",
    "variation": "Prod\ufe0f-Zone 1",
}
OTHERS = [
    "Prod-Zone 2",
    "Prod-Zone 11",
    "Prod-Zone",
    "Prod Zone 1 b",
    "Prad-Zone 1",
    "1 Prod-Zone",
    "ProdZone 1",
]
NAME = "Prod-Zone 1"
KINDS = {
    "SE group": ("serviceenginegroup", "se_groups: [{name: NAME}]", {}),
    "VRF context": ("vrfcontext", "vrfs: [{name: NAME}]", {}),
    "network": ("network", "networks: [{name: NAME, cloud: bare}]", {}),
    "DNS profile": (
        "ipamdnsproviderprofile",
        "dns_profiles: [{name: NAME, type: internal}]",
        {"type": "IPAMDNS_TYPE_INTERNAL_DNS"},
    ),
    "IPAM profile": (
        "ipamdnsproviderprofile",
        "ipam_profiles: [{name: NAME, type: internal}]",
        {"type": "IPAMDNS_TYPE_INTERNAL"},
    ),
    "tenant": ("tenant", "tenants: [{name: NAME}]", {}),
    "pool": (
        "pool",
        "objects: [{type: pool, name: NAME, cloud: Default-Cloud, fields: {enabled: true}}]",
        {},
    ),
}
IN_CLOUDS = {
    "serviceenginegroup": "Default-Cloud",
    "vrfcontext": "Default-Cloud",
    "network": "bare",
    "pool": "Default-Cloud",
}


@pytest.fixture(scope="module")
def start():
    bench = Bench("empty")
    for name in ("bare", "other"):
        bench.gateway.write("POST", "cloud", {"name": name, "vtype": "CLOUD_NONE"})
    bench.gateway.write("POST", "tenant", {"name": "blue"})
    return bench, bench.lab.snapshot()


@pytest.fixture
def site(start, tmp_path):
    bench, state = start
    bench.lab.restore(state)
    return Twins(bench, tmp_path)


class Twins:
    """A site and its file: what of it is absent, and what is planned of that."""

    def __init__(self, bench, folder):
        self.bench = bench
        self.folder = folder

    def declare(self, *sections):
        path = self.folder / "site.yaml"
        path.write_text(FILE + "\n".join(sections) + "\n", encoding="utf-8")
        self.bench.environment = load_environment(path)

    def make(self, kind, name, *, cloud="", tenant="admin"):
        api, _, members = KINDS[kind]
        body = {"name": name, **members}
        if where := cloud or IN_CLOUDS.get(api, ""):
            (row,) = self.bench.gateway.read("cloud", {"name": where})["results"]
            body["cloud_ref"] = row["url"]
        self.bench.gateway.write("POST", api, body, tenant=tenant)

    def absent(self, view):
        return [finding for finding in self.bench.drifts(view.live) if finding[0].path == EXISTENCE]

    def plan(self, **options):
        view = self.bench.site()
        return build(view, self.absent(view), **options)

    def agreed(self, reviewed, **options):
        view = self.bench.site()
        return agreement(reviewed, view, self.absent(view), **options)

    def carry_out(self, plan, **options):
        journal = Journal.begin(self.folder, "twins", "c", "d")
        results = Applier(Writer(self.bench.gateway, journal), self.bench.site(), **options).apply(plan)
        journal.end("done")
        return results, load(journal.path)

    def undo(self, record):
        journal = Journal.begin(self.folder, "twins", "c", "d", undoes=record.path.name)
        return undo_run(record, Writer(self.bench.gateway, journal), self.bench.site())

    def names(self, kind):
        rows = self.bench.ask(KINDS[kind][0], {"page_size": "200"})["results"]
        return sorted(row["name"] for row in rows)


def declared(kind, name=NAME):
    return KINDS[kind][1].replace("NAME", f'"{name}"')


def spelled(name):
    return repr(name) if name.isascii() else f"{name!r} (in full {name!a})"


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_name_that_looks_the_same_is_told_in_full_and_its_twin_made_only_where_it_is_asked_for(
    site, spelling
):
    site.make("SE group", spelling)
    site.declare(declared("SE group"))
    plan = site.plan()
    (left,) = plan.left
    assert plan.steps == ()
    assert f"one of almost that name exists, {spelled(spelling)}: " in left.reason
    assert "--create-near-twins makes another one beside it" in left.reason
    (step,) = site.plan(consent=Consent(near_twins=True)).steps
    assert (step.action, step.requests[0].body["name"]) == ("create", NAME)


@pytest.mark.parametrize("name", OTHERS)
def test_a_name_that_looks_otherwise_is_no_twin(site, name):
    site.make("SE group", name)
    site.declare(declared("SE group"))
    plan = site.plan()
    assert [step.action for step in plan.steps] == ["create"]
    assert list(plan.left) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_is_made_looks_for_twins_and_is_undone_alone(site, kind):
    twin = "PROD_ZONE 1"
    site.make(kind, twin)
    site.declare(declared(kind))
    (left,) = site.plan().left
    assert f"one of almost that name exists, '{twin}'" in left.reason
    before = site.names(kind)
    results, record = site.carry_out(site.plan(consent=Consent(near_twins=True)))
    assert [result.status for result in results] == ["done"]
    assert site.names(kind) == sorted([*before, NAME])
    assert [result.outcome for result in site.undo(record)] == ["undone"]
    assert site.names(kind) == before


@pytest.mark.parametrize(
    ("kind", "other"), [("DNS profile", "IPAM profile"), ("IPAM profile", "DNS profile")]
)
def test_a_twin_of_another_kind_in_the_same_collection_is_one_too(site, kind, other):
    """Both are in one namespace of the Controller's."""
    site.make(other, NAME.upper())
    site.declare(declared(kind))
    (left,) = site.plan().left
    assert f"one of almost that name exists, '{NAME.upper()}'" in left.reason


@pytest.mark.parametrize("kind", ["SE group", "VRF context", "pool"])
def test_almost_its_name_in_another_cloud_or_tenant_is_no_twin(site, kind):
    site.make(kind, NAME.upper(), cloud="other")
    site.make(kind, NAME.upper(), tenant="blue")
    site.declare(declared(kind))
    assert [step.action for step in site.plan().steps] == ["create"]


@pytest.mark.parametrize("kind", ["SE group", "VRF context", "pool", "DNS profile"])
def test_its_name_in_another_tenant_is_told_with_the_tenant(site, kind):
    site.make(kind, NAME, tenant="blue")
    site.declare(declared(kind))
    plan = site.plan()
    (left,) = plan.left
    assert plan.steps == ()
    assert "there is one of that name in tenant blue: declare `tenant: blue`" in left.reason
    assert "--create-near-twins makes another one in tenant admin" in left.reason
    (step,) = site.plan(consent=Consent(near_twins=True)).steps
    assert {request.tenant for request in step.requests} == {"admin"}


def test_twins_that_are_both_declared_are_meant(site):
    site.make("SE group", NAME.upper())
    site.declare(f'se_groups: [{{name: "{NAME}"}}, {{name: "{NAME.upper()}"}}]')
    plan = site.plan()
    assert [(step.action, step.key.name) for step in plan.steps] == [("create", NAME)]
    assert list(plan.left) == []


def test_each_of_several_in_a_file_is_told_with_all_of_its_twins(site):
    site.make("SE group", "PROD-ZONE 1")
    site.make("SE group", "prod_zone 1")
    site.make("VRF context", "Blue")
    site.make("DNS profile", "dns")
    site.declare(
        f'se_groups: [{{name: "{NAME}"}}, {{name: free}}]', "vrfs: [{name: blue}]",
        "dns_profiles: [{name: DNS, type: internal}]",
    )  # fmt: skip
    plan = site.plan()
    assert [step.key.name for step in plan.steps] == ["free"]
    reasons = {left.key.name: left.reason for left in plan.left}
    assert sorted(reasons) == ["DNS", NAME, "blue"]
    assert "one of almost that name exists, 'PROD-ZONE 1', 'prod_zone 1': " in reasons[NAME]
    assert "one of almost that name exists, 'Blue': " in reasons["blue"]
    assert "one of almost that name exists, 'dns': " in reasons["DNS"]
    all_of_them = site.plan(consent=Consent(near_twins=True))
    assert sorted(step.key.name for step in all_of_them.steps) == ["DNS", NAME, "blue", "free"]


def test_what_needs_an_object_with_a_twin_waits_with_it(site):
    site.make("VRF context", "Blue")
    site.declare("vrfs: [{name: blue, cloud: bare}]", "networks: [{name: front, cloud: bare, vrf: blue}]")
    site.make("VRF context", "BLUE", cloud="bare")
    plan = site.plan()
    assert plan.steps == ()
    reasons = {left.key.kind: left.reason for left in plan.left}
    assert "one of almost that name exists, 'BLUE': " in reasons["VRF context"]
    assert "vrfcontext 'blue' is absent" in reasons["network"]
    assert [step.key.name for step in site.plan(consent=Consent(near_twins=True)).steps] == ["blue", "front"]


def test_a_reviewed_plan_makes_a_twin_only_where_the_option_is_given_again(site):
    site.make("SE group", NAME.upper())
    site.declare(declared("SE group"))
    reviewed = site.plan(consent=Consent(near_twins=True))
    result = site.agreed(reviewed)
    (left,) = result.dropped
    assert (result.plan.steps, left.status) == ((), "moved")
    assert f"one of almost that name exists, '{NAME.upper()}'" in left.why
    assert site.agreed(reviewed, consent=Consent(near_twins=True)).plan.steps == reviewed.steps


def test_a_twin_that_came_since_the_review_is_one_too(site):
    site.declare(declared("SE group"), "vrfs: [{name: blue}]")
    reviewed = site.plan()
    site.make("SE group", NAME.upper())
    result = site.agreed(reviewed)
    (left,) = result.dropped
    assert ([step.key.name for step in result.plan.steps], left.step.key.name, left.status) == (
        ["blue"],
        NAME,
        "moved",
    )
    assert f"one of almost that name exists, '{NAME.upper()}'" in left.why
