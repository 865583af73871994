"""A pytest plugin for the runs under test: says at the end in which order plugins are called for each hook."""

HOOKS = (
    "pytest_configure",
    "pytest_collection_modifyitems",
    "pytest_runtestloop",
    "pytest_runtest_protocol",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
)


def pytest_terminal_summary(terminalreporter, config):
    for name in HOOKS:
        called = [impl.plugin_name for impl in reversed(getattr(config.hook, name).get_hookimpls())]
        wrappers = [
            impl.plugin_name for impl in reversed(getattr(config.hook, name).get_hookimpls()) if impl.wrapper
        ]
        # Wrappers stand around all others, the first outermost.
        rest = [plugin for plugin in called if plugin not in wrappers]
        terminalreporter.write_line(f"order of {name}: {' '.join([*wrappers, *rest])}")
