"""The composition root: which plugins make this suite."""

pytest_plugins = [
    "fixtures.signals",
    "fixtures.broken_pipe",
    "fixtures.options",
    "fixtures.rootdir",
    "fixtures.gc_tuning",
    "fixtures.lab",
    "fixtures.site",
    "fixtures.parametrize",
    "fixtures.outcomes",
    "fixtures.fast_path",
    "fixtures.reading",
    "fixtures.bootstrap",
    "fixtures.terminal",
    "remediate.run.plugin",
    "reports.plugin",
    "fleet.plugin",
]
