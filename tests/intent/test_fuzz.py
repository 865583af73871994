"""Whatever stands in an environment file, reading it ends in an environment or in problems with a line, and soon."""
# ruff: noqa: PT017 -- a file may be good or bad; what is said of a bad one is what counts

import re
import time
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intent import Environment, Invalid, load_environment
from tests import lengths
from tests.intent.small_file import GOOD
from tests.site import IBERIA

LAW = settings(max_examples=lengths.of(50, 150), deadline=None, suppress_health_check=list(HealthCheck))
JUNK = ["", " ", "\t", "\n", ":", "- ", "{", "}", "[", "]", "&a ", "*a", "!!int ", "!x ", "<<: ", "? ", "|\n", ">\n", "'", '"', "#", "%YAML 1.1\n---\n", "---", "...", "~", "null", "0x1f", "1e999", ".inf", ".nan", "2026-02-30", "1:30", "yes", "\u2028", "\ufeff", "\ud7ff", "\U0001f600", "\x85", "\x00", "\x7f", "9" * 30, "@", "`"]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "site.yaml"


def judge(path, data):
    path.write_bytes(data)
    begin = time.monotonic()
    try:
        load_environment(path)
    except Invalid as invalid:
        assert invalid.problems
        lines = max(data.count(b"\n"), data.count(b"\r")) + data.count(b"\x85") + data.count(b"\xe2\x80") + 2
        for problem in invalid.problems:
            assert 1 <= problem.line <= lines, problem
            assert problem.text.strip()
            assert "\n" not in problem.text
            assert len(problem.text) < 2000
        assert re.match(rf"{re.escape(str(path))}:\d+: ", str(invalid))
    assert time.monotonic() - begin < 20


@LAW
@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(b"\r\r\r[")
def test_bytes(path, data):
    judge(path, data)


@LAW
@given(st.text(max_size=200))
def test_text(path, text):
    judge(path, text.encode("utf-8", errors="surrogatepass"))


@LAW
@given(
    st.lists(st.sampled_from([*JUNK, "a", "name: ", "networks: ", "controller: ", "b", "\n  "]), max_size=40)
)
def test_what_looks_like_yaml(path, parts):
    judge(path, "".join(parts).encode())


@LAW
@given(st.integers(0, 2**32))
def test_a_good_file_that_was_edited_badly(path, seed):
    random = Random(seed)
    text = random.choice([GOOD, IBERIA.read_text()])
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(text))
        match random.randrange(5):
            case 0:
                text = text[:at] + random.choice(JUNK) + text[at:]
            case 1:
                text = text[:at] + text[at + random.randrange(1, 30) :]
            case 2:
                other = random.randrange(len(text))
                text = text[:at] + text[other : other + 60] + text[at:]
            case 3:
                lines = text.split("\n")
                random.shuffle(lines) if random.random() < 0.1 else lines.insert(
                    random.randrange(len(lines)), random.choice(lines)
                )
                text = "\n".join(lines)
            case 4:
                lines = text.split("\n")
                which = random.randrange(len(lines))
                lines[which] = " " * random.randrange(6) + lines[which].lstrip()
                text = "\n".join(lines)
    judge(path, text.encode())


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.dates()
    | st.sampled_from(["10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", "n", "VRF_AZ1"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "prefix",
                    "pools",
                    "range",
                    "vrf",
                    "cloud",
                    "use",
                    "records",
                    "addresses",
                    "port",
                    "ttl",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@LAW
@given(st.dictionaries(st.sampled_from([*Environment.model_fields, "vrf", "netwroks"]), VALUES, max_size=8))
def test_the_right_sections_with_anything_in_them(path, data):
    import yaml

    judge(path, yaml.safe_dump(data, allow_unicode=True).encode("utf-8", errors="surrogatepass"))
