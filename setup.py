"""The wheel: one package, `avi_compliance`, that carries the folders of the clone, so that nothing else is installed.

The folders import each other by their own names in a clone. `fixtures`, `reports` or `live` at the top of site-packages
would be other people's names there, so the copies in the wheel import each other as `avi_compliance.fixtures` and so
on. Lines stay where they are. Everything else about the package is in pyproject.toml.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).absolute().parent
PACKAGE = "avi_compliance"
FOLDERS = ("avi_schema", "checks", "fixtures", "fleet", "intent", "lab", "live", "remediate", "reports")
DATA = (
    "deploy/ci/Jenkinsfile",
    "deploy/ci/github-actions.yml",
    "deploy/ci/gitlab-ci.yml",
    *(f"deploy/repository/{name}" for name in ("README.md", "environment.yaml", "gitignore", "tox.ini")),
    "deploy/repository/test_house_controller.py",
    "environments/iberia.yaml",
    "environments/schema.json",
)
LEFT_OUT = ("__pycache__", "build", "docs", "out", "pictures", "tests")
"""Folders inside of ours that a clone alone needs; `build` makes the schema anew from the vendor's files."""


def carry(root: Path, package: Path) -> None:
    """Copy the folders of a clone into the package, with their imports of each other."""
    for folder in FOLDERS:
        left_out = shutil.ignore_patterns(*LEFT_OUT, "*.md")
        shutil.copytree(root / folder, package / folder, ignore=left_out, dirs_exist_ok=True)
        for path in (package / folder).rglob("*.py"):
            path.write_text(qualified(path.read_text(encoding="utf-8")), encoding="utf-8")
    for name in DATA:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, package / name)
    (package / "commit.json").write_text(json.dumps(commit(root)), encoding="utf-8")


def qualified(text: str) -> str:
    """A module with its imports of our folders by their names in the package.

    Raises ValueError for `import folder.module`, unless nothing uses the name that it binds.
    """
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_ours(node.module or ""):
            pattern, instead = r"\bfrom\s+", f"from {PACKAGE}."
        elif isinstance(node, ast.Import) and any(_is_ours(alias.name) for alias in node.names):
            (alias,) = node.names
            dotted = "." in alias.name
            if dotted and alias.name.partition(".")[0] in _names_used(text):
                raise ValueError(f"line {node.lineno}: import names from {alias.name} instead")
            pattern, instead = r"\bimport\s+", f"import {PACKAGE}." if dotted else f"from {PACKAGE} import "
        else:
            continue
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + re.sub(
            pattern, instead, line[node.col_offset :], count=1
        )
    return "".join(lines)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in FOLDERS


def _names_used(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def commit(root: Path) -> dict[str, str]:
    """The commit of the clone that the wheel is made from, and its time; nothing where nobody knows it.

    A clone without its `.git` may hold it in a file; one may belong to another user than who builds.
    """
    if (root / "commit.json").is_file():
        return dict(json.loads((root / "commit.json").read_text(encoding="utf-8")))
    try:
        known = _git(root, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
        return {
            "commit": known,
            "at": _git(root, "log", "-1", "--format=%cd", "--date=format-local:%Y%m%d%H%M%S"),
        }
    except (OSError, subprocess.CalledProcessError):
        return {}


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(root), *arguments]
    done = subprocess.run(  # noqa: S603 -- no shell
        command, capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"}
    )
    return done.stdout.strip()


def version(root: Path) -> str:
    """The number with time and id of the commit: `0.1.0+20261201041233.g1234567890ab`, later ones being greater.

    With the number alone pip would take every commit for what is installed already, and leave that as it is.
    """
    (number,) = re.findall(
        r'^VERSION = "(.+)"$', (root / "intent/installation.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    known = commit(root)
    name = f"g{known['commit']}".replace("-", ".") if "commit" in known else ""
    local = ".".join(filter(None, (known.get("at", ""), name)))
    return f"{number}+{local}" if local else number


if __name__ == "__main__":
    from setuptools import setup
    from setuptools.command.build_py import build_py
    from setuptools.command.egg_info import egg_info
    from setuptools.command.sdist import sdist

    class BuildPackage(build_py):
        """Setuptools' own, and the folders."""

        def run(self) -> None:
            """Build the package; an editable one is the clone itself."""
            package = Path(self.build_lib, PACKAGE)
            if not self.editable_mode:
                shutil.rmtree(package, ignore_errors=True)  # of a build before, whose modules may be gone
            super().run()
            if not self.editable_mode:
                carry(ROOT, package)

    class Metadata(egg_info):
        """Setuptools' own, kept out of the clone: pytest would take what it lists there for an installed plugin."""

        def initialize_options(self) -> None:
            """Choose the folder of what is built."""
            super().initialize_options()
            Path("build").mkdir(exist_ok=True)
            self.egg_base = "build"

    class Source(sdist):
        """Setuptools' own, with the commit, of which nothing else in it tells."""

        def make_release_tree(self, base_dir: str, files: list[str]) -> None:
            """Write what stands in it."""
            super().make_release_tree(base_dir, files)
            Path(base_dir, "commit.json").write_text(json.dumps(commit(ROOT)), encoding="utf-8")

    setup(version=version(ROOT), cmdclass={"build_py": BuildPackage, "egg_info": Metadata, "sdist": Source})
