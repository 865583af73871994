"""Every option that takes a number refuses what is out of its range, and says the range; no other way of reading one."""

import ast
import math
import re
import subprocess
import sys
from argparse import ArgumentTypeError

import pytest

from avi_schema.command_line import milliseconds, seconds, whole
from tests.framework.test_commands import COMMANDS, ROOT


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "ten", "9" * 5000, "1_0", "١", " ", "nan", "0x1"])
def test_no_number_of_things(text):
    with pytest.raises(ArgumentTypeError, match="give a whole number from 1 to 1,000") as why:
        whole(1, 1000)(text)
    assert repr(text[:40]) in str(why.value)


@pytest.mark.parametrize("text", ["-1", "", "ten", "nan", "inf", "-inf", "1e9", "9" * 5000, "1,5"])
def test_no_time(text):
    with pytest.raises(ArgumentTypeError, match=r"give seconds from 0\.1 to 3,600"):
        seconds(0.1, 3600)(text)
    with pytest.raises(ArgumentTypeError, match="give milliseconds from 0 to 60,000"):
        milliseconds(0, 60_000)(text)


def test_numbers():
    assert whole(0)("0") == 0
    assert whole(1, 5)("5") == 5
    assert math.isclose(seconds(0, 10)("1.5"), 1.5)


@pytest.mark.parametrize(
    ("name", "arguments", "option"),
    [
        ("benchmarks.minimal", ("lab.json", "paths.json"), "--objects"),
        ("tests.mutation", ("no-such-module.py",), "--kept"),
    ],
)
def test_what_holds_something_else_is_not_written_over(name, arguments, option, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mysite\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", name, *arguments, option, str(mine)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert f"{option} {mine}: is there already and holds something else than" in done.stderr
    assert mine.read_text(encoding="utf-8") == "name: mysite\n"


def test_no_option_is_read_as_a_number_in_another_way():
    product = [
        path
        for folder in ("fixtures", "reports", "remediate", "fleet")
        for path in (ROOT / folder).rglob("*.py")
    ]
    wrong = [
        f"{path.relative_to(ROOT)}:{node.value.lineno}: give whole(...), seconds(...) or milliseconds(...)"
        for path in {*product, *(ROOT / name for name in COMMANDS)}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword)
        and node.arg == "type"
        and re.fullmatch("int|float", ast.unparse(node.value))
    ]
    assert not wrong, "\n".join(wrong)
