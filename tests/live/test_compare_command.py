"""`python -m live compare` and `snapshot`: what is told, the exit code, and files that cannot be used."""

import json

import pytest
import yaml

from intent import load_environment
from live.__main__ import main
from tests import lengths
from tests.live.two_sites import pool, site
from tests.runs.harness import lab_of
from tests.site import IBERIA


@pytest.fixture
def files(tmp_path):
    def save(name, snapshot):
        path = tmp_path / name
        snapshot.save(path)
        return str(path)

    return save


@lengths.WHOLE_RUN
def test_the_command_tells_people_and_programs(files, capsys):
    a, b = (
        files("a.json", site(pool=[pool("sh\x1b[31mop", default_server_port=81), pool("new")])),
        files("b.json", site(pool=[pool("sh\x1b[31mop")])),
    )
    assert main(["compare", a, b]) == 1
    said = capsys.readouterr().out
    assert "pool sh\\x1b[31mop\n  default_server_port: A 81, B 80\n" in said
    assert said.endswith(
        "DIFFERENT: 4 objects on both, 1 of them with 1 difference; 1 on A alone, 0 on B alone\n"
    )
    assert main(["compare", a, b, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["differences"][0]["object"] == {"type": "pool", "a": "sh\x1b[31mop", "b": "sh\x1b[31mop"}
    assert (data["exit_code"], data["only_a"][0]["a"], data["only_b"]) == (1, "new", [])
    assert main(["compare", a, a]) == 0


def test_declared_differences_come_from_a_file(files, tmp_path, capsys):
    a, b = files("a.json", site(pool=[pool(default_server_port=81)])), files("b.json", site(pool=[pool()]))
    declared = tmp_path / "differences.yaml"
    declared.write_text(yaml.safe_dump({"differ": ["pool.default_server_port", "vsvip"]}))
    assert main(["compare", a, b, "--differences", str(declared)]) == 0
    said = capsys.readouterr().out
    assert "declared, and not needed: differ: vsvip * *" in said
    assert "1 declared difference" in said


@pytest.mark.parametrize("damage", [lambda text: text[: len(text) // 2], lambda _text: "{}", lambda _text: "name: [", lambda _text: "",
                                    lambda text: text.replace('"pool":[', '"pool":[7,', 1)])  # fmt: skip
def test_a_damaged_file_is_bad_usage_and_is_named(files, tmp_path, capsys, damage):
    good = files("a.json", site(pool=[pool()]))
    bad = tmp_path / "bad"
    bad.write_text(damage((tmp_path / "a.json").read_text()))
    for sides in ((good, str(bad)), (str(bad), good)):
        assert main(["compare", *sides]) == 4
        assert str(bad) in capsys.readouterr().err


def test_a_file_that_is_not_there_is_bad_usage(files, capsys):
    with_one = files("a.json", site())
    assert main(["compare", with_one, "/nowhere/b.json"]) == 4
    assert capsys.readouterr().err == "/nowhere/b.json: cannot be used: No such file or directory\n"


def test_a_site_that_cannot_be_reached_is_unknown(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AVI_USERNAME", "admin")
    monkeypatch.setenv("AVI_PASSWORD", "x")
    environment = tmp_path / "site.yaml"
    environment.write_text("name: site\ncontroller: {address: 127.0.0.1, port: 1, verify_tls: false}\n")
    assert main(["compare", str(environment), files("a.json", site())]) == 6
    begun, _, why = capsys.readouterr().err.partition("\n")
    assert begun == "avi-compliance: reading 127.0.0.1:1 ...", "who waits is told what for, before the login"
    assert "127.0.0.1:1" in why


@pytest.fixture(scope="module")
def lab():
    with lab_of("--state", "conforming") as lab:
        yield lab


def test_a_whole_live_site_goes_into_a_file_and_is_what_the_file_says(lab, tmp_path, capsys, monkeypatch):
    login, controller = lab.credentials(), lab.overlay(load_environment(IBERIA)).controller
    monkeypatch.setenv("AVI_USERNAME", login.username)
    monkeypatch.setenv("AVI_PASSWORD", login.password.get_secret_value())
    where = {"address": controller.address, "port": controller.port, "ca_file": str(controller.ca_file)}
    environment, kept = tmp_path / "site.yaml", tmp_path / "site.json"
    environment.write_text(yaml.safe_dump({"name": "site", "controller": where}))
    assert main(["snapshot", str(environment), "--out", str(kept)]) == 0, capsys.readouterr().err
    assert login.password.get_secret_value() not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert main(["snapshot", str(environment), "--out", str(kept)]) == 4
    assert main(["compare", str(environment), str(kept)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("SAME: 15")
