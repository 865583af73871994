"""Who acts on what has drifted, and where they read what to do: from the environment file to every check."""

import pytest
import yaml

from checks import test_networks
from fixtures import check_doc
from fixtures.parametrize import ENVIRONMENT, _Infos
from intent import Network, load_environment
from tests.runs.harness import IBERIA, run

CONTACTS = {
    "owner": "platform team",
    "owners": {"networks": "network team"},
    "runbook": "https://wiki.example.org/{environment}/{topic}#{check}",
}


class Config:
    def __init__(self, path):
        self.stash = {ENVIRONMENT: load_environment(path)}


def declared(folder, contacts):
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(IBERIA.read_text()), "contacts": contacts}))
    return path


def check(topic, more=""):
    def test_it():
        pass

    test_it.__module__ = f"checks.test_{topic}"
    test_it.__doc__ = f"A title.\n\nWhy: so.\n{more}"
    return check_doc.read(test_it)


def test_the_owner_of_a_topic_goes_before_the_sites(tmp_path):
    infos = _Infos(Config(declared(tmp_path, CONTACTS)))
    networks, groups = infos.of(check("networks"), {}), infos.of(check("se_groups"), {})
    assert networks.owner == "network team"
    assert networks.docs == "https://wiki.example.org/iberia/networks#test_networks.test_it"
    assert groups.owner == "platform team"
    assert groups.docs.startswith("https://wiki.example.org/iberia/se%20groups#")


def test_what_a_check_names_goes_before_the_runbook(tmp_path):
    infos = _Infos(Config(declared(tmp_path, CONTACTS)))
    assert infos.of(check("hosts", "Docs: https://example.org/page"), {}).docs == "https://example.org/page"


def test_nobody_is_named_where_nobody_is(tmp_path):
    info = _Infos(Config(declared(tmp_path, {}))).of(check("networks"), {})
    assert (info.owner, info.docs) == ("", "")


@pytest.mark.parametrize(
    ("contacts", "said"),
    [
        ({"owners": {"network": "x"}}, "no check has the topic 'network'; did you mean 'networks'?"),
        ({"runbook": "wiki/page"}, "contacts.runbook"),
        ({"ownr": "x"}, "did you mean 'owner'"),
    ],
)
def test_what_cannot_be_meant_ends_the_run(tmp_path, contacts, said):
    ran = run(tmp_path, f"--environment={declared(tmp_path, contacts)}", "--collect-only", "-n", "2")
    assert ran.code == 4, ran.out
    assert said in ran.out


@pytest.mark.parametrize(("grouped", "step"), [("step", "Step 3"), ("topic", ""), (None, "")])
def test_steps_of_the_blog_are_for_a_site_that_is_grouped_by_them(tmp_path, grouped, step):
    site = {"name": "own", "controller": {"address": "10.0.0.1"}, "group_by": grouped}
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in site.items() if value}))
    network = Network(name="back", vrf="global")
    info = _Infos(Config(path)).of(check_doc.read(test_networks.test_vrf), {"network": network})
    assert (info.topic, info.step) == ("networks", step)
