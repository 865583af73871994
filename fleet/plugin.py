"""The pytest plugin of a fleet: several `--environment` options, or a folder of files, are a run each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Several environments, or a folder of them: each is a run of its own."""
    places, others = chosen([str(argument) for argument in config.invocation_params.args])
    paths = [config.invocation_params.dir / place for place in places]
    if len(paths) < 2 and not any(path.is_dir() for path in paths):
        return None
    from fleet.run import main  # noqa: PLC0415 -- a run of one environment does not need it

    out = ["--out", config.getoption("report_dir")] if config.getoption("report_dir") else []
    kept = [other for other in others if not other.startswith("--report-dir")]
    if out and out[1] in kept:
        kept.remove(out[1])
    return main([*map(str, paths), *out, "--", *kept])


def chosen(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """(what `--environment` was given, the other arguments) of a pytest command line."""
    chosen_files, others = [], []
    words = iter(arguments)
    for word in words:
        if word == "--environment":
            chosen_files.append(next(words, ""))
        elif word.startswith("--environment="):
            chosen_files.append(word.partition("=")[2])
        else:
            others.append(word)
    return chosen_files, others
