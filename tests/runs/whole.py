"""A pytest plugin for the runs under test: nothing is left out before pytest selects."""

from fixtures import selection

selection.of = lambda *_, **__: None
