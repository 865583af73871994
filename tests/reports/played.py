"""A history of runs that are played: what each of them judged, a day apart."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.history.store import CheckEntry, History

START = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def entry(outcome, told="", name="A"):
    return CheckEntry(
        f"test_mini.py::test_vrf[{name}]",
        f"{name} is right.",
        f"network {name}",
        "Step 3",
        "networks",
        "normal",
        outcome,
        told,
    )


def play(history, *runs):
    """Write runs a day apart; each is a dict of name -> outcome or (outcome, told), or None for a run that died."""
    for day, run in enumerate(runs):
        number = history.begin(f"run-{day}", START + timedelta(days=day))
        if run is not None:
            entries = [
                entry(*((how, "x") if isinstance(how, str) else how), name) for name, how in run.items()
            ]
            history.finish(number, START + timedelta(days=day, minutes=1), 0, {}, entries)


@pytest.fixture
def history(tmp_path):
    with History(tmp_path / "history.sqlite") as found:
        yield found
