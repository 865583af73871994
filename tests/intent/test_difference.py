"""Differences: what is missing and extra comes first, in whatever form, and two that differ never look the same."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent import Drift, Key
from intent.difference import arranged, difference, of_drift, predicate, short, sides

ACCOUNT = Key("vCenter account", "svc-avi@vsphere.local")
LONG = [f"VirtualMachine.Config.Privilege{number:02}" for number in range(36)]


@pytest.mark.parametrize(
    ("want", "have", "text"),
    [
        ("VRF_AZ1", "global", "declared VRF_AZ1, found global"),
        (["10.0.0.1-10.0.0.5"], ["10.0.0.1-10.0.0.2"], "declared 10.0.0.1-10.0.0.5, found 10.0.0.1-10.0.0.2"),
        (["a", "b"], ["a"], "missing b (declared a, b, found a)"),
        (["a"], ["a", "b"], "extra b (declared a, found a, b)"),
        (["a", "b"], ["a", "c"], "missing b, extra c (declared a, b, found a, c)"),
        (["a", "b"], ["a", "b", "b"], "extra b (once too often) (declared a, b, found a, b, b)"),
        (["a", "b", "c"], ["a", "c", "b"], "in another order: number 2 is c, declared b"),
        (["a", "b"], [], "declared a, b, found nothing"),
        ({"name": "x", "ttl": 30}, None, "declared {name: x, ttl: 30}, found nothing"),
        ({"name": "x", "ttl": 30}, {"name": "x", "ttl": 5},
         "missing ttl: 30, extra ttl: 5 (declared {name: x, ttl: 30}, found {name: x, ttl: 5})"),
        (True, "yes", 'declared true, found "yes"'),
        (30, "30", 'declared 30, found "30"'),
        ("a", "a ", 'declared "a", found "a "'),
        ("caf\u00e9", "cafe\u0301", r'declared "caf\u00e9", found "cafe\u0301"'),
        (None, [], "declared null, found []"),
        (LONG, LONG[:20] + LONG[21:], f"missing {LONG[20]} (36 declared, 35 found)"),
        (LONG, [], f"declared {', '.join(LONG)}, found nothing"),
    ],
)  # fmt: skip
def test_in_one_line(want, have, text):
    assert predicate(difference(want, have)) == text


def test_one_line_names_some_of_very_many():
    assert predicate(difference(LONG, LONG[:2])).startswith(f"missing {LONG[2]}, {LONG[3]}, ")
    assert predicate(difference(LONG, LONG[:2])).endswith(" and 29 more (36 declared, 2 found)")
    assert short("", difference("exactly one", "absent")) == "absent"


def test_what_others_may_add_is_no_difference():
    system = Drift(Key("system configuration", "system"), "dns_services", ["a", "b"], ["corp-dns", "a"])
    assert of_drift(system).extra == ()
    assert of_drift(replace(system, have=["corp-dns", "a", "a", "b"])).extra_texts == ["a (once too often)"]
    pools = Drift(Key("network", "n"), "subnets[10.0.0.0/24].pools", ["a"], ["a", "b"])
    assert of_drift(pools).extra == ("b",)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab \u00e9e\u0301", max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(values, values)
def test_two_that_differ_never_look_the_same(want, have):
    if json.dumps(want, sort_keys=True) != json.dumps(have, sort_keys=True):
        left, right = sides(difference(want, have))
        assert left != right


@given(st.lists(st.sampled_from("abcdef"), max_size=9), st.lists(st.sampled_from("abcdef"), max_size=9))
def test_each_element_is_on_its_side_as_often_as_it_is_there(want, have):
    parts = difference(want, have)
    assert sorted([*parts.missing, *parts.both]) == sorted(want)
    assert sorted([*parts.extra, *parts.both]) == sorted(have)
    assert not set(parts.missing) & set(parts.extra)
    assert parts.reordered == (sorted(want) == sorted(have) and want != have)
    left, right = arranged(parts)
    assert sorted(left) == sorted(want)
    assert sorted(right) == sorted(have)


@given(st.text("xy", min_size=200, max_size=300), st.integers(0, 250), st.integers(12, 160))
def test_a_cut_keeps_what_differs(text, at, width):
    other = text[:at] + "z" + text[at + 1 :]
    left, right = sides(difference(text, other), width)
    assert left != right
    assert max(len(left), len(right)) <= width


def test_a_cut_of_a_list_keeps_what_differs():
    left, right = sides(difference(LONG, [*LONG[:35], "Other.Privilege"]), 80)
    assert left == f"missing {LONG[35]}; 35 in both"
    assert right == "extra Other.Privilege; 35 in both"
