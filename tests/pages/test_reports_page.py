"""The pages of reports and of scheduled checks: their commands, typed after two runs, and their files read."""

from __future__ import annotations

import re

import pytest
import yaml

from intent import load_environment
from intent.waivers import load
from tests import lengths
from tests.pages.clone import Clone
from tests.pages.examples import blocks
from tests.reports.receivers import webhook
from tests.runs.harness import Site

PAGE, DEPLOY = "reports/README.md", "deploy/README.md"
HISTORY = [command for block in blocks(PAGE) for command in block.commands if "reports.history" in command]
SEVERAL = [
    command
    for block in blocks(PAGE)
    for command in block.commands
    if "north" in command or " fleet " in command
]
(NOTIFY,) = [command for block in blocks(PAGE) for command in block.commands if "NOTIFY" in command]
MOVE = "mv reports/out/old reports/out/new"
(POST_A_ROLE,) = [
    command for block in blocks(DEPLOY) for command in block.commands if "CONTROLLER" in command
]
ELSEWHERE = ".venv/bin/python -m reports.history -e /var/lib/avi-compliance/iberia list"
FLEET = "python -m fleet"
TYPED = {
    PAGE: {*HISTORY, *SEVERAL, NOTIFY, MOVE},
    DEPLOY: {POST_A_ROLE, ELSEWHERE, FLEET},
}


@pytest.fixture(scope="module")
def live():
    site = Site("drifted")
    yield site
    site.close()


@pytest.fixture(scope="module")
def clone(tmp_path_factory, live):
    """Three environment files of one live site, and two runs of one of them."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    folder = clone.folder / "environments"
    (folder / "iberia.yaml").unlink()  # `python -m fleet environments/` means all that are there
    credentials = live.credentials
    for name in ("mysite", "north", "south"):
        live.declared(folder, lambda data, name=name: data.update(name=name))
        (folder / "site.yaml").rename(folder / f"{name}.yaml")
    clone.variables = {f"{key}__NORTH": value for key, value in credentials.items()} | credentials
    for chosen in ("test_networks", "test_networks or test_vrfs"):
        ran = clone.type(f"pytest --environment=environments/mysite.yaml -k '{chosen}'")
        assert ran.code == 1, ran.out
    yield clone
    clone.close()


@lengths.sampled(3)
@pytest.mark.parametrize("command", HISTORY)
def test_history(clone, command):
    ran = clone.type(command)
    assert ran.code == (1 if command.endswith(" drifts") else 0), ran.out
    assert ran.out.strip()


def test_history_of_a_folder_elsewhere(clone):
    ran = clone.type(ELSEWHERE.replace("/var/lib/avi-compliance/iberia", "reports/out/mysite"))
    assert ran.code == 0, ran.out


@lengths.WHOLE_RUN
def test_a_folder_that_is_renamed_keeps_its_history(clone):
    moved = MOVE.replace("old", "mysite").replace("new", "renamed")
    before = clone.type("python -m reports.history -e reports/out/mysite list").out
    assert clone.type(moved).code == 0
    try:
        assert clone.type("python -m reports.history -e reports/out/renamed list").out == before
    finally:
        clone.type("mv reports/out/renamed reports/out/mysite")


@lengths.WHOLE_RUN
def test_notify(clone):
    with webhook() as hook:
        ran = clone.type(re.sub(r"https://hooks\S+", hook.url, NOTIFY))
    assert ran.code == 1, ran.out
    assert hook.got


@lengths.sampled(2)
@pytest.mark.parametrize("command", SEVERAL)
def test_several_environments(clone, command):
    ran = clone.type(command)
    assert ran.code == 1, ran.out
    assert "north" in ran.out
    assert "south" in ran.out


def test_fleet_of_nothing_says_how(clone):
    ran = clone.type(FLEET)
    assert ran.code == 4, ran.out


def test_contacts(clone):
    (block,) = [block.text for block in blocks(PAGE) if block.text.startswith("contacts:")]
    path = clone.folder / "contacts.yaml"
    path.write_text((clone.folder / "environments/mysite.yaml").read_text() + block)
    assert load_environment(path).contacts.owner == "platform team"


def test_waivers(clone):
    (block,) = [block.text for block in blocks(PAGE) if block.text.startswith("waivers:")]
    path = clone.folder / "site.waivers.yaml"
    path.write_text(block)
    (numbered,) = load(path)
    assert numbered.waiver.ticket == yaml.safe_load(block)["waivers"][0]["ticket"]


def test_a_role_is_posted(clone, live):
    """The page's program as it stands, but for the password that a person would type."""
    typed = POST_A_ROLE.replace("CONTROLLER", live.name, 1).replace(
        "getpass.getpass()", f'"{live.endpoints["password"]}"'
    )
    ran = clone.type(typed, REQUESTS_CA_BUNDLE=live.endpoints["ca_file"])
    assert ran.out.strip().endswith("201"), ran.out


@lengths.WHOLE_RUN
def test_metrics(clone, live):
    """The alerts that are worth having are of metrics that a run writes."""
    (block,) = [block.text for block in blocks(DEPLOY) if block.text.startswith("avi_compliance_")]
    live.reset("conforming")
    ran = clone.type("pytest --environment=environments/north.yaml")
    assert ran.code == 0, ran.out
    written = (clone.folder / "reports/out/north/avi_compliance.prom").read_text()
    for metric in re.findall(r"avi_compliance_\w+", block):
        assert re.search(rf"^{metric}\b", written, re.MULTILINE), metric
