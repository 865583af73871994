"""The composition root: which plugins make this suite."""

pytest_plugins = [
    "fixtures.stopping",
    "fixtures.listener",
    "fixtures.options",
    "fixtures.rootdir",
    "fixtures.garbage",
    "fixtures.lab",
    "fixtures.target",
    "fixtures.generate",
    "fixtures.outcomes",
    "fixtures.lean",
    "fixtures.resolver",
    "fixtures.vcenter",
    "fixtures.hosts",
    "fixtures.reading",
    "fixtures.bootstrap",
    "fixtures.terminal",
    "remediate.plugin",
    "reports.plugin",
]
