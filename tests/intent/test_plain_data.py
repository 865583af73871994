"""JSON data as text: the quick encoder writes what Python's own writes, and what it refuses is written all the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent.plain_data import encoded

PLAIN = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))
DATA = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@given(DATA)
def test_it_is_what_python_writes(data):
    assert encoded(data, indent=2).decode() == json.dumps(data, indent=2, ensure_ascii=False)
    assert encoded(data).decode() == json.dumps(data, separators=(",", ":"), ensure_ascii=False)


@given(st.floats())
def test_a_number_is_read_back_as_it_was(number):
    assert repr(json.loads(encoded(number))) == repr(number)


@pytest.mark.parametrize("indent", [None, 2])
def test_half_a_character_becomes_a_question_mark(indent):
    assert json.loads(encoded({"name": "a\ud800b"}, indent=indent)) == {"name": "a?b"}


def test_what_is_nested_deeply_is_written():
    data: list = []
    for _ in range(400):
        data = [data]
    assert encoded(data) == b"[" * 401 + b"]" * 401


def test_what_is_no_plain_data_is_refused():
    with pytest.raises(TypeError):
        encoded(object())
