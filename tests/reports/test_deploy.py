"""The files of deploy/: valid for their own tools where those are here, and right about our options and our roles."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mini_suite import ROOT
from pydantic import SecretStr

import avi_schema
import remediate.remedies  # noqa: F401 -- registers them
from fleet.options import parser
from intent import ConfigObject, Controller, Unknown
from intent.installation import OUT
from live.avi.gateway import Gateway
from live.avi.session import Credentials
from live.kinds import KINDS
from remediate.registry import REGISTRY
from tests import lengths
from tests.site import IBERIA

DEPLOY = ROOT / "deploy"
YAML = sorted(DEPLOY.rglob("*.yaml")) + sorted(DEPLOY.rglob("*.yml"))
UNIT = (DEPLOY / "systemd/avi-compliance@.service").read_text()


def documents(path):
    return [found for found in yaml.safe_load_all(path.read_text()) if found]


def pods():
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for found in documents(path):
            spec = found.get("spec", {})
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            if "template" in spec:
                yield pytest.param(spec["template"]["spec"], id=path.stem)


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_it_is_yaml(path):
    assert documents(path)


@pytest.mark.parametrize("pod", list(pods()))
def test_a_pod_is_as_restricted_as_its_namespace_demands(pod):
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert pod["automountServiceAccountToken"] is False
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }


@pytest.mark.parametrize("pod", list(pods()))
def test_a_pods_command_is_one_of_ours(pod):
    (container,) = pod["containers"]
    assert container["command"] == ["python", "-m", "fleet"]
    arguments = container["args"]
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    options = parser().parse_args(ours)
    assert str(options.out) == "/reports"


def test_the_shares_of_the_indexed_job_are_as_many_as_its_completions():
    (job,) = documents(DEPLOY / "kubernetes/indexed-job.yaml")
    arguments = job["spec"]["template"]["spec"]["containers"][0]["args"]
    assert int(arguments[arguments.index("--of") + 1]) == job["spec"]["completions"]
    assert job["spec"]["completionMode"] == "Indexed"


def test_every_option_that_is_named_exists():
    known = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for module in ("fleet", "reports.html"):
        known += subprocess.run(
            [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    foreign = {
        "--quiet",
        "--rm",
        "--uid",
        "--no-create-home",
        "--shell",
        "--build-arg",
        "--yes",
        "--for",
        "--now",
        "--junitxml",
    }
    for path in (
        *YAML,
        DEPLOY / "ci/Jenkinsfile",
        DEPLOY / "Containerfile",
        DEPLOY / "systemd/avi-compliance@.service",
    ):
        text = re.sub(r"^\s*#.*", "", path.read_text(), flags=re.MULTILINE)
        for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - foreign:
            assert re.search(rf"{option}\b", known), f"{path.name}: {option}"


def test_the_units_pass_systemds_own_check(tmp_path):
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed on this machine")
    for name in ("avi-compliance@.service", "avi-compliance@.timer"):
        text = (DEPLOY / "systemd" / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/avi-compliance/.venv/bin/python", sys.executable))
    done = subprocess.run(
        [tool, "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if "avi-compliance" in line]
    assert (done.returncode, told) == (0, [])


def test_the_image_keeps_in_its_volume_what_a_run_leaves():
    """Its user may write nothing in the clone, where a run without `--report-dir` keeps its reports."""
    text = (DEPLOY / "Containerfile").read_text()
    (volume,) = re.findall(r"^VOLUME (\S+)$", text, re.MULTILINE)
    assert f"ln -s {volume} {OUT.relative_to(ROOT)}\n" in text
    assert "reports/out" in (DEPLOY / "Containerfile.dockerignore").read_text().split(), (
        "nothing is in its place"
    )


RELEASES = ("20.1.6", "22.1.3", "30.2.1")


def role_of(name):
    """{permission: access} of a role file."""
    privileges = json.loads((DEPLOY / f"roles/{name}.json").read_text())["privileges"]
    assert len({each["resource"] for each in privileges}) == len(privileges)
    return {each["resource"]: each["type"] for each in privileges}


BY_HAND = {"PERMISSION_CONTROLLER", "PERMISSION_ROLE", "PERMISSION_TENANT"}
"""Write access that a role file leaves to a person: to the Controller itself, and to what gives rights to others."""


def written_kinds():
    """The kinds that the role for remediation may write: those with a remedy, apart from `BY_HAND`."""
    remedied = {kind for kind, _path in REGISTRY.remedies}
    return [
        kind
        for intent, kind in KINDS.items()
        if intent.kind in remedied and avi_schema.load().types[kind.api].permission not in BY_HAND
    ]


def referring(release):
    """Every type that is asked whether it refers to something of a kind that may be written."""
    schema, version = avi_schema.load(), avi_schema.parse_version(release)
    return {each.type for kind in written_kinds() for each in schema.referrers(kind.api, version)}


def test_the_roles_grant_what_is_read_and_written_and_no_more():
    types = avi_schema.load().types
    written = {types[kind.api].permission for kind in written_kinds()}
    own = [kind for intent, kind in KINDS.items() if not issubclass(intent, ConfigObject)]
    read = {types[api].permission for kind in own for api in kind.reads}
    asked = {types[name].permission for release in RELEASES for name in referring(release)}
    assert set(role_of("read-only")) == read | asked | written
    assert set(role_of("read-only").values()) == {"READ_ACCESS"}
    assert set(role_of("read-write")) == set(role_of("read-only"))
    assert {name for name, access in role_of("read-write").items() if access == "WRITE_ACCESS"} == written


class Lab:
    """A simulated site, and what an administrator does there."""

    def __init__(self, state):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lab", "--state", state, "--port", "0"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.at = json.loads(self.process.stdout.readline())
        self.gateway = self.login(self.at["username"], self.at["password"], writable=True)

    def login(self, user, password, *, writable=False):
        there = self.at["controller"]
        controller = Controller(address=there["address"], port=there["port"], ca_file=self.at["ca_file"])
        gateway = Gateway(controller, Credentials(user, SecretStr(password)), base=ROOT, writable=writable)
        gateway.connect()
        return gateway

    def stop(self):
        self.gateway.close()
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()

    def account(self, role, *, without=""):
        body = json.loads((DEPLOY / f"roles/{role}.json").read_text())
        body["privileges"] = [each for each in body["privileges"] if each["resource"] != without]
        made = self.gateway.write("POST", "role", body)
        access = [{"role_ref": made["url"], "tenant_ref": "/api/tenant/admin", "all_tenants": True}]
        self.gateway.write(
            "POST",
            "user",
            {
                "name": role,
                "username": role,
                "full_name": role,
                "password": "Only-4-this-run",
                "access": access,
            },
        )

    def environment(self, path):
        declared = yaml.safe_load(IBERIA.read_text())
        for other in ("vcenter", "hosts"):
            declared.pop(other, None)
        there, dns = self.at["controller"], self.at["dns"]
        declared["controller"] |= {
            "address": there["address"],
            "port": there["port"],
            "ca_file": self.at["ca_file"],
        }
        for service in declared["dns_services"]:
            service["resolve_via"] = f"{dns['address']}:{dns['port']}"
        path.write_text(yaml.safe_dump(declared))


@pytest.fixture(params=["conforming"])
def lab(request):
    found = Lab(request.param)
    yield found
    found.stop()


def as_the_unit_runs_it(tmp_path: Path, user: str, *more) -> subprocess.CompletedProcess[str]:
    """The unit's own command, with systemd's places put elsewhere."""
    command = re.search(r"ExecStart=((?:.*\\\n)*.*)", UNIT)[1].replace("\\\n", " ")
    places = {
        "/opt/avi-compliance/.venv/bin/python": sys.executable, "/etc/avi-compliance": str(tmp_path),
        "/var/lib/avi-compliance": str(tmp_path / "state"), "%i": "site",
    }  # fmt: skip
    credentials = tmp_path / "credentials"
    credentials.mkdir(exist_ok=True)
    (credentials / "avi-password").write_text("Only-4-this-run\n")
    (credentials / "notify").write_text("")
    environ = dict(re.findall(r"^Environment=(\w+)=(.*)$", UNIT, flags=re.MULTILINE))
    for old, new in places.items():
        command = command.replace(old, new)
    return subprocess.run(
        [*shlex.split(command), f"--journals={tmp_path}", *more], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith(("AVI_", "VCENTER_"))}, "AVI_USERNAME": user,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            **{name: value.replace("%d", str(credentials)) for name, value in environ.items() if name != "XDG_CACHE_HOME"},
        },
    )  # fmt: skip


@lengths.WHOLE_RUN
def test_the_read_only_role_is_enough_for_every_check(lab, tmp_path):
    lab.account("read-only")
    lab.environment(tmp_path / "site.yaml")
    done = as_the_unit_runs_it(tmp_path, "read-only")
    assert done.returncode == 0, done.stdout[-3000:]
    told = json.loads((tmp_path / "state/site/drift.json").read_text())
    assert told["counts"]["passed"] == told["counts"]["facts"] > 100
    assert "Only-4-this-run" not in done.stdout + json.dumps(told)


@pytest.mark.parametrize("role", ["read-only", "read-write"])
def test_a_role_may_ask_whatever_refers_to_what_is_written(lab, role):
    lab.account(role, without="PERMISSION_GSLBSERVICE")
    gateway = lab.login(role, "Only-4-this-run")
    asked = referring("30.2.1") - {"gslbservice"}
    assert {"networkservice", "trafficcloneprofile", "gslb", "tenantsystemconfiguration"} <= asked
    for name in sorted(asked):
        gateway.read(name, tenant="*")
    with pytest.raises(
        Unknown, match=r"may not read gslbservice in all tenants: .* \(it takes PERMISSION_GSLBSERVICE\)"
    ):
        gateway.read("gslbservice", tenant="*")
    gateway.close()


@lengths.WHOLE_RUN
@pytest.mark.parametrize("lab", ["drifted"], indirect=True)
def test_the_roles_write_as_much_as_they_say(lab, tmp_path):
    lab.account("read-only")
    lab.account("read-write")
    lab.environment(tmp_path / "site.yaml")
    refused = as_the_unit_runs_it(tmp_path, "read-only", "--remediate", "--settle=5")
    assert refused.returncode == 1, refused.stdout[-3000:]
    told = json.loads((tmp_path / "state/site/drift.json").read_text())
    assert told["counts"]["remediated"] == 0
    done = as_the_unit_runs_it(tmp_path, "read-write", "--remediate", "--settle=20")
    assert done.returncode == 0, done.stdout[-3000:]
    told = json.loads((tmp_path / "state/site/drift.json").read_text())
    assert told["counts"]["remediated"] > 10
