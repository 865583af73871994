"""Whole runs behind a vCenter whose answers are odd: nothing of it passes, is written or ends in a traceback."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import trustme
import yaml

from tests import lengths
from tests.live.stub import Fault, Stub, answer_behind, at_call, status
from tests.runs.harness import ZYGOTE, lab_of
from tests.site import IBERIA
from tests.vcenter.test_odd_answers import XML

CHECKS = ("checks/test_vcenter.py", "checks/test_service_engine_vms.py")
WRITES = ("CreateFolder", "MoveIntoFolder_Task", "Destroy_Task")


@pytest.fixture(scope="module")
def lab():
    with lab_of("--state", "conforming") as lab:
        yield lab


@pytest.fixture(scope="module")
def stub(lab, tmp_path_factory):
    ca, folder = trustme.CA(), tmp_path_factory.mktemp("between")
    stub = Stub(behind=("127.0.0.1", lab.endpoints["vcenter"]["port"])).start(ca.issue_cert("127.0.0.1"))
    stub.ca_file = folder / "ca.pem"
    stub.ca_file.write_bytes(Path(lab.endpoints["ca_file"]).read_bytes() + ca.cert_pem.bytes())
    yield stub
    stub.stop()


@pytest.fixture
def suite(lab, stub, tmp_path):
    """One run on the site, on which one folder is missing, by whichever options."""
    data, there = yaml.safe_load(IBERIA.read_text()), lab.endpoints
    for section, port in (("controller", there["controller"]["port"]), ("vcenter", stub.port)):
        data[section] |= {"address": "127.0.0.1", "port": port, "ca_file": str(stub.ca_file)}
    data["vcenter"]["folders"] = ["AVI K8S", "AVI K8S/new"]
    data["dns_services"][0]["resolve_via"] = f"{there['dns']['address']}:{there['dns']['port']}"
    del data["hosts"]
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(data))
    known = os.environ | {"AVI_USERNAME": there["username"], "AVI_PASSWORD": there["password"]}
    known |= {
        "VCENTER_USERNAME": there["vcenter"]["username"],
        "VCENTER_PASSWORD": there["vcenter"]["password"],
    }

    def run(*options):
        fixed = (f"--environment={tmp_path}/site.yaml", "-pno:cacheprovider", f"--report-dir={tmp_path}/r")
        where = (f"--journals={tmp_path}/j", *options, *CHECKS)
        code = ZYGOTE.run([*fixed, *where], dict(known), tmp_path / "out", 120).code
        text = (tmp_path / "out").read_text()
        assert "Traceback" not in text
        assert "INTERNALERROR" not in text
        return code, text

    stub.faults.clear()
    stub.seen.clear()
    yield run
    stub.faults.clear()


def edited(change):
    """The answer as it is, changed as text."""

    def do(handler):
        answer, body = answer_behind(handler)
        status(answer.status, change(body.decode()), XML)(handler)

    return do


def without(pattern):
    return edited(lambda text: re.sub(pattern, "", text, flags=re.DOTALL))


ROW = r'<objects><obj type="Folder">[^<]*</obj>(?:(?!</objects>).)*<val xsi:type="xsd:string">AVI K8S</val>(?:(?!</objects>).)*</objects>'
ODD = {
    "a page of HTML": status(200, "<html><body>Welcome</body></html>", {"Content-Type": "text/html"}),
    "no parents": without(r"<propSet><name>parent</name>.*?</propSet>"),
    "no names": without(r"<propSet><name>name</name>.*?</propSet>"),
    "a folder that has vanished": without(ROW),
}  # fmt: skip


@lengths.sampled(3)
@pytest.mark.parametrize("odd", ODD)
def test_nothing_is_written_and_nothing_absent(stub, suite, odd):
    stub.faults.append(Fault("/sdk", at_call("RetrievePropertiesEx", ODD[odd]), times=10_000))
    code, text = suite("--remediate", "--allow-disruptive")
    assert code == 6, text
    assert "nothing to write" in text
    assert not [call for call in stub.seen if any(f"<{name} " in call.body for name in WRITES)]


@lengths.WHOLE_RUN
def test_nothing_is_undone(stub, suite):
    """What the run has made stays, and the undo says that it could not be read."""
    code, text = suite("--remediate")
    assert code == 0, text
    journal = re.search(r"--rollback=(\S+\.jsonl)", text)[1]
    assert '"AVI K8S/new"' in Path(journal).read_text()
    stub.faults.append(Fault("/sdk", at_call("RetrievePropertiesEx", ODD["a page of HTML"]), times=10_000))
    stub.seen.clear()
    code, text = suite(f"--rollback={journal}")
    assert code == 1, text
    assert "kept: it could not be read" in text
    assert not [call for call in stub.seen if any(f"<{name} " in call.body for name in WRITES)]
    stub.faults.clear()
    assert suite(f"--rollback={journal}")[0] == 0
    assert json.loads(Path(journal).read_text().splitlines()[0])["line"] == "begin"
