"""The seal: what a journal proves, and whose key proves it."""

import json
import os
import stat

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intent import Key
from remediate.plan.model import Request
from remediate.write import seal as module
from remediate.write.journal import Journal, NoJournal, left_open, own_seal
from remediate.write.record import load
from remediate.write.seal import VARIABLE, NoSeal, Seal, user_seal
from tests.remediate import forged

KEY = Key("SE group", "g", "Default-Cloud")
REQUEST = Request("PUT", "serviceenginegroup", "s1", "g", {"a": 1}, ("a",))


def journal_of(folder, *, name="iberia", address="c:443", writes=3, end=True, seal=None):
    journal = Journal.begin(folder, name, address, "d", seal=seal)
    for number in range(writes):
        journal.answer(journal.write(KEY, REQUEST, {"a": number}, {"a": 0}), "done", {"a": number})
    if end:
        journal.end("done")
    else:
        journal.abandon()
    return journal.path


def test_a_run_s_own_journal_is_proved(tmp_path):
    assert load(journal_of(tmp_path)).unproved == ""


def edited(lines):
    lines[2] = lines[2].replace('"fate":"done"', '"fate":"lost"')


def renamed(lines):
    lines[0] = lines[0].replace('"iberia"', '"elsewhere"')


def moved(lines):
    lines[0] = lines[0].replace('"c:443"', '"d:443"')


def dropped(lines):
    del lines[3:5]


def reordered(lines):
    lines[1:3], lines[3:5] = lines[3:5], lines[1:3]


def repeated(lines):
    lines.insert(3, lines[2])


def twice_a_member(lines):
    lines[1] = lines[1].replace("{", '{"number":9,', 1)


def unsealed(lines):
    lines[2] = lines[2].partition(',"mac"')[0] + "}"


def without_its_last_mac(lines):
    lines[-1] = lines[-1].partition(',"mac"')[0] + "}"


def added(lines):
    lines.append(lines[1])


def more_behind_the_mac(lines):
    lines[1] = lines[1][:-1] + ',"sent":{"a":7}}'


@pytest.mark.parametrize(
    "damage",
    [
        edited, renamed, moved, dropped, reordered, repeated, twice_a_member, unsealed, without_its_last_mac, added,
        more_behind_the_mac,
    ],
)  # fmt: skip
def test_whatever_is_changed_is_seen(tmp_path, damage):
    path = journal_of(tmp_path)
    lines = path.read_text().splitlines()
    damage(lines)
    path.write_text("".join(f"{line}\n" for line in lines))
    assert "was edited, or does not belong there" in load(path).unproved


def test_a_line_of_another_journal(tmp_path):
    """Of the same run's user, environment and Controller: the key is the same, the run is not."""
    mine, other = journal_of(tmp_path), journal_of(tmp_path)
    lines, others = (path.read_text().splitlines() for path in (mine, other))
    mine.write_text("\n".join([*lines[:3], *others[3:]]) + "\n")
    assert load(mine).unproved.startswith("line 4 ")
    mine.write_text("\n".join([others[0], *lines[1:]]) + "\n")
    assert load(mine).unproved.startswith("line 2 ")


@given(at=st.integers(min_value=0), by=st.integers(min_value=1, max_value=255))
def test_no_byte_can_be_another(tmp_path_factory, at, by):
    folder = tmp_path_factory.mktemp("j")
    path = journal_of(folder, writes=1)
    whole = bytearray(path.read_bytes())
    at %= len(whole)
    whole[at] ^= by
    path.write_bytes(bytes(whole))
    try:
        record = load(path)
    except ValueError:
        return
    before_it = whole.count(b"\n", 0, at)
    assert record.unproved or len(record.entries) + (record.end is not None) <= before_it


@pytest.mark.parametrize("cut", [1, 2, 40, 90, 300])
def test_one_that_ends_in_mid_line_is_proved_up_to_there_and_can_be_gone_on_with(tmp_path, cut):
    path = journal_of(tmp_path, end=False)
    path.write_bytes(path.read_bytes()[:-cut])
    record = load(path)
    assert record.unproved == ""
    number = record.entries[-1].number
    journal = Journal.reopen(record)
    journal.answer(number, "done", {"a": 9})
    journal.end("closed")
    record = load(path)
    assert (record.unproved, record.end, record.entries[-1].after) == ("", "closed", {"a": 9})


def test_another_s_key(tmp_path):
    path = journal_of(tmp_path, seal=forged.OTHER)
    assert f"it was sealed with another key ({forged.OTHER.name})" in load(path).unproved
    assert load(path, forged.OTHER).unproved == ""
    lines = forged.lines(path)
    lines[0]["key"] = user_seal().name  # it says that it is ours
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    assert load(path).unproved.startswith("line 1 ")


def test_what_is_not_proved_is_not_gone_on_with(tmp_path):
    path = journal_of(tmp_path, seal=forged.OTHER, end=False)
    whole = path.read_bytes()
    (record,) = left_open(tmp_path, "iberia", "c:443")
    with pytest.raises(NoJournal, match="cannot be gone on with: it was sealed with another key"):
        Journal.reopen(record)
    assert path.read_bytes() == whole


def test_an_earlier_version_s(tmp_path):
    path = tmp_path / "iberia-1.jsonl"
    path.write_text('{"line":"begin","avi-compliance-journal":1,"environment":"iberia","address":"c:443"}\n')
    assert "an earlier version of this program, which did not seal its journals" in load(path).unproved


def test_half_a_character(tmp_path):
    """As a damaged answer may hold, and no file can."""
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    journal.answer(journal.write(KEY, REQUEST, {"a": "\ud800"}, None), "done", {"ü": "\udfff"})
    journal.end("done")
    record = load(journal.path)
    assert (record.unproved, record.entries[0].sent, record.end) == ("", {"a": "\ud800"}, "done")


# The key.


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "state" / "avi-compliance"


def test_it_is_made_once_for_its_owner_alone(state):
    first = user_seal()
    assert user_seal() == first
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "journal.key").stat().st_mode) == 0o600
    assert [path.name for path in state.iterdir()] == ["journal.key"]
    assert first.key.decode() not in repr(first)


def test_it_stands_under_home_without_xdg(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in ("relative/folder", ""):
        monkeypatch.setenv("XDG_STATE_HOME", folder)
        assert module.state_folder() == tmp_path / ".local/state/avi-compliance"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert module.state_folder() == tmp_path / ".local/state/avi-compliance"


def test_a_variable_goes_before_it(state, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "v" * 32)
    assert user_seal() == Seal(b"v" * 32)
    (tmp_path / "secret").write_text("w" * 40 + "\n")
    monkeypatch.setenv(VARIABLE, f"file:{tmp_path}/secret")
    assert user_seal(tmp_path) == Seal(b"w" * 40)
    monkeypatch.setenv(VARIABLE, f"file:{tmp_path}/nowhere")
    with pytest.raises(NoSeal, match="cannot be read"):
        user_seal(tmp_path)
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(NoSeal, match="has 5 characters; give at least 32"):
        user_seal()
    assert not state.exists()


def readable(state):
    (state / "journal.key").chmod(0o644)


def open_folder(state):
    state.chmod(0o755)


def linked(state):
    (state / "journal.key").rename(state.parent / "elsewhere")
    (state / "journal.key").symlink_to(state.parent / "elsewhere")


def linked_folder(state):
    state.rename(state.parent / "other")
    state.symlink_to(state.parent / "other")


def emptied(state):
    (state / "journal.key").write_text("")


def a_folder(state):
    (state / "journal.key").unlink()
    (state / "journal.key").mkdir(mode=0o700)


def a_pipe(state):
    (state / "journal.key").unlink()
    os.mkfifo(state / "journal.key", 0o600)


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (readable, r"is open to others \(mode 0644\)"),
        (open_folder, r"the folder .* is open to others \(mode 0755\)"),
        (linked, "is a symbolic link"),
        (linked_folder, "is no folder of its own"),
        (emptied, "it holds 0 characters and no key"),
        (a_folder, "it is no file"),
        (a_pipe, "it is no file"),
    ],
)
def test_a_key_that_may_be_another_s_is_not_taken(state, damage, text):
    user_seal()
    damage(state)
    with pytest.raises(NoSeal, match=text) as caught:
        user_seal()
    assert f"give one in {VARIABLE}" in str(caught.value)


def test_another_user_s_key(state, monkeypatch):
    user_seal()
    monkeypatch.setattr(module.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(NoSeal, match=r"is another user's \(uid"):
        user_seal()


def test_never_beside_journals_or_reports(state, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "state")
    for folder in (tmp_path, state, tmp_path / "link"):
        with pytest.raises(NoJournal, match="cannot be sealed: the key of journals would be kept in"):
            own_seal(tmp_path, (tmp_path / "reports", folder))
    own_seal(tmp_path, (tmp_path / "journals", tmp_path / "reports"))


@pytest.mark.parametrize("option", ["journals", "report-dir", "rollback"])
def test_a_run_refuses_a_key_in_a_folder_that_it_is_given(runs, monkeypatch, tmp_path, option):
    """A job's variables may name each of them; nothing is read of the site, and no key is made there."""
    shared = tmp_path / "shared"
    given = shared
    if option == "rollback":
        key = Seal(b"k" * 32)
        address = yaml.safe_load(runs.file.read_text())["controller"]
        at = f"{address['address']}:{address['port']}"
        journal = Journal.begin(shared, "iberia", at, "d", seal=key)
        journal.end("done")
        given = journal.path
    monkeypatch.setenv("XDG_STATE_HOME", str(shared / "state"))
    mode = () if option == "rollback" else ("--remediate",)
    code, said = runs(*mode, f"--{option}={given}", checks=("checks/test_vrfs.py",))
    assert code == 4, said
    assert f"and so in {shared}: who may put journals there could seal them" in said
    assert not (shared / "state").exists()
