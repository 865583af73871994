"""The composition root: which plugins make this suite.

Their order is that of `pytest_configure`: each needs what those before it have put into `config.stash`. Where the order
of another hook matters, its implementation says `tryfirst`, `trylast` or `wrapper`; tests/runs/test_plugin_order.py
holds every such case with its reason.
"""

pytest_plugins = [
    "fixtures.signals",
    "fixtures.broken_pipe",
    "fixtures.gc_tuning",
    "fixtures.options",  # loads the environment
    "fixtures.lab",  # gives it the addresses of the lab
    "fixtures.site",  # makes the site out of it; those below look for the site
    "fixtures.parametrize",
    "fixtures.outcomes",
    "fixtures.fast_path",
    "fixtures.reading",
    "fixtures.bootstrap",
    "fixtures.terminal",
    "remediate.run.plugin",
    "reports.plugin",  # asks the others for the run's name
    "fleet.plugin",
]
