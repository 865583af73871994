"""The page on a repository of one's own: its commands, typed in their order with an installation of the wheel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests import lengths
from tests.framework.source import ROOT
from tests.pages.examples import blocks, commands

PAGE = "docs/own-repository.md"
NEW, *INSIDE = [command for block in blocks(PAGE) for command in block.commands]
VERSION = ".venv/bin/python -m avi_compliance.intent --version"
SCHEMA = ".venv/bin/python -m avi_compliance.intent --schema > environments/schema.json"
FILE = ".venv/bin/python -m avi_compliance.intent environments/acme.yaml"
SEVERAL = "pytest --environment environments/"
PLACE = "pytest --environment=FILE rules"
TOX = "tox -e check -- --environment=FILE"
TYPED = {PAGE: {NEW, *INSIDE, VERSION, SCHEMA, FILE, SEVERAL, PLACE, TOX}}


@pytest.fixture(scope="module")
def acme(installation, site, tmp_path_factory):
    """The repository that the page's first command writes, at the address of the site."""
    folder = tmp_path_factory.mktemp("team")
    there = site.endpoints["controller"]
    done = installation.shell(folder, NEW.replace("avi.acme.example", there["address"]))
    assert done.code == 0, done.out
    file = folder / "acme/environments/acme.yaml"
    file.write_text(file.read_text().replace("ca_file:", f"port: {there['port']}, ca_file:"))
    (file.parent / "controller-ca.pem").write_bytes(Path(site.endpoints["ca_file"]).read_bytes())
    lines = [f"{name}={value}\n" for name, value in site.credentials.items()]
    (folder / "acme/.env").write_text("".join(lines).replace("PASSWORD=", "PASSWORD__ACME="))
    return folder / "acme"


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    "command", [*INSIDE, VERSION, SCHEMA, FILE, PLACE.replace("FILE", "environments/acme.yaml"), SEVERAL]
)
def test_a_command(installation, acme, command):
    typed = command if command.startswith(".venv/bin/") else f".venv/bin/{command}"
    done = installation.shell(acme, typed)
    assert done.code == 0, done.out
    if "--bootstrap" in command:
        written = acme / "environments/acme-now.yaml"
        assert yaml.safe_load(written.read_text())["networks"]
        written.unlink()


def test_every_file_that_the_page_names_first_is_written(acme):
    table = (ROOT / PAGE).read_text(encoding="utf-8").partition("| file | |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([^`]+)`|(?<=, )`([^`]+)` \|", table, re.MULTILINE)
    names = {name for pair in named for name in pair if name}
    assert names == {path.relative_to(acme).as_posix() for path in written(acme)}


def written(acme):
    """What `new` wrote; the tests have put more beside it."""
    ours = {".env", "controller-ca.pem", "rules.md", "acme-now.yaml"}
    kept = (path for path in acme.rglob("*") if path.is_file() and path.name not in ours)
    later = {".venv", "reports", "journals", ".pytest_cache", "__pycache__"}
    return [path for path in kept if not later & set(path.relative_to(acme).parts)]


def test_its_tox_environment_takes_the_settings_of_the_page(acme):
    assert "[testenv]\n" in (acme / "tox.ini").read_text()
    assert "commands = pytest {posargs}" in (acme / "tox.ini").read_text()
    assert TOX in commands(PAGE)
