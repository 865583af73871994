"""vCenter's writes when something breaks behind them: what was sent is never called unsent, nor sent a second time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from pyVmomi import vim, vmodl

from intent import EXISTENCE, Drift, Environment, Key, Unknown, Vcenter
from live.avi.snapshot import Live, Snapshot
from live.deadlines import Timeouts
from live.errors import FateUnknown, NotFound, Refused, Unreachable
from live.vcenter.gateway import VcenterGateway
from live.vcenter.inventory import Folder, Inventory, Machine
from live.vcenter.session import Garbled
from remediate.plan.model import Request
from remediate.plan.planner import build
from remediate.plan.view import View
from remediate.write.apis import FOLDER, VM, TwoApis
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer

HERE = "dc-1"
NESTED = Environment.model_validate(
    {
        "name": "nested",
        "controller": {"address": "c"},
        "vcenter": {"address": "vc", "datacenter": "DC", "folders": ["A/x/y"]},
    }
)


class Fake:
    """A VcenterGateway over a dict; `fails` holds what the nth read (from 0) or the making of a folder raises."""

    vcenter = SimpleNamespace(datacenter="DC")

    def __init__(self):
        self.folders = {"": "group-0", "A": "group-1"}
        self.place = "A"
        self.reads = 0
        self.moves = []
        self.fails = {}

    def read(self):
        self.reads += 1
        if why := self.fails.get(self.reads - 1):
            raise why
        folders = tuple(Folder(moid, path, HERE) for path, moid in self.folders.items())
        machines = (Machine("vm-1", "engine", HERE, self.place),)
        return Inventory("vc:443", datacenters={"DC": HERE}, folders=folders, machines=machines)

    def create_folder(self, parent, name):
        if why := self.fails.get(name):
            raise why
        above = next(path for path, moid in self.folders.items() if moid == parent)
        self.folders[f"{above}/{name}" if above else name] = moid = f"group-{len(self.folders)}"
        return moid

    def remove_folder(self, folder):
        self.folders = {path: moid for path, moid in self.folders.items() if moid != folder}

    def move_machine(self, machine, folder):
        self.moves.append(machine)
        self.place = next(path for path, moid in self.folders.items() if moid == folder)

    def close(self):
        pass


@pytest.fixture
def fake():
    return Fake()


@pytest.fixture
def planes(fake):
    return TwoApis(SimpleNamespace(name="c:443", api_version="30.2.1"), {"vcenter": lambda: fake})


def test_a_read_that_fails_behind_a_move_does_not_make_it_unsent(fake, planes, tmp_path):
    fake.folders["B"] = "group-2"
    before = planes.read(f"{VM}/vm-1")
    fake.fails[2] = Unreachable("vCenter vc:443 gave no answer in time")
    journal = Journal.begin(tmp_path, "site", "c:443", "plan")
    writer = Writer(planes, journal, lambda _seconds: None)
    request = Request("PUT", VM, "vm-1", "engine", {"folder": "B"}, ("folder",), read=before)
    after = writer.send(Key("VM", "engine"), request, {**before, "folder": "B"}, before)
    journal.end("done")
    assert after["folder"] == fake.place == "B"
    assert fake.moves == ["vm-1"]
    (entry,) = load(journal.path).entries
    assert entry.fate == "done"
    assert "could not be read again: vCenter vc:443 gave no answer in time" in entry.text


def test_a_read_that_fails_before_a_move_leaves_it_unsent(fake, planes):
    fake.folders["B"] = "group-2"
    fake.fails[0] = Unreachable("away")
    with pytest.raises(Unreachable):
        planes.write("PUT", f"{VM}/vm-1", {"folder": "B"})
    assert fake.moves == []


@pytest.mark.parametrize(
    ("why", "fate"),
    [(Refused(500, "no"), "refused"), (Unreachable("away"), "unsent"), (FateUnknown("lost"), "lost")],
)
def test_folders_that_come_to_be_half(fake, planes, tmp_path, why, fate):
    """What is there is journalled as made, and goes with the undo; what is not, is not."""
    fake.fails["y"] = why
    view = View(NESTED, Live(Snapshot("c:443", api_version="30.2.1")), planes.read)
    plan = build(
        view, [(Drift(Key("VM folder", "A/x/y"), EXISTENCE, "exactly one", "absent"), "test_folder")]
    )
    journal = Journal.begin(tmp_path, "site", "c:443", "plan")
    writer = Writer(planes, journal, lambda _seconds: None)
    (result,) = Applier(writer, view).apply(plan)
    journal.end("done")
    assert result.status == "refused"
    record = load(journal.path)
    assert [(entry.request.name, entry.fate) for entry in record.entries][:2] == [
        ("A/x", "done"),
        ("A/x/y", fate),
    ]
    assert set(fake.folders) == {"", "A", "A/x"}
    back = Writer(planes, Journal.begin(tmp_path, "site", "c:443", "undo"), lambda _seconds: None)
    assert {undone.outcome for undone in undo_run(record, back, view)} == {"undone"}
    assert set(fake.folders) == {"", "A"}


def test_a_folder_above_that_somebody_makes_meanwhile_is_theirs(fake, planes, tmp_path):
    view = View(NESTED, Live(Snapshot("c:443", api_version="30.2.1")), planes.read)
    plan = build(
        view, [(Drift(Key("VM folder", "A/x/y"), EXISTENCE, "exactly one", "absent"), "test_folder")]
    )
    fake.create_folder("group-1", "x")
    journal = Journal.begin(tmp_path, "site", "c:443", "plan")
    (result,) = Applier(Writer(planes, journal, lambda _seconds: None), view).apply(plan)
    journal.end("done")
    assert result.status == "done", result
    assert [entry.request.name for entry in load(journal.path).entries] == ["A/x/y"]


def test_a_folder_whose_name_was_taken_at_the_same_moment_stays_and_is_said(fake, planes, tmp_path):
    """vCenter itself says so (DuplicateName): whoever made it, nothing tells that it was this run."""
    view = View(NESTED, Live(Snapshot("c:443", api_version="30.2.1")), planes.read)
    plan = build(
        view, [(Drift(Key("VM folder", "A/x/y"), EXISTENCE, "exactly one", "absent"), "test_folder")]
    )
    make = fake.create_folder

    def taken(parent, name):
        moid = make(parent, name)
        if name == "x":
            raise Refused(409, "DuplicateName")
        return moid

    fake.create_folder = taken
    journal = Journal.begin(tmp_path, "site", "c:443", "plan")
    (result,) = Applier(Writer(planes, journal, lambda _seconds: None), view).apply(plan)
    journal.end("done")
    assert result.status == "done", result
    record = load(journal.path)
    assert [(entry.request.name, entry.fate) for entry in record.entries] == [
        ("A/x", "refused"),
        ("A/x/y", "done"),
    ]
    back = Writer(planes, Journal.begin(tmp_path, "site", "c:443", "undo"), lambda _seconds: None)
    below, above = undo_run(record, back, view)
    assert (below.outcome, above.outcome) == ("undone", "kept")
    assert "nobody knows by whom" in above.text
    assert set(fake.folders) == {"", "A", "A/x"}


@pytest.mark.parametrize("why", [Refused(500, "no"), Unreachable("away")])
def test_a_folder_that_does_not_come_to_be(fake, planes, why):
    fake.fails["x"] = why
    with pytest.raises(type(why), match=f"^{why}$".replace("(", r"\(").replace(")", r"\)")):
        planes.write("POST", FOLDER, {"name": "A/x"})
    with pytest.raises(Refused, match="vCenter has no VM folder B"):
        planes.write("POST", FOLDER, {"name": "B/x"})
    assert set(fake.folders) == {"", "A"}


def test_what_is_not_there(fake, planes):
    with pytest.raises(Refused, match="has no VM folder nowhere"):
        planes.write("PUT", f"{VM}/vm-1", {"folder": "nowhere"})
    with pytest.raises(NotFound):
        planes.write("DELETE", f"{FOLDER}/group-9")
    with pytest.raises(Unknown, match="nothing here knows how to PATCH"):
        planes.write("PATCH", f"{VM}/vm-1", {})
    with pytest.raises(NotFound):
        planes.read(f"{VM}/vm-2")
    assert planes.read(FOLDER, {"name": "A"})["count"] == 1


class Task:
    """A task that goes through these states; one that is an exception is raised."""

    def __init__(self, *states, error=None):
        self.states = list(states)
        self.error = error

    @property
    def info(self):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return SimpleNamespace(state=state, error=self.error)


@pytest.fixture
def gateway(monkeypatch):
    ticks = iter(range(1000))
    for module in ("live.vcenter.gateway", "intent.retry"):
        played = SimpleNamespace(sleep=lambda _s: None, monotonic=lambda: next(ticks))
        monkeypatch.setattr(f"{module}.time", played)
    declared = Vcenter(address="vc", datacenter="DC")
    return VcenterGateway(
        declared, "user", SecretStr("secret-word"), base=Path(), writable=True, timeouts=Timeouts(5.0)
    )


def test_a_task_is_waited_for(gateway):
    gateway._wait("move VM x", Task("queued", "running", "success"))
    with pytest.raises(Refused, match="refused to move VM x: answered with a fault: busy"):
        gateway._wait("move VM x", Task("running", "error", error=vim.fault.TaskInProgress(msg="busy")))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (vim.fault.NotAuthenticated(msg="lapsed"), "accepted it, and then ended the session"),
        (vmodl.fault.SystemError(msg="defect"), "accepted it, and then answered with a fault: defect"),
        (ConnectionResetError(104, "reset"), "accepted it, and then cannot be reached: reset"),
        (Garbled("ExpatError"), "accepted it, and then sends an answer that cannot be read"),
        ("running", "accepted it, and then its task did not end in 5 s"),
    ],
)
def test_a_task_that_cannot_be_followed_was_sent_all_the_same(gateway, broken, says):
    with pytest.raises(FateUnknown, match=says):
        gateway._wait("move VM x", Task("running", broken))


def test_an_answer_that_is_none_is_a_sentence(gateway, monkeypatch):
    """pyVmomi's parser raises whatever it stumbles over; the session gives it one name."""

    class Stub:
        def __init__(self, **_options):
            pass

        def InvokeMethod(self, *_arguments):  # noqa: N802 -- pyVmomi's name
            return {}["nothing"]

    session = gateway._session
    monkeypatch.setattr("live.vcenter.session.SoapAdapter.SoapStubAdapter", Stub)
    monkeypatch.setattr(session, "_version", lambda _trust: "vim.version.version8")
    stub = session._opened()
    session.content, session.stub = object(), None
    with pytest.raises(Unreachable, match=r"vCenter vc:443 sends an answer that cannot be read \(KeyError\)"):
        session.read(lambda: stub.InvokeMethod(None, None, ()))
    assert session.calls == 1
