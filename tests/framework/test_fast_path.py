"""The fast path of a check through pytest gives the same verdicts as pytest's full run."""

import json
import logging
import re
import textwrap
from unittest.mock import Mock

import pytest
import yaml

from fixtures.fast_path import Silence
from tests import lengths
from tests.runs.harness import IBERIA, ROOT, run

LONG = ("-p", "no:avi-fast-path")


def settled(text):
    """A message without what differs between any two runs: ports and times."""
    return re.sub(r"\d+\.\d+ s|:\d{4,5}\b", "*", text)


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    "how", [["--lab", "--lab-state", "drifted"], ["--environment=environments/iberia.yaml"]]
)
def test_same_outcomes(tmp_path, how):
    """On a site with faults of every kind, and on one that cannot be read."""
    said = []
    for name, more in (("short", ()), ("long", LONG)):
        ran = run(tmp_path / name, *how, *more, "checks")
        said.append((ran.code, {node: (word, settled(text)) for node, (word, text) in ran.cases.items()}))
    assert said[0] == said[1]
    assert said[0][1]


def by_fast_path(ran):
    return int(re.search(r"by the fast path: (\d+)", ran.out)[1])


COUNT = ("-p", "tests.framework.fast_path_count")


@lengths.WHOLE_RUN
@pytest.mark.parametrize("more", [(), ("-p", "_hypothesis_pytestplugin")], ids=["alone", "hypothesis"])
def test_every_check_but_the_last_of_a_module_takes_it(tmp_path, more):
    ran = run(tmp_path, "--lab", "--lab-state", "conforming", *COUNT, *more, "checks")
    assert set(ran.counts) == {"passed"}
    modules = {node.partition("::")[0] for node in ran.cases}
    assert by_fast_path(ran) == len(ran.cases) - len(modules)


@pytest.mark.parametrize(
    "interrupted", ["resume_global_capture", "suspend_global_capture", "read_global_capture"]
)
def test_an_interruption_while_output_is_caught_leaves_the_log_as_it_was(interrupted):
    capture = Mock(**{f"{interrupted}.side_effect": KeyboardInterrupt})
    before = logging.getLogger().handlers
    with pytest.raises(KeyboardInterrupt):
        Silence(capture).passed(lambda: None)
    assert logging.getLogger().handlers is before


@pytest.mark.parametrize(
    "more",
    [("-p", "tests.framework.call_watcher"), ("--setup-show",), ("-s",), ("--trace",)],
    ids=" ".join,
)
def test_it_is_closed_to_who_looks_at_what_it_leaves_out(tmp_path, more):
    ran = run(tmp_path, "--lab", "--lab-state", "conforming", *COUNT, *more, "checks/test_vrfs.py")
    assert by_fast_path(ran) == 0


PARTS = (
    "avi_compliance",
    "avi_schema",
    "conftest.py",
    "pyproject.toml",
    "environments",
    "fixtures",
    "fleet",
    "intent",
    "lab",
    "live",
    "remediate",
    "reports",
    "tests",
)


@pytest.fixture
def own(tmp_path):
    """Runs a check of a user's own, alone in the folder of checks, on a clone of the project."""
    clone = tmp_path / "clone"
    (clone / "checks").mkdir(parents=True)
    for part in PARTS:
        (clone / part).symlink_to(ROOT / part)
    declared = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))
    del declared["contacts"]  # they name topics of checks that are not in this clone
    (clone / "site.yaml").write_text(yaml.safe_dump(declared), encoding="utf-8")

    def run_it(text, *more):
        check = '"""Step 9: a user\'s own."""\n' + textwrap.dedent(text)
        (clone / "checks" / "test_own.py").write_text(check, encoding="utf-8")
        where = ("--lab", "--lab-state", "conforming", f"--environment={clone}/site.yaml", "checks")
        return run(tmp_path / "kept", *where, *more, cwd=clone)

    run_it.folder = clone
    return run_it


HEAD = """
import pytest
from intent import VrfContext
from live.avi.snapshot import Live
"""
DOC = '''"""{vrf} is one.

    Reads: vrfcontext
    Why: it must be.
    Do: make it so.
    """'''


@lengths.WHOLE_RUN
def test_whatever_needs_set_up_gets_it(own):
    """Fixtures, markers, xunit functions and output of a user's own check: pytest's general way."""
    text = f"""
    {textwrap.indent(HEAD, "    ").strip()}

    READY = []

    def setup_module():
        READY.append("module")

    @pytest.fixture
    def mine():
        READY.append("fixture")
        yield READY
        READY.clear()

    def test_fixture(vrf: VrfContext, mine) -> None:
        {DOC}
        assert mine[-1] == "fixture"

    @pytest.mark.skip(reason="not today")
    def test_skipped(vrf: VrfContext) -> None:
        {DOC}
        raise AssertionError

    @pytest.mark.parametrize("number", [1, 2])
    def test_parameters(vrf: VrfContext, number: int, live: Live) -> None:
        {DOC}
        assert number == 1, "said out loud"
    """
    ran = own(text)
    assert ran.counts == {"passed": 4, "blocked": 2, "drift": 2}, ran.out


LAST = f"""
    def test_last(vrf: VrfContext, live: Live) -> None:
        {DOC}
"""
"""The last check of a module is run in full; those before it are not."""


@lengths.WHOLE_RUN
def test_what_fails_is_told_once_and_whole(own):
    """Output, log records and attachments of a check that fails after its first call has said them too."""
    text = f"""
    {textwrap.indent(HEAD, "    ").strip()}
    import logging

    import allure

    def test_loud(vrf: VrfContext, live: Live) -> None:
        {DOC}
        print("printed", vrf)
        logging.getLogger("mine").warning("logged %s", vrf)
        allure.attach("attached", vrf.name, allure.attachment_type.TEXT)
        assert live is None
    {LAST}
    """
    ran = own(text, "-k", "VRF_AZ1", "--alluredir=said", f"--log-file={own.folder}/log.txt")
    assert ran.counts == {"drift": 1, "passed": 1}
    assert ran.out.count("printed VRF_AZ1") == 1
    assert ran.out.count("logged VRF_AZ1") == 1
    assert (own.folder / "log.txt").read_text().count("logged VRF_AZ1") == 1
    assert attachments(own.folder / "said")["test_loud", "VRF context VRF_AZ1"] == ["VRF_AZ1"]


def attachments(folder):
    """The names of what Allure shows beside the text of ours, by (check, object)."""
    results = [json.loads(path.read_text()) for path in folder.glob("*-result.json")]
    return {
        (result["fullName"].rpartition("#")[2], result["parameters"][0]["value"]): [
            attachment["name"]
            for attachment in result.get("attachments", ())
            if attachment["name"].startswith("VRF")
        ]
        for result in results
    }


@lengths.WHOLE_RUN
def test_what_passes_with_a_word_keeps_it(own):
    """Output, a log record, a warning and an attachment of a check that passes are its own, not its neighbour's."""
    text = f"""
    {textwrap.indent(HEAD, "    ").strip()}
    import logging
    import warnings

    import allure

    def test_says(vrf: VrfContext, live: Live) -> None:
        {DOC}
        if vrf.name == "VRF_AZ1":
            print("printed by", vrf)
            logging.getLogger("mine").warning("logged by %s", vrf)
            allure.attach("attached", vrf.name, allure.attachment_type.TEXT)

    def test_attaches(vrf: VrfContext, live: Live) -> None:
        {DOC}
        if vrf.name == "VRF_AZ1":
            allure.attach("attached", vrf.name, allure.attachment_type.TEXT)

    def test_warns(vrf: VrfContext, live: Live) -> None:
        {DOC}
        if vrf.name == "VRF_AZ1":
            warnings.warn("warned by a check")
    {LAST}
    """
    ran = own(text, "--alluredir=said", "-rP", "-W", "always:warned by a check", *COUNT)
    assert ran.counts == {"passed": 8}
    assert by_fast_path(ran) == 5, "all but two that say something and the last"
    assert ran.out.count("printed by VRF_AZ1") == 1
    assert ran.out.count("logged by VRF_AZ1") == 1
    assert "1 warning" in ran.out
    assert attachments(own.folder / "said") == {
        ("test_says", "VRF context VRF_AZ1"): ["VRF_AZ1"],
        ("test_says", "VRF context VRF_AZ2"): [],
        ("test_attaches", "VRF context VRF_AZ1"): ["VRF_AZ1"],
        ("test_attaches", "VRF context VRF_AZ2"): [],
        ("test_warns", "VRF context VRF_AZ1"): [],
        ("test_warns", "VRF context VRF_AZ2"): [],
        ("test_last", "VRF context VRF_AZ1"): [],
        ("test_last", "VRF context VRF_AZ2"): [],
    }


@lengths.WHOLE_RUN
def test_a_warning_that_is_an_error_is_one(own):
    text = f"""
    {textwrap.indent(HEAD, "    ").strip()}
    import warnings

    def test_warns(vrf: VrfContext, live: Live) -> None:
        {DOC}
        warnings.warn("warned by a check")
    {LAST}
    """
    ran = own(text, "-k", "VRF_AZ1")
    assert ran.counts == {"unknown": 1, "passed": 1}, ran.out


@lengths.WHOLE_RUN
def test_stops_and_goes_on(tmp_path):
    """`-x` ends at the first drift; `--lf` then asks only what failed."""
    first = run(tmp_path, "--lab", "--lab-state", "drifted", "-x", "checks/test_networks.py")
    assert first.code == 1
    assert len(first.of("drift")) == 1
    again = run(tmp_path, "--lab", "--lab-state", "drifted", "--lf", "checks/test_networks.py")
    assert set(again.cases) == set(first.of("drift"))
