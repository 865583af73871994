"""Rules of the configuration by type: members the Controller fills in, what it refuses, and what goes with what."""

from __future__ import annotations

import contextlib

from avi_schema import LOWER_TIERS, Type
from lab.controller.expiry import expiry
from lab.hooks import Change, Moment, Showing, on
from lab.objects import Json, Object, Refused
from lab.site import Site

DEFAULT_CLOUD = "Default-Cloud"
DEFAULT_GROUP = "Default-Group"
ANALYTICS = "System-Analytics-Profile"
GROUP_LICENCE: Json = {
    "license_type": "LIC_CORES",
    "se_bandwidth_type": "SE_BANDWIDTH_UNLIMITED",
    "accelerated_networking": True,
}
BEGIN = "-----BEGIN CERTIFICATE-----"
NAMED_CERTIFICATES = (31, 2, 1)
"""The first version that refuses a certificate with neither common name nor alternative name [CLIENT]."""
GUARDED = frozenset({"PERMISSION_CONTROLLER", "PERMISSION_ROLE", "PERMISSION_TENANT", "PERMISSION_USER"})
"""What only roles in tenant admin may give."""
SERVER_MADE = frozenset(
    {
        "networkruntime",
        "nsxtsegmentruntime",
        "vimgrnwruntime",
        "vimgrdcruntime",
        "vimgrhostruntime",
        "vimgrclusterruntime",
        "vimgrvmruntime",
    }
)
"""What the Controller keeps for itself: its references hold nobody back."""
OWNED = {
    "cloud": frozenset(
        {
            "vrfcontext",
            "serviceenginegroup",
            "network",
            "nsxtsegmentruntime",
            "vimgrnwruntime",
            "vimgrvcenterruntime",
        }
    ),
    "network": frozenset({"vimgrnwruntime", "networkruntime", "nsxtsegmentruntime"}),
    "tenant": frozenset({"vrfcontext", "serviceenginegroup"}),
}
"""What goes with an object: a cloud's defaults and what it discovered [INF]."""


def is_default(obj: Object) -> bool:
    """Whether every Controller has this object, so that nobody may delete it."""
    return (
        obj.system
        or bool(obj.body.get("system_default"))
        or (obj.type == "serviceenginegroup" and obj.name == DEFAULT_GROUP)
    )


def default_cloud(site: Site, kind: Type) -> str:
    """The uuid of Default-Cloud for an object that names no cloud [REC]; "" while there is none."""
    if kind.name in ("cloud", "cluster"):
        return ""
    found = site.store.named("cloud", DEFAULT_CLOUD)
    return found[0].uuid if found else ""


def in_vcenter(site: Site, obj: Object) -> bool:
    """Whether an object lives in a vCenter cloud."""
    cloud = site.store.get("cloud", obj.cloud)
    return cloud is not None and cloud.body.get("vtype") == "CLOUD_VCENTER"


def users(site: Site, obj: Object) -> list[Object]:
    """Who holds an object back from being deleted: everything that refers to it, but what it owns itself."""
    mine = {each.ref for each in owned(site, obj)}
    return [
        each
        for each in site.store.referrers(obj)
        if each.ref not in mine and each.ref != obj.ref and each.type not in SERVER_MADE
    ]


def owned(site: Site, obj: Object) -> list[Object]:
    """What is deleted along with an object."""
    kinds = OWNED.get(obj.type, frozenset())
    found = [each for each in site.store.referrers(obj) if each.type in kinds]
    if obj.type in ("cloud", "tenant"):
        found = [
            each
            for each in found
            if each.type not in ("vrfcontext", "serviceenginegroup") or is_default(each) or _tier1(each)
        ]
    return found


def _tier1(obj: Object) -> str:
    """The T1 gateway that a discovered VRF context stands for [CLIENT]; "" for anything else."""
    attributes = obj.body.get("attrs") or []
    return next((str(each.get("value", "")) for each in attributes if each.get("key") == "tier1path"), "")


@on(Moment.STORED, "cloud")
def cloud_defaults(change: Change) -> None:
    """The system defaults every cloud has: VRF contexts global and management, Default-Group [REC]."""
    if change.old is not None:
        return
    site, cloud = change.site, change.new
    for name in ("global", "management"):
        _default(site, "vrfcontext", name, cloud, cloud.tenant)
    _default(site, "serviceenginegroup", DEFAULT_GROUP, cloud, cloud.tenant)
    for tenant in site.store.all("tenant"):
        _own_defaults(site, tenant, cloud)


@on(Moment.STORED, "tenant")
def tenant_defaults(change: Change) -> None:
    """What a tenant has of its own in every cloud, as its settings ask: VRF context global, Default-Group [CLIENT]."""
    for cloud in change.site.store.all("cloud"):
        _own_defaults(change.site, change.new, cloud)


def _own_defaults(site: Site, tenant: Object, cloud: Object) -> None:
    settings = tenant.body.get("config_settings") or {}
    if tenant.uuid == cloud.tenant:
        return
    if settings.get("tenant_vrf"):
        _default(site, "vrfcontext", "global", cloud, tenant.uuid)
    if settings.get("se_in_provider_context") is False:
        _default(site, "serviceenginegroup", DEFAULT_GROUP, cloud, tenant.uuid)


def _default(site: Site, kind: str, name: str, cloud: Object, tenant: str) -> None:
    """An object of a cloud that nobody made and nobody deletes, where it is not there yet."""
    if site.store.named(kind, name, tenant=tenant, cloud=cloud.uuid):
        return
    body: Json = {"name": name, "cloud_ref": cloud.ref}
    obj = site.write(kind, body | ({"system_default": True} if kind == "vrfcontext" else {}), tenant=tenant)
    obj.system = True
    if kind == "vrfcontext":
        obj.body["system_default"] = True


def _named(site: Site, kind: str, name: str, cloud: str | None = None, tenant: str = "admin") -> str | None:
    """The reference of a tenant's object of a name, else of admin's."""
    own = site.store.named(kind, name, tenant=tenant, cloud=cloud)
    namesakes = own or site.store.named(kind, name, tenant="admin", cloud=cloud)
    return namesakes[0].ref if namesakes else None


def _context_of(site: Site, new: Object) -> str | None:
    """The VRF context of what names none: that of its T1 gateway [CLIENT], else `global` of its cloud [REC]."""
    gateway = new.body.get("tier1_lr")
    contexts = site.store.all("vrfcontext") if gateway else ()
    behind = next((vrf.ref for vrf in contexts if vrf.cloud == new.cloud and _tier1(vrf) == gateway), None)
    return behind or _named(site, "vrfcontext", "global", new.cloud, new.tenant)


def _set(body: Json, member: str, ref: str | None) -> None:
    if member not in body and ref is not None:
        body[member] = ref


@on(Moment.COMPLETE, "virtualservice")
def complete_service(change: Change) -> None:
    """Profiles, SE group, VRF context and port ranges of a virtual service that names none [REC]."""
    site, new, body = change.site, change.new, change.new.body
    cheap = site.system.get("default_license_tier") in LOWER_TIERS
    web, tcp = (
        ("System-L4-Application", "System-TCP-Fast-Path") if cheap else ("System-HTTP", "System-TCP-Proxy")
    )
    _set(body, "application_profile_ref", _named(site, "applicationprofile", web))
    _set(body, "network_profile_ref", _named(site, "networkprofile", tcp))
    _set(body, "analytics_profile_ref", _named(site, "analyticsprofile", ANALYTICS))
    for member, shared in (
        ("vh_parent_vs_ref", ("se_group_ref", "vrf_context_ref")),
        ("vsvip_ref", ("vrf_context_ref",)),
    ):
        # A child is where its parent is [INF]; a service is where its VIP is.
        if (other := site.store.at(str(body.get(member, "")))) is not None:
            for each in shared:
                _set(body, each, other.body.get(each))
    _set(body, "se_group_ref", _named(site, "serviceenginegroup", DEFAULT_GROUP, new.cloud, new.tenant))
    _set(body, "vrf_context_ref", _named(site, "vrfcontext", "global", new.cloud, new.tenant))
    services = [each for each in body.get("services", []) if isinstance(each, dict)]
    for service in services:
        service.setdefault("port_range_end", service.get("port"))
    if any(service.get("enable_ssl") for service in services):
        _set(body, "ssl_profile_ref", _named(site, "sslprofile", "System-Standard-PFS"))
        _set(body, "ssl_profile_ref", _named(site, "sslprofile", "System-Standard"))
    cloud = site.store.get("cloud", new.cloud)
    if cloud is not None:
        body["cloud_type"] = cloud.body.get("vtype", "CLOUD_NONE")


@on(Moment.COMPLETE, "vsvip", "network")
def global_vrf(change: Change) -> None:
    """The VRF context `global` of its cloud [REC]; behind a T1 gateway the gateway's [CLIENT]."""
    _set(change.new.body, "vrf_context_ref", _context_of(change.site, change.new))


@on(Moment.COMPLETE, "pool")
def pool_analytics(change: Change) -> None:
    """A pool that names no analytics profile has the system's [REC 18.2.2-20.1.5]."""
    _set(change.new.body, "analytics_profile_ref", _named(change.site, "analyticsprofile", ANALYTICS))


@on(Moment.COMPLETE, "serviceenginegroup")
def group_licence(change: Change) -> None:
    """Licence, bandwidth and acceleration of a group that says nothing of them [EXP, AKO's own objects]."""
    tier = change.site.system.get("default_license_tier")
    for member, value in (GROUP_LICENCE | ({"license_tier": tier} if tier else {})).items():
        change.new.body.setdefault(member, value)


@on(Moment.COMPLETE, "pool")
def pool_vrf(change: Change) -> None:
    """A pool that names neither VRF context nor logical router is in `global`: only so can TF #321 happen [PUBLIC]."""
    site, new = change.site, change.new
    if not new.body.get("tier1_lr"):
        _set(new.body, "vrf_ref", _named(site, "vrfcontext", "global", new.cloud, new.tenant))


@on(Moment.COMPLETE, "vsvip")
def vip_ids(change: Change) -> None:
    """A vip without vip_id gets "0" [REC], further ones the next free number [INF]."""
    vips = [each for each in change.new.body.get("vip", []) if isinstance(each, dict)]
    taken = {str(each["vip_id"]) for each in vips if "vip_id" in each}
    for vip in vips:
        if "vip_id" not in vip:
            vip["vip_id"] = next(str(n) for n in range(len(taken) + 1) if str(n) not in taken)
            taken.add(vip["vip_id"])


@on(Moment.COMPLETE, "user")
def user_name(change: Change) -> None:
    """A user's name is its username [CLIENT]; a password not sent stays."""
    body, old = change.new.body, change.old
    username = body.get("username") or body.get("name") or ""
    body["username"] = body["name"] = username
    if old is not None and "password" in old.body:
        body.setdefault("password", old.body["password"])
    if old is None and not body.get("password"):
        body.pop("password", None)


@on(Moment.COMPLETE, "sslkeyandcertificate")
def certificate_members(change: Change) -> None:
    """What can be read out of a certificate is shown beside it [REC]; what cannot be read is refused [CLIENT]."""
    site, new, old = change.site, change.new, change.old
    inner = new.body.get("certificate")
    if not isinstance(inner, dict):
        return
    if (
        old is None
        and not {"key", "status"} & new.body.keys()
        and inner.get("subject", {}).get("common_name")
    ):
        from lab.controller.issuing import issue  # noqa: PLC0415 -- cryptography is slow to load

        if not {"certificate", "certificate_signing_request"} & inner.keys():
            issue(new.body, site.clock.utc())
    if not isinstance(inner.get("certificate"), str):
        return
    known = old.body.get("certificate", {}) if old else {}
    if known.get("certificate") == inner["certificate"]:
        for member, value in known.items():
            inner.setdefault(member, value)
        return
    if "text" in inner and not known.get("certificate"):
        return
    from lab.controller.certificates import check_names, described, readable  # noqa: PLC0415 -- cryptography is slow to load

    certificate = readable(inner["certificate"], new.body.get("key"), new.body.get("key_passphrase"))
    if site.version >= NAMED_CERTIFICATES:
        check_names(certificate)
    inner |= described(certificate, site.clock.utc())


@on(Moment.COMPLETE, "pkiprofile")
def authority_members(change: Change) -> None:
    """What can be read out of an authority's certificate is shown beside it; what is none is refused [INF both]."""
    for inner in change.new.body.get("ca_certs", []):
        pem = inner.get("certificate")
        if not isinstance(pem, str) or "text" in inner:
            continue
        if BEGIN not in pem:
            raise Refused(500, "Import error: the certificate cannot be read")
        from lab.controller.certificates import described, readable  # noqa: PLC0415 -- cryptography is slow to load

        with contextlib.suppress(Refused):  # clients' samples abridge theirs
            inner.update(described(readable(pem), change.site.clock.utc()))


@on(Moment.CREATED, "sslkeyandcertificate")
def without_key(showing: Showing) -> None:
    """The answer to a POST has neither the key nor the texts of certificate and public key [REC 20.1.1]."""
    showing.body.pop("key", None)
    inner = showing.body.get("certificate")
    if isinstance(inner, dict):
        absent = ("certificate", "public_key")
        showing.body["certificate"] = {key: value for key, value in inner.items() if key not in absent}


@on(Moment.READ, "sslkeyandcertificate")
def certificate_age(showing: Showing) -> None:
    """How long a certificate is still good, by the site's clock [SCHEMA members, INF that it is kept up]."""
    inner = showing.body.get("certificate", {})
    if isinstance(inner, dict) and inner.get("not_after"):
        showing.body["certificate"] = inner | expiry(str(inner["not_after"]), showing.site.clock.utc())


@on(Moment.COMPLETE, "pool")
def server_hostnames(change: Change) -> None:
    """A pool's server without hostname is named by its address [REC]."""
    for server in change.new.body.get("servers", []):
        if isinstance(server, dict) and isinstance(server.get("ip"), dict) and server["ip"].get("addr"):
            server.setdefault("hostname", server["ip"]["addr"])


@on(Moment.CHECK, "virtualservice")
def same_place(change: Change) -> None:
    """What a virtual service refers to lies in its cloud, its VIP in its VRF context [INF], its pool too [PUBLIC]."""
    store, new = change.site.store, change.new
    for member in ("vsvip_ref", "pool_ref", "se_group_ref", "vrf_context_ref", "pool_group_ref"):
        other = store.at(str(new.body.get(member, "")))
        if other is not None and other.cloud and new.cloud and other.cloud != new.cloud:
            raise Refused(400, f"Cloud of {new.name} and {other.name} different")
    ours = new.body.get("vrf_context_ref")
    for what, member, named in (("pool", "pool_ref", "vrf_ref"), ("vsvip", "vsvip_ref", "vrf_context_ref")):
        other = store.at(str(new.body.get(member, "")))
        theirs = other.body.get(named) if other is not None else None
        if other is not None and theirs and ours and theirs != ours:
            raise Refused(400, f"VRF Context for {new.name} and {what} {other.name} different")


@on(Moment.CHECK, "user")
def admin_roles(change: Change) -> None:
    """A role over the Controller itself is given in tenant admin only [PUBLIC]."""
    store = change.site.store
    for access in change.new.body.get("access") or []:
        role = store.at(str(access.get("role_ref", "")))
        if role is None or str(access.get("tenant_ref", "")).rpartition("/")[2] in ("", "admin"):
            continue
        rights = role.body.get("privileges", [])
        if any(each["resource"] in GUARDED and each.get("type") != "NO_ACCESS" for each in rights):
            what = "Controller, Role, Tenant or User"
            raise Refused(400, f"Cannot use Role {role.name} with access to {what} in non-admin tenant")


@on(Moment.STORED, "user")
def password_age(change: Change) -> None:
    """Note when a password was set: credentials expire by it."""
    new, old = change.new.body.get("password"), change.old.body.get("password") if change.old else None
    if new != old:
        change.site.memory.setdefault("passwords_set", {})[change.new.uuid] = change.site.clock.now()


@on(Moment.CHECK, "tenant", "user")
def keep_name(change: Change) -> None:
    """Tenant and user `admin` keep their name: everything finds them by it [INF]."""
    old = change.old
    if old is not None and old.system and change.new.name != old.name:
        raise Refused(400, f"Cannot rename system default object {old.name}")
