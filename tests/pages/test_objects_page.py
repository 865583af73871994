"""The page of objects of any type: its file loads, and does on a lab what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from avi_schema.semantics import meaning_of
from intent import load_environment
from intent.__main__ import main
from tests.pages.examples import blocks
from tests.remediate.objects_site import ObjectsBench

PAGE = "docs/objects.md"
SCHEMA = "python -m intent --schema --objects-of 30.2.1 > acme.schema.json"
TYPED = {PAGE: {SCHEMA}}


def test_the_file_that_is_shown_loads_and_comes_true(tmp_path: Path) -> None:
    """On the lab: what is missing is made, and what is added to the pool goes again."""
    (text,) = (block.text for block in blocks(PAGE) if block.language == "yaml")
    path = tmp_path / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    assert len(load_environment(path).objects) == 4
    bench = ObjectsBench(tmp_path, yaml.safe_load(text)["objects"])
    assert {result.status for result in bench.remediate()} == {"done"}
    assert bench.paths() == []
    servers = bench.raw("pool", "web")["servers"]
    bench.edit("pool", "web", servers=[*servers, {"ip": {"addr": "10.20.0.9", "type": "V4"}, "port": 1}])
    assert bench.paths() == ["web +servers[10.20.0.9+1]"]
    assert {result.status for result in bench.remediate()} == {"done"}  # nobody refers to it yet
    assert len(bench.raw("pool", "web")["servers"]) == 2


def test_the_lists_that_are_named_mean_what_the_page_says() -> None:
    """One of each row."""
    modes = {
        "set": ("Pool.health_monitor_refs", "SystemConfiguration.ssh_ciphers"),
        "keyed": ("Pool.servers", "VirtualService.services", "VrfContext.static_routes", "Role.privileges"),
        "ordered": ("DNSConfiguration.server_list", "SSLProfile.cipher_enums"),
        "sequence": ("HTTPRequestPolicy.rules", "VirtualService.http_policies", "WafPolicy.pre_crs_groups"),
    }
    for mode, members in modes.items():
        assert {meaning_of(*member.split("."))[-1].mode for member in members} == {mode}


def test_the_schema_for_editors_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """As the page says, and by what it says."""
    arguments = SCHEMA.partition(" > ")[0].removeprefix("python -m intent ").split()
    assert main(arguments) == 0
    assert "avi.Pool" in json.loads(capsys.readouterr().out)["$defs"]
