"""An import of files of Terraform or Ansible, as `python -m live import` writes it."""

from __future__ import annotations

from intent import load_environment
from live.__main__ import main


def imported(tmp_path, *files):
    """(the environment, what was told) of an import of these files."""
    out = tmp_path / "imported.yaml"
    assert main(["import", *map(str, files), "--out", str(out)]) == 0
    return load_environment(out), out.read_text()
