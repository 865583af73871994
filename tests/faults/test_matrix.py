"""The matrix, row by row: `pytest tests/faults -k "<fault>-<mode>"` repeats one."""

from __future__ import annotations

import pytest

from intent import Unknown, load_environment
from tests import lengths
from tests.faults import page
from tests.faults.engine import Benches
from tests.faults.laws import complaints
from tests.faults.matrix import MODES, ROWS, TROUBLES
from tests.site import IBERIA


@pytest.fixture(scope="module")
def benches(request, tmp_path_factory):
    """All rows that this session asks for, begun at once."""
    asked = {
        item.callspec.id for item in request.session.items if getattr(item, "function", None) is test_row
    }
    found = Benches(tmp_path_factory.mktemp("matrix"), 4 if lengths.IN_CI else 2)
    if not hasattr(request.config, "workerinput") or request.config.workerinput["whole_files"]:
        found.start([row for row in ROWS if row.id in asked])
    yield found
    found.close()


@lengths.sampled(30, by=lambda row: row.mode)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(benches, row):
    came = benches.of(row).result()
    assert complaints(came) == [], came.out[-4000:]


def test_rows_have_names_of_their_own():
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)


def test_every_fault_meets_a_check_or_a_write():
    modes = {trouble.name: {row.mode for row in ROWS if row.fault == trouble.name} for trouble in TROUBLES}
    assert all("remediate" in found for found in modes.values())
    assert set(MODES) == set().union(*modes.values())


def test_the_table_in_the_docs_is_that_of_the_matrix():
    """What stands there was measured: `python -m tests.faults` writes it anew."""
    assert page.written() == page.expected(ROWS)


def test_a_sentence_that_many_checks_repeat_does_not_grow():
    """Each raise of one and the same exception lengthens its traceback, and pytest formats all of it."""
    from live.site import Site

    def none():
        raise Unknown("no answer")

    environment = load_environment(IBERIA)
    target = Site(environment, none)
    lengths = []
    for _ in range(5):
        with pytest.raises(Unknown) as caught:
            _ = target.live
        lengths.append(len(caught.traceback))
    assert len(set(lengths[1:])) == 1, lengths
