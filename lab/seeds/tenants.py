"""Part `tenants`: tenants blue and green beside admin, with objects of their own under names that admin uses too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.seeds.bare import service
from lab.seeds.conforming import settle
from lab.seeds.writing import change, create, default_cloud, named, subnet

if TYPE_CHECKING:
    from lab.objects import Json, Object
    from lab.site import Site

TENANTS: dict[str, Json] = {
    # Service Engines and VRF contexts of its own
    "blue": {"se_in_provider_context": False, "tenant_vrf": True, "tenant_access_to_provider_se": False},
    # those of the provider
    "green": {"se_in_provider_context": True, "tenant_vrf": False, "tenant_access_to_provider_se": True},
}
NETWORKS = {"blue": ("DEV_WEB_3101", "10.61.1"), "green": ("DEV_WEB_3102", "10.61.2")}
"""The port group that each tenant has in its VRF context, and its subnet; discovered networks stay tenant admin's."""
PASSWORD = "avi-lab-tenant"  # noqa: S105 -- the lab's own


def tenants(site: Site) -> None:
    """Make the tenants, their users, and in each a VRF context, a Service Engine group and a service."""
    cloud = default_cloud(site)
    for name, settings in TENANTS.items():
        tenant = create(site, "tenant", name=name, local=True, config_settings=settings)
        _user(site, f"{name}-operator", "Tenant-Admin", tenant)
        _tenant(site, cloud, tenant)
    settle(site)


def _user(site: Site, name: str, role: str, tenant: Object) -> None:
    access = {"role_ref": f"/api/role/?name={role}", "tenant_ref": tenant.ref, "all_tenants": False}
    create(
        site,
        "user",
        name=name,
        username=name,
        password=PASSWORD,
        is_superuser=False,
        local=True,
        default_tenant_ref=tenant.ref,
        access=[access],
    )


def _tenant(site: Site, cloud: Object, tenant: Object) -> None:
    own = {"cloud_ref": cloud.ref, "tenant_ref": tenant.ref}
    vrf = create(site, "vrfcontext", name=f"vrf-{tenant.name}", **own)
    # The name of a VRF context and of a group that the blog's environment has in tenant admin.
    create(site, "vrfcontext", name="VRF_AZ2", **own)
    create(site, "serviceenginegroup", name="DNS-SE-Group", se_name_prefix=tenant.name, **own)
    group = create(
        site, "serviceenginegroup", name=f"seg-{tenant.name}", se_name_prefix=tenant.name, buffer_se=0, **own
    )
    group_name, net = NETWORKS[tenant.name]
    pool = subnet(f"{net}.0/24", f"{net}.100", f"{net}.119")
    front = change(
        site,
        named(site, "network", group_name),
        vrf_context_ref=vrf.ref,
        dhcp_enabled=False,
        configured_subnets=[pool],
    )
    if "ipam_provider_ref" in cloud.body:
        service(site, cloud, vrf, group, front, f"{net}.50", tenant.uuid)
