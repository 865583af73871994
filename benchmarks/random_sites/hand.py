"""Hand of a random site: makes and changes its objects through the Controller's own API, without the product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.random_sites.facts import CLOUDS, MODES, Identity, Json, SiteObject, World
from tests.remediate.inprocess import InProcess


class Hand:
    """Somebody who makes and changes objects through the Controller's own API.

    `discovered`: the networks and VRF contexts that NSX-T clouds have by themselves.
    """

    def __init__(self, gateway: InProcess) -> None:
        self.gateway = gateway
        self.refs: dict[Identity, str] = {}
        for cloud in self.gateway.read("cloud")["results"]:
            self.refs[Identity("cloud", "admin", "", cloud["name"])] = _ref(cloud)
        self.vcenters = {
            row["cloud_ref"].partition("#")[2]: _ref(row)
            for row in self.gateway.read("vcenterserver", {"include_name": "true"})["results"]
        }
        self.discovered = tuple(self._discovered())

    def make(self, world: World) -> None:
        """Make every object of a world, what is referred to before what refers to it."""
        for tenant in world.tenants[1:]:
            self.gateway.write("POST", "tenant", {"name": tenant})
        for identity in (Identity("cloud", "admin", "", cloud) for cloud in world.clouds):
            if identity not in self.refs:
                body = {"name": identity.name, "vtype": CLOUDS[identity.name]}
                self.refs[identity] = _ref(self.gateway.write("POST", "cloud", body))
        for api in (
            "vrfcontext",
            "serviceenginegroup",
            "network",
            "ipamdnsproviderprofile",
            "virtualservice",
        ):
            for obj in world.of(api):
                if not obj.discovered:
                    self.create(obj)
        for obj in world.of("cloud"):
            self.put(obj)

    def create(self, obj: SiteObject) -> None:
        """Make one object in its tenant and cloud."""
        identity = obj.identity
        body: Json = {"name": identity.name, **self.body(obj)}
        if identity.cloud:
            body["cloud_ref"] = self.refs[Identity("cloud", "admin", "", identity.cloud)]
        if identity.api == "ipamdnsproviderprofile":
            body["type"] = "IPAMDNS_TYPE_INTERNAL"
        if identity.api == "virtualservice":
            body |= self._serving(identity, body["cloud_ref"])
        self.refs[identity] = _ref(self.gateway.write("POST", identity.api, body, tenant=identity.tenant))

    def put(self, obj: SiteObject, **undeclared: Any) -> None:
        """Write an object's facts over what is there, and some members besides."""
        path = self.refs[obj.identity].partition("/api/")[2]
        tenant = obj.identity.tenant
        now = self.gateway.read(path, tenant=tenant)
        wanted = self.body(obj)
        if obj.identity.api == "ipamdnsproviderprofile":
            wanted["internal_profile"] = {**now.get("internal_profile", {}), **wanted["internal_profile"]}
        for member in ("ipam_provider_ref", *(("vrf_context_ref",) if obj.identity.api == "network" else ())):
            now.pop(member, None)
        self.gateway.write("PUT", path, {**now, **wanted, **undeclared}, tenant=tenant)

    def body(self, obj: SiteObject) -> Json:
        """An object's facts as the Controller's members."""
        facts = obj.fields
        if obj.identity.api == "serviceenginegroup":
            return {
                "ha_mode": MODES[facts["ha_mode"]],
                "buffer_se": facts["buffer"],
                "se_name_prefix": facts["name_prefix"],
                **self._folder(obj),
            }
        if obj.identity.api == "network":
            vrf = {"vrf_context_ref": self.refs[facts["vrf"]]} if facts["vrf"] else {}
            if obj.discovered:
                return {**vrf, "dhcp_enabled": facts["dhcp"]}
            subnets = [_subnet(*each) for each in facts["subnets"].items()]
            return {**vrf, "dhcp_enabled": facts["dhcp"], "configured_subnets": subnets}
        if obj.identity.api == "ipamdnsproviderprofile":
            networks = [{"nw_ref": self.refs[each]} for each in facts["usable_networks"]]
            return {
                "allocate_ip_in_vrf": facts["allocate_in_vrf"],
                "internal_profile": {"usable_networks": networks},
            }
        if obj.identity.api == "virtualservice":
            group = {"se_group_ref": self.refs[facts["se_group"]]} if facts["se_group"] else {}
            return {
                **group,
                "enabled": facts["enabled"],
                "services": [{"port": port} for port in facts["ports"]],
                "static_dns_records": [_record(name, *each) for name, each in facts["records"].items()],
            }
        chosen = facts.get("ipam_profile")
        return {"ipam_provider_ref": self.refs[chosen]} if chosen else {}

    def _serving(self, identity: Identity, cloud: str) -> Json:
        """What makes a virtual service a DNS service: its profiles, and a VIP of its own."""
        vip = {
            "name": f"vip-{identity.name}",
            "cloud_ref": cloud,
            "vip": [
                {
                    "vip_id": "0",
                    "ip_address": {"addr": f"198.51.100.{len(self.refs) % 250 + 1}", "type": "V4"},
                }
            ],
        }
        made = self.gateway.write("POST", "vsvip", vip, tenant=identity.tenant)
        profiles = {
            f"{kind}_profile_ref": _ref(self.gateway.read(f"{kind}profile", {"name": name})["results"][0])
            for kind, name in (("application", "System-DNS"), ("network", "System-UDP-Per-Pkt"))
        }
        return {"vsvip_ref": _ref(made), **profiles}

    def _folder(self, obj: SiteObject) -> Json:
        folder, cloud = obj.fields.get("folder"), obj.identity.cloud
        if CLOUDS[cloud] == "CLOUD_VCENTER":
            return {"vcenter_folder": folder}
        if CLOUDS[cloud] == "CLOUD_NSXT":
            return {"vcenters": [{"vcenter_ref": self.vcenters[cloud], "vcenter_folder": folder}]}
        return {}

    def _discovered(self) -> Iterator[SiteObject]:
        clouds = [cloud for cloud, kind in CLOUDS.items() if kind == "CLOUD_NSXT"]
        rows = {
            api: [
                row
                for row in self.gateway.read(api, {"include_name": "true", "page_size": "200"})["results"]
                if row["cloud_ref"].partition("#")[2] in clouds
            ]
            for api in ("vrfcontext", "network")
        }
        vrfs: dict[str, Identity] = {}
        for row in rows["vrfcontext"]:
            identity = Identity("vrfcontext", "admin", row["cloud_ref"].partition("#")[2], row["name"])
            vrfs[_ref(row)] = identity
            if row["name"] not in ("global", "management"):
                self.refs[identity] = _ref(row)
                yield SiteObject(identity, declared=True, discovered=True)
        for row in rows["network"]:
            vrf = vrfs[row["vrf_context_ref"].partition("#")[0]]
            if vrf.name not in ("global", "management"):
                identity = Identity("network", "admin", vrf.cloud, row["name"])
                facts = {"vrf": vrf, "dhcp": row["dhcp_enabled"]}
                self.refs[identity] = _ref(row)
                yield SiteObject(identity, declared=True, fields=facts, discovered=True)


def _ref(obj: Json) -> str:
    return str(obj["url"]).partition("#")[0]


def _record(name: str, ttl: int, address: str) -> Json:
    ip = {"addr": address, "type": "V4"}
    return {"type": "DNS_RECORD_A", "fqdn": [name], "ttl": ttl, "ip_address": [{"ip_address": ip}]}


def _subnet(head: str, span: tuple[int, int]) -> Json:
    def address(last: int) -> Json:
        return {"addr": f"{head}.{last}", "type": "V4"}

    return {
        "prefix": {"ip_addr": address(0), "mask": 24},
        "static_ip_ranges": [
            {
                "range": {"begin": address(span[0]), "end": address(span[1])},
                "type": "STATIC_IPS_FOR_VIP_AND_SE",
            }
        ],
    }
