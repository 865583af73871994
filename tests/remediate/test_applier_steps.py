"""Carrying out steps one by one, on a few objects in memory: what is read, sent and said, and when it stops."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from intent import Key, Unknown, VmFolder
from intent.remediation import Change
from live.avi.snapshot import Live, Snapshot
from remediate.plan.model import Plan, Request, Step
from remediate.plan.view import View
from remediate.write.applier import ATTEMPTS, Applier
from remediate.write.results import NotApplied, ObjectChanged, RunStopped, SentWrite

KEY = Key("VM folder", "g")
GROUP = {"uuid": "s1", "name": "g", "url": "https://c/api/serviceenginegroup/s1#g", "a": 0, "version": 1}
PUT = Request(
    "PUT", "serviceenginegroup", "s1", "g", {"uuid": "s1", "name": "g", "a": 1}, ("a",), read={**GROUP}
)
POST = Request("POST", "vrfcontext", "", "v", {"name": "v"}, ("name",), makes="/api/vrfcontext?name=v")
AT = "https://c/api/vrfcontext/new-v"
ON_IT = Request(
    "POST", "network", "", "n", {"name": "n", "vrf": POST.makes}, ("name",), makes="/api/network?name=n"
)


class Sending:
    """Objects by collection and uuid or name; each write meets the next of `trouble`, None for none."""

    def __init__(self, *objects, trouble=()):
        self.objects = {}
        for api, body in objects:
            self.put(api, body)
        self.trouble = list(trouble)
        self.sent, self.bodies, self.looked = [], [], []

    def put(self, api, body):
        self.objects[api, body["uuid"]] = self.objects[api, body["name"]] = body

    def now(self, request):
        self.looked.append(request.path)
        found = self.objects.get((request.api, request.uuid or request.name))
        if isinstance(found, Exception):
            raise found
        return found

    def send(self, key, request, body, before):
        error = self.trouble.pop(0) if self.trouble else None
        fate = "refused" if error else "done"
        self.sent.append(SentWrite(key, request, body, before, None, fate))
        self.bodies.append(body)
        if error:
            raise error
        uuid = request.uuid or f"new-{request.name}"
        after = {
            **(before or {}),
            **body,
            "uuid": uuid,
            "url": f"https://c/api/{request.api}/{uuid}#{request.name}",
        }
        self.put(request.api, after)
        return after


class Nowhere:
    """A site that declares nothing of what these steps are about, or something that no Controller holds."""

    several_clouds = False

    environment = property(lambda self: self)

    def __init__(self, declared=None):
        self.declared = declared

    def find(self, _key):
        return self.declared


def step(*requests, key=KEY, action="amend", needs=(), changes=("a",)):
    made = tuple(Change(path, 0, 1, "safe") for path in changes)
    return Step(key, action, made, requests, "put it back", (), needs)


def applied(sending, *steps, declared=None, **options):
    said = []
    applier = Applier(sending, Nowhere(declared), say=said.append, **options)
    results = applier.apply(Plan("iberia", "c:443", "30.2.1", steps))
    assert [id(one.step) for one in results] == [id(one) for one in steps]
    return [(one.status, one.text) for one in results], said, applier, results


def told(sending, *steps, **options):
    return applied(sending, *steps, **options)[0]


def test_one_after_the_other():
    """A later one finds the reference of what an earlier one made; each result has its own writes."""
    sending = Sending(("serviceenginegroup", GROUP))
    first = step(POST, key=Key("VRF context", "v"), action="create", changes=("",))
    second = step(ON_IT, replace(PUT, api="serviceenginegroup"), changes=("a", "b"))
    outcomes, said, applier, results = applied(sending, first, second)
    assert outcomes == [("done", ""), ("done", "")]
    assert said == [
        "[1/2] create VRF context v (existence): done",
        f"[2/2] amend {KEY} (a, b): done",
    ]
    assert sending.bodies == [{"name": "v"}, {"name": "n", "vrf": AT}, PUT.body]
    assert sending.looked == ["vrfcontext", "network", "serviceenginegroup/s1"], (
        "each once: the answer says the rest"
    )
    assert [[one.request.api for one in result.writes] for result in results] == [
        ["vrfcontext"],
        ["network", "serviceenginegroup"],
    ]
    assert applier.refs == {POST.makes: AT, ON_IT.makes: "https://c/api/network/new-n"}


def test_what_a_step_s_own_former_write_became_is_no_move():
    """The Controller adds to what it is sent; the plan could not know that."""
    served = Sending(("serviceenginegroup", GROUP))
    send = served.send

    def adds(key, request, body, before):
        after = {**send(key, request, body, before), "added": 1}
        served.put(request.api, after)
        return after

    served.send = adds
    # As an enabled virtual service is disabled, moved and enabled: between the two something else may be written.
    other = replace(PUT, uuid="s2", read={"uuid": "s2", "name": "h", "url": "u", "b": 1})
    served.put("serviceenginegroup", other.read)
    last = replace(PUT, body={**PUT.body, "a": 2}, read={**GROUP, "a": 1})
    assert told(served, step(PUT, other, last)) == [("done", "")]
    assert served.objects["serviceenginegroup", "s1"]["a"] == 2
    # In another step it is one: that step was planned on its own.
    served.put("serviceenginegroup", GROUP)
    served.put("serviceenginegroup", other.read)
    assert told(served, step(PUT), step(other, last), exact=True) == [
        ("done", ""),
        ("moved", "changed since the plan was made: added: (absent) -> 1"),
    ]


@pytest.mark.parametrize("exact", [True, False])
def test_what_somebody_else_does_between_two_writes_of_a_step_is_one(exact):
    served = Sending(("serviceenginegroup", GROUP))
    send = served.send

    def meddled(key, request, body, before):
        after = send(key, request, body, before)
        served.put(request.api, {**after, "theirs": 1})
        return after

    served.send = meddled
    last = replace(PUT, body={**PUT.body, "a": 2}, read={**GROUP, "a": 1})
    ((status, text),) = told(served, step(PUT, last), exact=exact)
    assert len(served.sent) == 1
    if exact:
        assert (status, text) == ("moved", "changed since the plan was made: theirs: (absent) -> 1")
    else:
        assert (status, text) == ("refused", "it has changed since it was planned; run the checks again")


@pytest.mark.parametrize("exact", [True, False])
def test_a_lost_write_alone_is_sent_again(exact):
    sending = Sending(("serviceenginegroup", GROUP), trouble=[None, NotApplied("the connection broke")])
    assert told(sending, step(POST, PUT), exact=exact) == [("done", "")]
    assert [one.request.api for one in sending.sent] == ["vrfcontext", *["serviceenginegroup"] * 2]


def test_a_write_that_is_always_lost():
    sending = Sending(("serviceenginegroup", GROUP), trouble=[NotApplied("the connection broke")] * 9)
    assert told(sending, step(PUT)) == [("refused", "given up after 5 attempts: the connection broke")]
    assert len(sending.sent) == ATTEMPTS == 5


@pytest.mark.parametrize("declared", [None, VmFolder(name="g")])
@pytest.mark.parametrize(
    ("action", "exact", "said"),
    [
        ("amend", False, ("refused", "it has changed since it was planned; run the checks again")),
        ("create", False, ("already", "somebody else has made it meanwhile")),
        ("amend", True, ("moved", "somebody else was first")),
        ("create", True, ("moved", "somebody else was first")),
    ],
)
def test_somebody_else_was_first(action, exact, said, declared):
    """Where nothing can be planned anew, as for what stands in vCenter."""
    sending = Sending(("serviceenginegroup", GROUP), trouble=[ObjectChanged("somebody else was first")])
    assert told(sending, step(PUT, action=action), exact=exact, declared=declared) == [said]
    assert len(sending.sent) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RunStopped("the Controller refused: no"), ("refused", "the Controller refused: no")),
        (RunStopped("nobody knows", certain=False), ("uncertain", "nobody knows")),
        (Unknown("nothing answers"), ("refused", "it could not be read: nothing answers")),
    ],
)
def test_after_one_that_went_wrong_nothing_is_tried(error, said):
    sending = Sending(("serviceenginegroup", GROUP), trouble=[error])
    asked = []
    outcomes, lines, _, results = applied(
        sending, step(PUT), step(POST), step(ON_IT), stop=lambda: asked.append(1)
    )
    assert outcomes == [said, *[("skipped", f"the run stopped at {KEY}")] * 2]
    assert [len(one.writes) for one in results] == [1, 0, 0], "the write that went wrong is in the report"
    assert len(asked) == 1
    assert lines[0] == f"[1/3] amend {KEY} (a): {said[0]}: {said[1]}"
    assert lines[2] == f"[3/3] amend {KEY} (a): skipped: the run stopped at {KEY}"


def test_what_stands_on_one_that_was_left_alone_is_skipped_and_so_is_what_stands_on_that():
    sending = Sending(("serviceenginegroup", GROUP))
    moved, vrf, net, free = (Key("network", name) for name in ("moved", "vrf", "net", "free"))
    steps = (
        step(replace(PUT, read={}), key=moved),
        step(POST, key=free),
        step(POST, key=vrf, needs=(free, moved)),
        step(ON_IT, key=net, needs=(free, vrf)),
        step(replace(POST, name="w"), key=Key("network", "w"), needs=(free,)),
    )
    outcomes = told(sending, *steps, exact=True)
    assert [status for status, _ in outcomes] == ["moved", "done", "skipped", "skipped", "done"]
    assert outcomes[2][1] == f"{moved} was not put right, and this stands on it"
    assert outcomes[3][1] == f"{vrf} was not put right, and this stands on it"


def test_interrupted():
    sending = Sending(("serviceenginegroup", GROUP))
    asked = iter([False, True])
    outcomes = told(sending, step(PUT), step(POST), step(ON_IT), stop=lambda: next(asked))
    assert outcomes == [("done", ""), *[("skipped", "the run was interrupted")] * 2]


# A reviewed plan that is carried out for the second time.

VRF = {"uuid": "v1", "name": "v", "url": "https://c/api/vrfcontext/v1#v"}
NET = {"uuid": "n1", "name": "n", "vrf": "https://c/api/vrfcontext/v1", "url": "https://c/api/network/n1#n"}


def test_what_it_has_done_before_it_does_not_do_again():
    """Also within a step, where one object stands on another; a later step finds both."""
    sending = Sending(("vrfcontext", VRF), ("network", NET))
    refers = Request("POST", "pool", "", "p", {"name": "p", "on": ON_IT.makes, "in": POST.makes})
    outcomes, _, applier, results = applied(sending, step(POST, ON_IT), step(refers), exact=True)
    assert outcomes == [("already", "it is as the plan makes it"), ("done", "")]
    assert sending.bodies == [
        {"name": "p", "on": "https://c/api/network/n1", "in": "https://c/api/vrfcontext/v1"}
    ]
    assert applier.refs == {
        POST.makes: "https://c/api/vrfcontext/v1",
        ON_IT.makes: "https://c/api/network/n1",
    }
    assert results[0].writes == ()


def test_the_last_of_a_step_s_writes_is_what_counts():
    """A service that was disabled, moved and enabled is enabled: it is asked for once, as it is in the end."""
    done = {**GROUP, "a": 2}
    sending = Sending(("serviceenginegroup", done))
    last = replace(PUT, body={**PUT.body, "a": 2})
    assert told(sending, step(PUT, last), exact=True) == [("already", "it is as the plan makes it")]
    assert sending.looked == ["serviceenginegroup/s1"]


@pytest.mark.parametrize(
    ("objects", "status"),
    [
        ([("vrfcontext", VRF)], "moved"),
        ([("vrfcontext", VRF), ("network", {**NET, "vrf": "https://c/api/vrfcontext/other"})], "moved"),
        ([], "done"),
    ],
    ids=["the first alone", "the second on another", "nothing"],
)
def test_half_of_a_step_is_not_it(objects, status):
    sending = Sending(*objects)
    outcomes, _, applier, _ = applied(sending, step(POST, ON_IT), exact=True)
    assert outcomes[0][0] == status
    assert len(applier.refs) == (2 if status == "done" else 0), "half of it is not taken for its own"


def test_one_of_two_is_not_both():
    sending = Sending(("vrfcontext", {**VRF, "name": "w"}))
    ((status, _),) = told(
        sending, step(POST, replace(POST, name="w", body={"name": "w"}, makes="")), exact=True
    )
    assert status == "moved", "the first was made, and the second was there before"
    assert [one.request.name for one in sending.sent] == ["v"]


def test_several_of_its_name_are_not_it():
    sending = Sending()
    sending.objects["vrfcontext", "v"] = ObjectChanged("there are 2 objects of the name v")
    assert told(sending, step(POST), exact=True) == [("moved", "there are 2 objects of the name v")]
    sending.objects["vrfcontext", "v"] = Unknown("nothing answers")
    assert told(sending, step(POST), exact=True) == [("refused", "it could not be read: nothing answers")]
    assert sending.sent == []


# The site with what has been written and read since.


def applier_of(**objects):
    """One on a snapshot of these collections, with what it was asked to look at anew."""
    site = View(None, Live(Snapshot("c:443", objects=objects)), None)
    return Applier(Sending(), site)


def test_the_view_now():
    """What was written and is read anew takes the place of what was read first; what is gone is gone."""
    first = [{"uuid": "s1", "name": "g"}, {"uuid": "s2", "name": "h"}, {"uuid": "s3", "name": "i"}]
    others = [{"uuid": "v1", "name": "v"}]
    applier = applier_of(serviceenginegroup=first, vrfcontext=others)
    written = {"uuid": "s1", "name": "g", "a": 1}
    applier._written = {("serviceenginegroup", "s1"): written, ("serviceenginegroup", "s3"): {"uuid": "s3"},
                      ("vsvip", "x1"): {"uuid": "x1", "name": "x"}}  # fmt: skip
    applier.writer.put("serviceenginegroup", {"uuid": "s2", "name": "h", "b": 2})
    applier.writer.put("vrfcontext", {"uuid": "v2", "name": "w"})
    asked = (
        replace(PUT, uuid="s2"),
        replace(PUT, uuid="s3"),  # gone
        replace(POST, name="w"),
        replace(POST, name="not there"),
    )
    now = applier._view_now(asked).live.snapshot.objects
    by_uuid = {api: sorted(rows, key=lambda row: row["uuid"]) for api, rows in now.items()}
    assert by_uuid == {
        "serviceenginegroup": [written, {"uuid": "s2", "name": "h", "b": 2}],
        "vrfcontext": [{"uuid": "v1", "name": "v"}, {"uuid": "v2", "name": "w"}],
    }
    assert applier.view.live.snapshot.objects["serviceenginegroup"] == first, (
        "the picture of before stays as it was"
    )


def test_what_somebody_else_made_gets_the_reference_that_was_promised():
    """By its name in its own cloud and tenant; what this run has made has its reference already."""
    applier, asked = applier_of(), []

    class Names:
        def find(self, *which):
            asked.append(which)
            return [{"uuid": "v1", "url": "https://c/api/vrfcontext/v1#v#1"}]

    live = SimpleNamespace(names=Names())
    mine = replace(POST, name="mine", makes="/api/vrfcontext?name=mine")
    applier.refs = {mine.makes: "https://c/api/vrfcontext/mine"}
    theirs = replace(POST, cloud="Default-Cloud", tenant="team")
    applier._take_over((PUT, mine, theirs), SimpleNamespace(live=live))
    assert asked == [("vrfcontext", "v", "Default-Cloud", "team")]
    assert applier.refs == {
        mine.makes: "https://c/api/vrfcontext/mine",
        POST.makes: "https://c/api/vrfcontext/v1",
    }
    assert list(applier._written) == [("vrfcontext", "v1")]
