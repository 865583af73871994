"""Each step and each hole of AKO broken alone, on a site that is right but for that: what is named then, and what becomes of AKO."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache

import pytest

from intent.ako.case import HOLES
from intent.ako.steps import STEPS, WRONG
from live.ako.seen import seen
from live.avi.snapshot import Live
from tests import lengths
from tests.ako.breaking import NEIGHBOUR, NSXT, RIGHT, SERVICE, STATIC, Right
from tests.ako.hole_rows import HOLE_ROWS
from tests.ako.site import VIP, judged, labelled, live_of
from tests.ako.step_rows import STEP_ROWS, TEXTS, WITHOUT_TEXT

ROWS = STEP_ROWS | HOLE_ROWS


@cache
def answered(state):
    return live_of(labelled(state)).snapshot


def of(folder, right, row=None):
    """The verdict on a right site, or on one with a row's thing broken."""
    snapshot = answered(right.state)
    objects = copy.deepcopy(snapshot.objects)
    for edit in (*right.edits, *(row.edits if row else ())):
        edit(objects)
    more = right.more | (row.more if row else {})
    version = more.pop("controller", snapshot.version)
    site = seen(Live(replace(snapshot, objects=objects, version=version)))
    return judged(site, folder, right.values | (row.values if row else {}), right.version, **more)


def told(verdict):
    """What is wrong, and what AKO says without that it is: in the table's words."""
    return [
        f"{each.step} {each.outcome}: {each.what}"
        for each in verdict.results
        if each.outcome in WRONG or each.text
    ]


@lengths.sampled(3)
@pytest.mark.parametrize("name", ROWS)
def test_broken_alone(tmp_path, name):
    row = ROWS[name]
    right = of(tmp_path, row.right)
    assert (right.word, told(right)) == ("starts", [])
    broken = of(tmp_path, row.right, row)
    assert broken.word == row.word
    assert sorted(told(broken)) == sorted(row.named)


@pytest.mark.parametrize("name", TEXTS)
def test_text_of_its_own(tmp_path, name):
    group, text = TEXTS[name]
    broken = of(tmp_path, ROWS[name].right, ROWS[name])
    result = broken.of(name.split()[0])[-1]
    assert result.group == group
    assert result.text.startswith(text) if text.endswith("returned err ") else result.text == text
    spoken = [each for each in broken.steps if each.group]
    assert broken.logged == spoken[-1].text
    if group != "soft":
        rebooted = any(each.group == "R" for each in spoken)
        assert ("AKO will be rebooted" in broken.lines[0], "sync will be" in broken.lines[0]) == (
            rebooted,
            not rebooted,
        )


VPC = {"AKOSettings.vpcMode": True, VIP: []}
NOT_SEEN = [
    ("H20", RIGHT),
    ("S3", RIGHT),
    ("H13", Right(values={"avicredentials.username": "ldap-ako"})),
    ("H14", Right(values={"avicredentials.username": "ldap-ako"})),
    ("C14", Right(values={"AKOSettings.cniPlugin": "calico"})),
    ("V4f", replace(NSXT, values=NSXT.values | VPC)),
]


@pytest.mark.parametrize(("hole", "right"), NOT_SEEN)
def test_not_seen_from_here(tmp_path, hole, right):
    verdict = of(tmp_path, right)
    assert [each.outcome for each in verdict.of(hole)] == ["not seen"]
    assert verdict.word == "starts"


@pytest.mark.parametrize(
    "values", [{STATIC: True}, {SERVICE: "NodePortLocal", "AKOSettings.cniPlugin": "antrea"}]
)
def test_labels_of_groups_that_ako_does_not_look_at(tmp_path, values):
    """Where AKO leaves V5 out, an AviInfraSetting with another cluster's group does not keep it from starting again."""
    verdict = of(tmp_path, replace(NEIGHBOUR, values=values), ROWS["H2"])
    assert (verdict.word, told(verdict)) == ("starts", [])


def test_none_is_forgotten():
    """Every step that is evaluated and every hole that is registered has its row, and each of the validation its text."""
    assert {name.split()[0] for name in ROWS} | {name for name, _ in NOT_SEEN} == {*STEPS, *HOLES}
    assert all(row.named[0].split()[0] == name.split()[0] for name, row in ROWS.items())
    validation = {step for step in STEPS if step.startswith("V")}
    assert {name.split()[0] for name in TEXTS} == validation - WITHOUT_TEXT


def test_a_start_that_ends_before_the_cloud_does_not_deny_it(tmp_path):
    row = ROWS["B2"]
    broken = of(tmp_path, row.right, row)
    whys = {each.why for each in broken.holes if "cloud" in each.why}
    assert whys == {"AKO ends at step B2, before it looks at cloud Default-Cloud"}
