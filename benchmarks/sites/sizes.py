"""How large a site is: the classes of a Controller, and what one of each class holds at most."""

from __future__ import annotations

from dataclasses import dataclass, replace

DOUBLED = ("virtual_services", "service_engines", "networks", "vrfs", "se_groups", "dns_services")


@dataclass(frozen=True)
class Size:
    """How many of each there are; `dns_services` of the virtual services are declared, the others are only there."""

    name: str
    virtual_services: int
    service_engines: int
    networks: int
    vrfs: int
    se_groups: int
    clouds: int
    tenants: int
    dns_services: int

    def doubled(self) -> Size:
        """Twice the site, in as many clouds and tenants."""
        return replace(self, name=f"2x{self.name}", **{part: 2 * getattr(self, part) for part in DOUBLED})


SIZES = {
    size.name: size
    for size in (
        Size("small", 200, 100, 50, 10, 5, 1, 5, 1),
        Size("medium", 1000, 200, 300, 50, 30, 3, 25, 4),
        Size("large", 5000, 400, 2000, 250, 100, 5, 100, 20),
    )
}
