"""The pytest plugin of a fleet: several `--environment` options, or a folder of files, are a run each."""

from __future__ import annotations

import pytest

from fleet.run import chosen, main


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Several environments, or a folder of them: each is a run of its own."""
    places, others = chosen([str(argument) for argument in config.invocation_params.args])
    paths = [config.invocation_params.dir / place for place in places]
    if len(paths) < 2 and not any(path.is_dir() for path in paths):
        return None
    out = ["--out", config.getoption("report_dir")] if config.getoption("report_dir") else []
    kept = [other for other in others if not other.startswith("--report-dir")]
    if out and out[1] in kept:
        kept.remove(out[1])
    return main([*map(str, paths), *out, "--", *kept])
