"""Tenants on one lab: objects of the same names in each, users who see all, some or one, and runs of the product there.

Everything but pytest is the product's own: the gateway over sockets, the bulk read, the planner, the writer, the undo.
"""

import json
from contextlib import contextmanager
from pathlib import Path

import yaml
from pydantic import SecretStr

from intent import Blocked, Drifted, Unknown, compare, load_environment, require_once
from intent.drift import Drift
from live.avi.gateway import Gateway
from live.avi.session import Credentials
from live.bootstrap import Bootstrap, collections
from live.deadlines import Timeouts
from live.environment_text import bootstrap_text
from live.kinds import KINDS
from live.site import Site
from live.undeclared import FOR_ADMIN
from remediate.run.options import Options
from remediate.run.site_run import SiteRun
from remediate.write.record import load
from tests.remediate.breaking import CONFIG, SERVER

ROOT = Path(__file__).parents[2]
CLOUD = "Default-Cloud"
EASTERN = "\u6771\u4eac"
"""A name that no header of a request carries."""
TENANTS = ("admin", "blue", EASTERN)
PASSWORD = "Tenants-4-ever"
USERS = {"admin": "avi-lab", "ops": PASSWORD, "blue-operator": PASSWORD, "team-operator": PASSWORD}
"""admin sees all as superuser, ops by a role in all tenants, the others by one in blue, or in blue and the one beyond."""
NETWORKS = {"admin": "DEV_WEB_3103", "blue": "DEV_WEB_3101", EASTERN: "DEV_WEB_3102"}
"""A discovered network, which is tenant admin's, in the VRF context of each tenant."""


def own(tenant):
    """What each tenant has under the same names, as declared."""
    tenant = tenant if tenant.isascii() else "eastern"
    return {
        "dns_profiles": [
            {"name": "dns-app", "type": "internal", "ttl": 40, "domains": [{"name": f"{tenant}.example"}]}
        ],
        "vrfs": [{"name": "vrf-app"}],
        "se_groups": [{"name": "seg-app", "realtime_metrics": {"enabled": True}, "name_prefix": tenant}],
    }


class Tenants:
    """The lab with its tenants, and what is said and done there as one user or another."""

    def __init__(self, lab):
        self.lab = lab
        lab.reset("conforming")
        self.hand = self.gateway("admin")
        self._populate()
        self.kept = lab.control("POST", "snapshot")["id"]

    def gateway(self, user, tenant="admin"):
        environment = self.environment(Path("/nowhere"), tenant=tenant)
        return Gateway(
            environment, self.credentials(user), base=Path(), writable=True, timeouts=Timeouts(10.0)
        )

    def environment(self, _path, tenant="admin"):
        from intent import Controller

        return Controller(**self.controller(tenant))

    def controller(self, tenant):
        ends = self.lab.endpoints
        return {
            "address": "127.0.0.1",
            "port": ends["controller"]["port"],
            "ca_file": ends["ca_file"],
            "tenant": tenant,
        }

    @staticmethod
    def credentials(user):
        return Credentials(user, SecretStr(USERS[user]))

    def close(self):
        self.hand.close()

    def restore(self):
        self.lab.control("POST", "restore", {"id": self.kept})
        self.lab.control("DELETE", "requests")

    # -- as a person ---------------------------------------------------------------------------------------------------

    def _populate(self):
        write = self.hand.write
        for tenant in TENANTS[1:]:
            write("POST", "tenant", {"name": tenant})
        rows = {row["name"]: row["url"] for row in self.rows("tenant")}
        (system,) = (row for row in self.rows("role") if row["name"] == "System-Admin")
        rights = [each for each in system["privileges"] if each["resource"] not in FOR_ADMIN]
        write("POST", "role", {"name": "everything", "privileges": rights})
        roles = {row["name"]: row["url"] for row in self.rows("role")}
        for user, role, tenants in (
            ("ops", "System-Admin", ["admin"]),
            ("blue-operator", "everything", ["blue"]),
            ("team-operator", "everything", ["blue", EASTERN]),
        ):
            body = {"name": user, "username": user, "password": PASSWORD, "is_superuser": False}
            scopes = [{"all_tenants": tenant == "admin", "tenant_ref": rows[tenant]} for tenant in tenants]
            body |= {"access": [scope | {"role_ref": roles[role]} for scope in scopes]}
            body["default_tenant_ref"] = rows[tenants[0]]
            write("POST", "user", body)
        (cloud,) = (row["url"] for row in self.rows("cloud") if row["name"] == CLOUD)
        for tenant in TENANTS:
            plain = tenant if tenant.isascii() else "eastern"
            profile = {"dns_service_domain": [{"domain_name": f"{plain}.example"}], "ttl": 40}
            bodies = (
                ("vrfcontext", {"name": "vrf-app", "cloud_ref": cloud}),
                ("serviceenginegroup", {"name": "seg-app", "cloud_ref": cloud, "realtime_se_metrics": {"enabled": True}, "se_name_prefix": plain}),
                ("ipamdnsproviderprofile", {"name": "dns-app", "type": "IPAMDNS_TYPE_INTERNAL_DNS", "internal_profile": profile}),
            )  # fmt: skip
            created = {api: write("POST", api, body, tenant=tenant) for api, body in bodies}
            self.edit("network", NETWORKS[tenant], vrf_context_ref=created["vrfcontext"]["url"])

    def rows(self, api):
        params = {"page_size": "200", "include_name": "true"}
        page = self.hand.read(api, params, tenant=None if api == "systemconfiguration" else "*")
        return page.get("results", [page])

    def row(self, api, name, tenant="admin"):
        (row,) = (
            row for row in self.rows(api) if row["name"] == name and row["tenant_ref"].endswith(f"#{tenant}")
        )
        return row

    def edit(self, api, name, tenant="admin", **members):
        row = self.row(api, name, tenant)
        return self.hand.write("PUT", f"{api}/{row['uuid']}", row | members, tenant=tenant)

    def delete(self, api, name, tenant="admin"):
        self.hand.write("DELETE", f"{api}/{self.row(api, name, tenant)['uuid']}", tenant=tenant)

    def picture(self):
        """The whole configuration that anybody declares, in every tenant."""
        return {
            api: {
                row.get("uuid", api): json.dumps(
                    {k: v for k, v in row.items() if k not in SERVER}, sort_keys=True
                )
                for row in self.rows(api)
            }
            for api in CONFIG
        }

    # -- as the product ------------------------------------------------------------------------------------------------

    def declared(self, folder, tenant="admin", **sections):
        """An environment file of this `controller.tenant`."""
        path = folder / "site.yaml"
        path.write_text(
            yaml.safe_dump({"name": "tenants", "controller": self.controller(tenant), **sections}),
            encoding="utf-8",
        )
        return path

    @contextmanager
    def run(self, file, user="admin", *, everything=False, **options):
        """One run of the product on that file, as that user; `everything`: it reads what no check needs too."""
        environment = load_environment(file)
        site = Site(environment, lambda: self.credentials(user))
        site.needs = {api for kind in KINDS.values() for api in kind.reads}
        if everything:
            gateway = site.gateway()
            gateway.connect()
            site.needs = collections("30.2.1", [row["name"] for row in gateway.tenants])
        try:
            yield Run(site, Options(True, file.parent / "journals", 60, 0.0, **options))
        finally:
            site.close()


class Run:
    """What one run sees, plans, writes and undoes."""

    def __init__(self, site, options):
        self.site = site
        self.lines = []
        self.runs = SiteRun(site, options, self.lines.append)

    def outcomes(self):
        """By object, its drifts as plain data; "" for none; the sentence of what could not be judged."""
        return {str(want.key): self._outcome(want) for want in self.site.environment if type(want) in KINDS}

    def _outcome(self, want):
        try:
            live = self.site.live
            require_once(want, live.found(want), live.elsewhere(want))
            return list(compare(want, live[want]))
        except Drifted as drifted:
            return list(drifted.drifts)
        except (Blocked, Unknown) as why:
            return str(why)

    def drifts(self):
        outcomes = self.outcomes().values()
        return [drift for drifts in outcomes if isinstance(drifts, list) for drift in drifts]

    def plan(self):
        return self.runs.plan([(drift, "check") for drift in self.drifts()])

    def remediate(self):
        """(the plan, what became of its steps); the site is read anew from then on."""
        plan = self.plan()
        results = self.runs.apply(plan)
        self.site.forget()
        return plan, results

    def undo(self):
        results = self.runs.undo(self.runs.journal.path)
        self.site.forget()
        return results

    def journal(self):
        return load(self.runs.journal.path)

    def bootstrap(self, folder):
        """(what was left out, the path of the file that was written)."""
        bootstrap = Bootstrap(self.site.live, self.site.environment.controller.tenant)
        path = folder / "written.yaml"
        path.write_text(
            bootstrap_text(self.site.environment, bootstrap, folder),
            encoding="utf-8",
        )
        return bootstrap, path


def absent(key):
    return Drift(key, "", "exactly one", "absent")
