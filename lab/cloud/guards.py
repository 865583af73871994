"""What the Controller refuses because something live would be cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab import hooks
from lab.cloud.common import followed, uuid_of
from lab.objects import Object, Refused

if TYPE_CHECKING:
    from lab.site import Site


@hooks.before("virtualservice")
def keep_group(_site: Site, new: Object, old: Object | None) -> None:
    """Refuse another Service Engine group for an enabled service: disable it first [DOC/INF: text]."""
    if old is None or not old.body.get("enabled", True):
        return
    was, now = (uuid_of(obj.body.get("se_group_ref")) for obj in (old, new))
    if was != now:
        raise Refused(400, f"Cannot change SE group of enabled VirtualService {old.name}. Disable it first.")


@hooks.before("systemconfiguration")
def keep_dns(_site: Site, new: Object, old: Object | None) -> None:
    """Refuse to empty the list of DNS services once it has been set [SCHEMA text; INF: words]."""
    if (
        old is not None
        and old.body.get("dns_virtualservice_refs")
        and not new.body.get("dns_virtualservice_refs")
    ):
        raise Refused(400, "DNS Virtual Services cannot be removed from the system configuration once set")


@hooks.before("systemconfiguration")
def dns_only(site: Site, new: Object, _old: Object | None) -> None:
    """Refuse a listed service that is no DNS service [INF]."""
    for ref in new.body.get("dns_virtualservice_refs", []):
        service = site.store.at(str(ref))
        application = followed(site, service.body, "application_profile_ref") if service else None
        kind = application.body.get("type") if application else None
        if service is not None and kind not in (None, "APPLICATION_PROFILE_TYPE_DNS"):
            raise Refused(400, f"VirtualService {service.name} is not a DNS Virtual Service")


@hooks.before_delete("virtualservice")
def keep_listed(site: Site, obj: Object) -> None:
    """Refuse to delete a service the system's DNS setting lists [INF; words as any delete in use, CLIENT]."""
    config = next(site.store.all("systemconfiguration"), None)
    if config is not None and obj.ref in config.body.get("dns_virtualservice_refs", []):
        error = f"Cannot delete, object is referred by: ['SystemConfiguration {config.uuid}']"
        raise Refused(403, error, body={"error": error, "obj_name": obj.name})
