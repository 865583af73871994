"""Forged journals: nothing of them is done without the option, and with it nothing that no run could have written."""

import json

import pytest

from remediate.plan.payload import digest_of
from remediate.registry import Consent
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.unproved import Rehearsal
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate import forged
from tests.remediate.applied import Run
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import Bench

ONE = ("checks/test_vrfs.py",)


def request(method, api, uuid, name, changed=(), **more):
    return {
        "method": method,
        "api": api,
        "uuid": uuid,
        "name": name,
        "body": {},
        "changed": list(changed),
        **more,
    }


def lines(*writes, address="c", environment="iberia"):
    """A journal by hand, in today's format."""
    yield {
        "line": "begin",
        "avi-compliance-journal": 2,
        "environment": environment,
        "address": address,
        "run": "0",
        "key": "",
    }
    for number, (key, asked, sent, before, after) in enumerate(writes, 1):
        write = {
            "line": "write",
            "number": number,
            "key": key,
            "request": asked,
            "sent": sent,
            "before": before,
        }
        yield {**write, "at": "now"}
        yield {"line": "answer", "number": number, "fate": "done", "after": after, "text": ""}
    yield {"line": "end", "result": "done"}


def record_of(folder, *writes):
    return load(forged.write(folder / "forged.jsonl", lines(*writes), forged.OTHER))


def undone(bench, folder, record, **options):
    """What becomes of it with the option that shows it first."""
    rehearsal = Rehearsal(bench.gateway)
    undo_run(record, rehearsal, bench.site(), **options)
    journal = Journal.begin(folder, "iberia", "c", "d")
    writer = Writer(bench.gateway, journal, lambda _: None, only=rehearsal.as_shown())
    return undo_run(record, writer, bench.site(), **options), rehearsal.shown


@pytest.fixture(scope="module")
def bench():
    return Bench("conforming")


def group(bench, name="S1-AZ1-SE-Group"):
    return Hand(bench.gateway).named("serviceenginegroup", name)


KEY = ["SE group", "S1-AZ1-SE-Group", "Default-Cloud", "admin"]


def a_user(bench):
    body = bench.gateway.read("user", {"page_size": "1"})["results"][0]
    asked = request("PUT", "user", body["uuid"], body["name"], ["full_name"])
    return ["user", body["name"], "", "admin"], asked, body, {**body, "full_name": "root"}, body


def a_user_as_a_group(bench):
    _, *rest = a_user(bench)
    return KEY, *rest


def a_service_of_others(bench):
    body = {"name": "shop", "uuid": "virtualservice-1"}
    asked = request("POST", "virtualservice", "", "shop")
    return ["DNS service", "shop", "Default-Cloud", "admin"], asked, body, None, {"uuid": "virtualservice-1"}


def another_object(bench):
    """The key is a declared group's, the uuid another's."""
    body = group(bench, "Default-Group")
    return (
        KEY,
        request("PUT", "serviceenginegroup", body["uuid"], KEY[1], ["buffer_se"]),
        body,
        {**body, "buffer_se": 7},
        body,
    )


def a_deletion(bench):
    body = group(bench)
    return KEY, request("DELETE", "serviceenginegroup", body["uuid"], KEY[1]), {}, body, {}


def the_system(bench):
    body = bench.gateway.read("systemconfiguration")
    asked = request("PATCH", "systemconfiguration", "", "system", ["portal_configuration"])
    return ["tenant", "admin", "", ""], asked, {}, {**body, "portal_configuration": {}}, body


@pytest.mark.parametrize(
    "entry", [a_user, a_user_as_a_group, a_service_of_others, another_object, a_deletion, the_system]
)
def test_what_no_run_could_have_written_is_refused_by_name(bench, tmp_path, entry):
    writes = bench.gateway.writes
    record = record_of(tmp_path, entry(bench))
    (result,), shown = undone(bench, tmp_path, record, consent=Consent(disruptive=True))
    assert (result.outcome, shown, bench.gateway.writes) == ("kept", [], writes)
    assert result.text.startswith("refused, whatever option is given: ")


def test_members_that_nobody_guards_need_the_option_for_what_hits(bench, tmp_path):
    body = group(bench)
    asked = request("PUT", "serviceenginegroup", body["uuid"], KEY[1], ["max_cpu_usage"])
    entry = KEY, asked, body, {**body, "max_cpu_usage": 50}, body
    (result,), shown = undone(bench, tmp_path, record_of(tmp_path, entry))
    assert (result.outcome, shown) == ("kept", [])
    assert result.text == "nothing tells whom another max_cpu_usage would hit; --allow-disruptive lets it"


@pytest.mark.parametrize("after", [None, {}, "as it is"])
def test_an_object_that_stands_in_the_way_is_no_run_s_own(bench, tmp_path, after):
    """It bears the name; that it was made by a run must show in what it is."""
    body = group(bench, "S1-AZ2-SE-Group")
    key = [KEY[0], body["name"], *KEY[2:]]
    asked = request("POST", "serviceenginegroup", "", body["name"])
    sent = {"name": body["name"], "buffer_se": 7}
    answer = {"uuid": body["uuid"]} if after is None else body if after else after
    (result,), shown = undone(bench, tmp_path, record_of(tmp_path, (key, asked, sent, None, answer)))
    assert (result.outcome, shown) == ("kept", [])
    assert "what bears its name is not what this run was about to make" in result.text


def test_another_user_s_run_is_undone_as_shown_and_only_so(tmp_path):
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.kind in ("SE group", "VRF context"))
    before = {api: run.gateway.read(api)["results"] for api in ("serviceenginegroup", "vrfcontext")}
    run.go()
    forged.write(run.record.path, forged.lines(run.record.path), forged.OTHER)
    record = load(run.record.path)
    assert "another key" in record.unproved
    assert {result.outcome for result in undo_run(record, Writer(run.gateway, None), run.bench.site())} == {
        "kept"
    }
    results, shown = undone(run.bench, tmp_path, record)
    assert {(result.outcome, result.text) for result in results} == {("undone", "")}
    assert len(shown) == len(record.entries)
    assert {api: run.gateway.read(api)["results"] for api in before} == before


@lengths.WHOLE_RUN
def test_a_run_refuses_forged_journals_by_name(lab, runs):
    """Each way: without the option, with it, and left open in the folder of journals."""
    lab.reset("conforming")
    bench = Bench("conforming")
    address = f"127.0.0.1:{lab.endpoints['controller']['port']}"
    runs.journals.mkdir()
    writes = [a_user(bench), a_service_of_others(bench), the_system(bench)]
    path = forged.write(runs.journals / "iberia-1.jsonl", lines(*writes, address=address), forged.OTHER)
    for options, why in (
        ((), "sealed with another key"),
        (("--rollback-unproved",), "refused, whatever option is given"),
    ):
        code, text = runs(f"--rollback={path}", *options, checks=ONE)
        assert code == 1, text
        assert why in text
        for name in (
            "PUT user of user",
            "POST virtualservice of DNS service shop",
            "PATCH systemconfiguration of tenant",
        ):
            assert f"] {name}" in text
        assert "0 of 3 writes undone" in text
        assert lab.writes() == []
    whole = path.read_text()
    open_one = (
        "\n".join(line for line in whole.splitlines() if json.loads(line)["line"] in ("begin", "write"))
        + "\n"
    )
    path.write_text(open_one)
    code, text = runs("--remediate", checks=ONE)
    assert code == 0, text
    assert "iberia-1.jsonl is open, and nothing proves that a run of this program wrote it" in text
    assert path.read_text() == open_one


@lengths.WHOLE_RUN
def test_a_run_refuses_what_a_plan_file_asks_for_beyond_a_plan_of_now(lab, runs):
    """A11: its digest is right; it makes a user, and has a member more than it shows."""
    lab.reset("drifted")
    checks, plan = ("checks/test_se_groups.py",), runs.folder / "plan.json"
    runs(f"--plan-out={plan}", checks=checks)
    lab.forget()
    data = json.loads(plan.read_text())
    put = data["steps"][0]["requests"][0]
    put["body"]["max_se"] = 1
    make = {
        **put,
        "method": "POST",
        "api": "user",
        "uuid": "",
        "name": "eve",
        "body": {"name": "eve"},
        "read": None,
    }
    data["steps"].append({**data["steps"][0], "key": ["user", "eve", "", "admin"], "requests": [make]})
    content = {name: data[name] for name in data if name not in ("avi-compliance-plan", "digest")}
    plan.write_text(json.dumps(data | {"digest": digest_of(content)}))
    code, text = runs(f"--apply-plan={plan}", "--settle=0", checks=checks)
    assert code == 4, text
    number, name = len(data["steps"]), data["steps"][0]["key"][1]
    assert (
        f"refused, since planned anew nothing asks for it: step {number}, user eve: POST user of eve: name"
        in text
    )
    assert f"step 1, SE group {name}: PUT serviceenginegroup/{put['uuid']}: max_se: 1" in text
    assert {method for method, _, _ in lab.writes()} == {"PUT"}
    assert len(lab.writes()) == number - 1
    code, text = runs("--plan", checks=checks)
    assert code == 0, text
