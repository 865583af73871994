"""The command `python -m intent`: what it says of an environment file."""

import json
import subprocess
import sys
from pathlib import Path

from intent import __main__ as command
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]


class TestCommand:
    def test_a_good_file(self, capsys):
        assert command.main([str(IBERIA)]) == 0
        assert capsys.readouterr().out.startswith(f"{IBERIA}: iberia, ")

    def test_a_ca_file_that_is_not_there_is_noted(self, capsys, tmp_path):
        text = "name: x\ncontroller: {address: c, ca_file: ca.pem%s}\nvcenter: {address: v, datacenter: D}\n"
        (tmp_path / "x.yaml").write_text(text % "")
        assert command.main([str(tmp_path / "x.yaml")]) == 0
        said, note = capsys.readouterr().out.splitlines()
        assert note.startswith(f"  note: controller.ca_file {tmp_path / 'ca.pem'} is not there")
        assert said.endswith(" declared objects")
        (tmp_path / "x.yaml").write_text(text % ", verify_tls: false")
        command.main([str(tmp_path / "x.yaml")])
        (tmp_path / "x.yaml").write_text(text % "")
        (tmp_path / "ca.pem").touch()
        command.main([str(tmp_path / "x.yaml")])
        assert "note" not in capsys.readouterr().out

    def test_a_bad_file(self, capsys, tmp_path):
        (tmp_path / "bad.yaml").write_text("nmae: x\n")
        assert command.main([str(tmp_path / "bad.yaml"), str(IBERIA)]) == 4
        shown = capsys.readouterr()
        assert f"{tmp_path / 'bad.yaml'}:1: unknown key 'nmae'; did you mean 'name'?" in shown.err
        assert "iberia, " in shown.out

    def test_the_schema(self, capsys):
        assert command.main(["--schema"]) == 0
        assert json.loads(capsys.readouterr().out)["title"] == "Avi Compliance environment"

    def test_nothing_to_check(self, capsys):
        assert command.main([]) == 4
        assert "give environment files to check" in capsys.readouterr().err

    def test_as_a_process(self):
        made = subprocess.run(
            [sys.executable, "-m", "intent", "none.yaml"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (made.returncode, made.stderr) == (
            4,
            "none.yaml: cannot be read: No such file or directory\n",
        )
