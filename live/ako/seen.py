"""What AKO would meet on a site, out of what was read of it: objects as plain data, and what could not be read.

Shapes are those of the Controller's own model. AKO reads most of them by name, in its own tenant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from avi_schema import Version, parse_version
from intent import Unknown
from intent.ako import CREATOR
from intent.ako.holes import types_needed
from intent.ako.seen import (
    Account,
    AkoObject,
    Certificate,
    Cloud,
    ConfiguredSubnet,
    Network,
    Pool,
    Profile,
    Route,
    Seen,
    SeGroup,
    Vrf,
)
from intent.ako.settings import OWN_TYPES
from intent.ako.site_holes import GATEWAY_OBJECTS, SYSTEM_OBJECTS
from intent.drift import Unread
from intent.kinds.ako import AkoFiles
from live.ako.traces import creator_of
from live.avi.identity import ADMIN, Json, split_ref, uuid_of
from live.avi.shapes import Unclear
from live.avi.snapshot import Live
from live.facts.runtime import cluster_state, messages
from live.facts.usage import free_for
from live.kinds.codecs import address, dig, ip_range, prefix, whole
from live.kinds.nsxt import TIER1_PATH

Row = TypeVar("Row")

COLLECTIONS = frozenset(
    {
        *("cloud", "cloud-inventory", "cluster/runtime", "ipamdnsproviderprofile", "network"),
        *("network-inventory", "pool", "role", "serviceengine", "serviceenginegroup"),
        *("sslkeyandcertificate", "systemconfiguration", "tenant", "user", "useraccountprofile"),
        *("vimgrnwruntime", "virtualservice", "vrfcontext"),
        *(api for api, _ in (*SYSTEM_OBJECTS, *GATEWAY_OBJECTS)),
    }
)
"""The collections that a verdict stands on; custom resources add those of what they name."""
VIP_POOLS = ("STATIC_IPS_FOR_VIP_AND_SE", "STATIC_IPS_FOR_VIP")


def collections(akos: Iterable[AkoFiles]) -> frozenset[str]:
    """The collections to be read for AKOs with these files."""
    return COLLECTIONS.union(*(types_needed(each.settings, each.resources) for each in akos))


def version_of(live: Live) -> Version:
    """The Controller's version. Raises Unknown where it was not read."""
    version = live.snapshot.version or live.snapshot.api_version
    if not version:
        raise Unknown("the Controller's version was not read")
    return parse_version(version)


def seen(live: Live, types: frozenset[str] = COLLECTIONS) -> Seen:
    """The site as AKO would meet it. `types`: the collections that were asked for. Raises Unknown without a version."""
    version = version_of(live)
    rows = _Rows(live)
    named = types - {each for each in types if "-" in each or "/" in each}
    return Seen(
        version=version,
        cluster_state=_state(live),
        tenants=rows.of("tenant", lambda row: str(row["name"])),
        clouds=rows.of("cloud", rows.cloud),
        networks=rows.of("network", rows.network),
        vrfs=rows.of("vrfcontext", rows.vrf),
        groups=rows.of("serviceenginegroup", rows.group),
        profiles=rows.of("ipamdnsproviderprofile", rows.profile),
        of_ako=rows.of_ako([api for api in OWN_TYPES if api in types]),
        accounts=rows.of("user", rows.account),
        certificates=rows.certificates(),
        licence=rows.licence(),
        names=frozenset(
            (api, str(row.get("name"))) for api in named for row in live.snapshot.objects.get(api, ())
        ),
        kinds=dict(rows.facts_of(named, _kind)),
        creators=dict(rows.facts_of(named, creator_of)),
        unread_types=frozenset(named - live.snapshot.objects.keys()),
        unclear=rows.unclear,
    )


def _state(live: Live) -> str | Unread:
    try:
        return cluster_state(live)
    except Unknown as why:
        return Unread(str(why))


def _kind(row: Json) -> str:
    """The type of an application profile, or of a network profile."""
    if "url" in row and "/networkprofile/" in str(row["url"]):
        return str(dig(row, "profile", "type") or "")
    return str(row.get("type") or "")


class _Rows:
    """The collections, decoded one after the other."""

    def __init__(self, live: Live) -> None:
        self.live, self.names = live, live.names
        self.unclear: dict[tuple[str, str], str] = {}
        self._placed: Counter[str] | None = None
        self._engines: Counter[str] | None = None

    def of(self, api: str, decode: Callable[[Json], Row]) -> tuple[Row, ...] | Unread:
        """The objects of a collection; one that was not understood is put down as such."""
        try:
            rows = self.live.rows(api)
        except Unknown as why:
            return Unread(str(why))
        decoded = []
        for row in rows:
            try:
                decoded.append(decode(row))
            except Unknown as why:
                self.unclear[api, str(row.get("name"))] = str(why)
            except (AttributeError, LookupError, TypeError, ValueError):
                self.unclear[api, str(row.get("name"))] = "it came in a shape that is not understood"
        return tuple(decoded)

    def _where(self, row: Json) -> dict[str, str]:
        return {
            "uuid": str(row["uuid"]),
            "name": str(row["name"]),
            "tenant": self.names.tenant_of(row) or ADMIN,
            "cloud": self._name(row.get("cloud_ref")),
        }

    def _name(self, ref: Any) -> str:
        """The bare name of what is referred to, as AKO's filters mean it."""
        target = self.names.resolve(ref) if ref else None
        return str(target["name"]) if target else split_ref(str(ref or "")).name

    def cloud(self, row: Json) -> Cloud:
        """A cloud, and why AKO's code would panic over it."""
        kind = str(row.get("vtype") or "")
        zone = dig(row, "nsxt_configuration", "data_network_config", "tz_type")
        vcenter = row.get("vcenter_configuration")
        breaks = ""
        if not row.get("tenant_ref"):
            breaks = "it names no tenant"
        elif isinstance(vcenter, dict) and not vcenter.get("management_network"):
            breaks = "it has a vCenter configuration without a management network"
        elif kind == "CLOUD_NSXT" and not zone:
            breaks = "its NSX-T configuration names no kind of transport zone"
        state, reason = self._cloud_state(str(row["uuid"]))
        ipam, dns = row.get("ipam_provider_ref"), row.get("dns_provider_ref")
        return Cloud(
            uuid=str(row["uuid"]),
            name=str(row["name"]),
            tenant=self.names.tenant_of(row) or ADMIN,
            type=kind,
            zone=str(zone or ""),
            ipam=uuid_of(str(ipam or "")),
            ipam_name=self._name(ipam),
            dns=uuid_of(str(dns or "")),
            management=uuid_of(str(dig(row, "vcenter_configuration", "management_network") or "")),
            breaks=breaks,
            state=state,
            reason=reason,
        )

    def _cloud_state(self, uuid: str) -> tuple[str, str]:
        try:
            status = self.live.row("cloud-inventory", uuid).get("status") or {}
        except Unknown:
            return "", ""
        reason = status.get("reason")
        return str(status.get("state") or ""), reason if isinstance(reason, str) else ""

    def network(self, row: Json) -> Network:
        """A network with its subnets."""
        vrf = row.get("vrf_context_ref")
        return Network(
            **self._where(row),
            vrf=self._name(vrf),
            vrf_uuid=uuid_of(str(vrf or "")),
            dhcp=bool(row.get("dhcp_enabled")),
            subnets=tuple(self._subnets(row)),
            free=self._free(str(row["uuid"])),
            hosts=self._hosts(str(row["uuid"])),
        )

    def _hosts(self, uuid: str) -> frozenset[str]:
        try:
            refs = self.live.row("vimgrnwruntime", uuid).get("host_refs")
        except Unknown:
            return frozenset()
        return frozenset(uuid_of(str(ref)) for ref in refs) if isinstance(refs, list) else frozenset()

    def _free(self, uuid: str) -> int | None:
        try:
            return free_for("vip", self.live.row("network-inventory", uuid))
        except Unknown:
            return None

    @staticmethod
    def _subnets(row: Json) -> Iterator[ConfiguredSubnet]:
        for entry in row.get("configured_subnets") or []:
            net = prefix(entry.get("prefix"))
            if net is None or isinstance(net, str):
                continue
            pools = []
            for each in entry.get("static_ip_ranges") or []:
                if (span := ip_range(each["range"])) is not None:
                    use = str(each.get("type") or VIP_POOLS[0])
                    pools.append(Pool(int(span.begin), int(span.end), use in VIP_POOLS))
            older = (ip_range(each) for each in entry.get("static_ranges") or [])
            pools += [Pool(int(span.begin), int(span.end), for_vips=True) for span in older if span]
            yield ConfiguredSubnet(net, tuple(pools))

    def vrf(self, row: Json) -> Vrf:
        """A VRF context with its routes."""
        attrs = {str(each.get("key")): str(each.get("value") or "") for each in messages(row.get("attrs"))}
        routes = tuple(self._route(each) for each in row.get("static_routes") or [])
        return Vrf(**self._where(row), tier1=attrs.get(TIER1_PATH, ""), routes=routes)

    @staticmethod
    def _route(row: Json) -> Route:
        net = prefix(row.get("prefix"))
        return Route(
            str(row.get("route_id") or ""),
            None if isinstance(net, str) else net,
            str(address(row.get("next_hop")) or ""),
            tuple((str(each.get("key")), str(each.get("value") or "")) for each in row.get("labels") or []),
        )

    def group(self, row: Json) -> SeGroup:
        """A Service Engine group, with what is in it."""
        uuid = str(row["uuid"])
        placed, engines = self._counted()
        return SeGroup(
            **self._where(row),
            labels=tuple(
                (str(each.get("key")), str(each.get("value") or "")) for each in row.get("labels") or []
            ),
            management=uuid_of(str(row.get("mgmt_network_ref") or "")),
            max_engines=int(whole(row.get("max_se", 10))),
            services_per_engine=int(whole(row.get("max_vs_per_se", 10))),
            engines=None if engines is None else engines[uuid],
            placed=None if placed is None else placed[uuid],
        )

    def _counted(self) -> tuple[Counter[str] | None, Counter[str] | None]:
        """Virtual services and Service Engines by their group; children share their parent's place."""
        if self._placed is None:
            self._placed = self._by_group("virtualservice")
            self._engines = self._by_group("serviceengine")
        return self._placed, self._engines

    def _by_group(self, api: str) -> Counter[str] | None:
        try:
            rows = self.live.rows(api)
            return Counter(
                uuid_of(str(row.get("se_group_ref") or ""))
                for row in rows
                if not isinstance(row, Unclear) and row.get("type") != "VS_TYPE_VH_CHILD"
            )
        except Unknown:
            return None

    def profile(self, row: Json) -> Profile:
        """An IPAM or DNS profile."""
        inner = row.get("internal_profile") or {}
        refs = [each.get("nw_ref") for each in inner.get("usable_networks") or []]
        refs += inner.get("usable_network_refs") or []
        return Profile(
            uuid=str(row["uuid"]),
            name=str(row["name"]),
            tenant=self.names.tenant_of(row) or ADMIN,
            type=str(row.get("type") or ""),
            in_vrf=bool(row.get("allocate_ip_in_vrf")),
            usable=tuple(uuid_of(str(ref)) for ref in refs),
            domains=tuple(sorted(str(each["domain_name"]) for each in inner.get("dns_service_domain") or [])),
        )

    def facts_of(
        self, types: Iterable[str], tell: Callable[[Json], str]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        """What is told of objects of these types, by type and name; of those that nothing is told of, nothing."""
        for api in types:
            for row in self.live.snapshot.objects.get(api, ()):
                if not isinstance(row, Unclear) and (text := tell(row)):
                    yield (api, str(row.get("name"))), text

    def of_ako(self, types: Iterable[str]) -> tuple[AkoObject, ...] | Unread:
        """What bears the mark of some AKO, of these types."""
        every: list[AkoObject] = []
        for api in types:
            rows = self.of(api, lambda row, api=api: self._mark(api, row))  # type: ignore[misc]
            if isinstance(rows, Unread):
                return rows
            every += [each for each in rows if each is not None]
        return tuple(every)

    def _mark(self, api: str, row: Json) -> AkoObject | None:
        if isinstance(row, Unclear) or not (creator := creator_of(row)).startswith(CREATOR):
            return None
        return AkoObject(api, str(row["name"]), creator, self.names.tenant_of(row) or ADMIN)

    def account(self, row: Json) -> Account:
        """A user with what its account profile and its roles say."""
        profile = self.names.resolve(row.get("user_profile_ref")) or {}
        sessions = whole(profile.get("max_concurrent_sessions"))
        days = whole(profile.get("credentials_timeout_threshold"))
        return Account(
            name=str(row.get("username") or row["name"]),
            superuser=bool(row.get("is_superuser")),
            rights=self._rights(row),
            sessions=sessions if isinstance(sessions, int) else None,
            password_days=days if isinstance(days, int) else None,
            locked=row.get("is_active") is False,
            profile=str(profile.get("name", "")),
        )

    def _rights(self, row: Json) -> tuple[tuple[str, str, bool], ...] | None:
        rights: list[tuple[str, str, bool]] = []
        for access in messages(row.get("access")):
            role = self.names.resolve(access.get("role_ref"))
            if role is None:
                return None
            tenant = "*" if access.get("all_tenants") else self._name(access.get("tenant_ref"))
            rights += [
                (tenant, str(each.get("resource")), each["type"] == "WRITE_ACCESS")
                for each in messages(role.get("privileges"))
                if each.get("type") in ("READ_ACCESS", "WRITE_ACCESS")
            ]
        return tuple(rights)

    def licence(self) -> str | None:
        """The default licence tier."""
        try:
            rows = self.live.rows("systemconfiguration")
        except Unknown:
            return None
        return str(rows[0].get("default_license_tier") or "") if rows else None

    def certificates(self) -> tuple[Certificate, ...] | Unread:
        """The certificates of the Controller's portal."""
        try:
            refs = [
                ref
                for row in self.live.rows("systemconfiguration")
                for ref in dig(row, "portal_configuration", "sslkeyandcertificate_refs") or []
            ]
            self.live.rows("sslkeyandcertificate")
        except Unknown as why:
            return Unread(str(why))
        rows = [row for ref in refs if (row := self.names.resolve(ref)) is not None]
        return tuple(self._certificate(row) for row in rows)

    @staticmethod
    def _certificate(row: Json) -> Certificate:
        inner = row.get("certificate") or {}
        days = whole(inner.get("days_until_expire"))
        return Certificate(
            str(row["name"]),
            str(dig(inner, "subject", "common_name") or ""),
            tuple(map(str, inner.get("subject_alt_names") or ())),
            days if isinstance(days, int) else None,
            str(inner.get("certificate") or ""),
            inner.get("self_signed") is True,
        )
