"""States that a site can start in, `fresh`, `conforming` and `drifted`, each built by writes as a client sends them."""

from lab.seeds.conforming import conforming
from lab.seeds.drifted import drifted
from lab.seeds.fresh import fresh

__all__ = ["conforming", "drifted", "fresh"]
