"""States that a site can start in and parts that are added to one, each built by writes as a client sends them."""

from lab.seeds.bare import bare
from lab.seeds.conforming import conforming
from lab.seeds.drifted import drifted
from lab.seeds.fresh import fresh
from lab.seeds.nsxt import nsxt
from lab.seeds.tenants import tenants
from lab.seeds.vpc import vpc

__all__ = ["bare", "conforming", "drifted", "fresh", "nsxt", "tenants", "vpc"]
