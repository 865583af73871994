"""Words of errors: a hint only where something is near, all keys where none is, and none of a library's own words."""

import re

import pytest
import yaml

from intent import Environment, Invalid, load_environment
from intent.words import did_you_mean, nearest, roughly
from tests.runs.harness import IBERIA

KEYS = tuple(Environment.model_fields)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("dchp", "dhcp"),
        ("nmae", "name"),
        ("dhcpp", "dhcp"),
        ("vrf", "vrfs"),
        ("subnet", "subnets"),
        ("se-groups", "se_groups"),
        ("SE Groups", "se_groups"),
        ("networkss", "networks"),
        ("conection", "connection"),
        ("S1-AZ1-SE-GROUP", "S1-AZ1-SE-Group"),
    ],
)
def test_what_is_near_is_meant(word, name):
    known = {"dhcp", "name", "vrfs", "subnets", "se_groups", "networks", "connection", "S1-AZ1-SE-Group"}
    assert did_you_mean(word, known) == f"; did you mean {name!r}?"


@pytest.mark.parametrize(
    "word", ["ntp_servers", "virtual_services", "pools", "server", "alerts", "x", "ab", "dns", "l2_networks"]
)
def test_what_is_far_is_not_meant_and_every_key_is_named(word):
    assert nearest(word, KEYS) == f"; known: {', '.join(sorted(KEYS))}"


def test_of_very_many_names_the_most_alike_are_named_and_where_all_are():
    known = [f"network-{number}" for number in range(900)]
    assert nearest("zzz", known).startswith("; the most alike of 900: network-")
    assert nearest("zzz", known, "a file").endswith(" (all: a file)")
    assert nearest("k-777", known).startswith("; the most alike of 900: network-777, network-77, ")
    assert "known" not in nearest("zzz", known)


JUNK = [None, 5, -1, 1.5, True, "", "x y", "junk:x", [], [5], {}, {"x": 1}, [[]], "2026-11-23", 10**9]
LIBRARY = re.compile(
    r"input|validat|tuple|instance|parse|dictionary|valid (str|int|bool|num)|should|pydantic", re.IGNORECASE
)


def _places(data, place=()):
    yield place
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from _places(value, (*place, key))


def _first_of_each(data):
    if isinstance(data, list):
        return [_first_of_each(data[0])]
    return {key: _first_of_each(value) for key, value in data.items()} if isinstance(data, dict) else data


def _with(data, places, junk):
    changed = yaml.safe_load(yaml.safe_dump(data))
    for place in places:
        part = changed
        for key in place[:-1]:
            part = part[key]
        part[place[-1]] = junk
    return changed


def test_no_word_of_the_library_that_checks_the_form(tmp_path):
    """Junk of every type at every place of a whole environment."""
    path = tmp_path / "junk.yaml"
    whole = _first_of_each(yaml.safe_load(IBERIA.read_text()))
    places = [place for place in _places(whole) if place]
    leaves = [place for place in places if not any(other[:-1] == place for other in places)]
    others = [place for place in places if place not in leaves]
    levels = [[place for place in others if len(place) == level] for level in range(1, 7)]
    suggested = set()
    for junk in JUNK:
        for together in [leaves, *levels]:
            path.write_text(yaml.safe_dump(_with(whole, together, junk)))
            try:
                load_environment(path)
            except Invalid as invalid:
                suggested |= {re.sub(r"'[^']*'|\(found .*", "", problem.text) for problem in invalid.problems}
    assert len(suggested) > 50
    assert not [text for text in suggested if LIBRARY.search(text)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2.4, "about +2"),
        (-12.3, "about -10"),
        (6.1, "about +5"),
        (6.9, "about +5"),
        (43.2, "about +30"),
        (44.1, "about +30"),
        (88.9, "about +90"),
        (90.4, "about +90"),
        (-1199.6, "about -1,200"),
        (3599.4, "about +3,600"),
        (3600.6, "about +3,600"),
        (-20699.5, "about -20,700"),
    ],
)
def test_what_is_measured_anew_at_each_look_is_told_alike(seconds, text):
    """Else a clock that is off is another finding in each run, and each run sends a message."""
    assert roughly(seconds) == text
