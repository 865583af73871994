"""Holes in AKO's own validation: every one that is known, looked for in one AKO on one site."""

from intent.ako import gateway_holes, network_holes, resource_holes, site_holes  # noqa: F401 -- each registers its own
from intent.ako.case import HOLES, AkoCase, Node, OtherCluster, applicable_holes, look, types_needed

__all__ = ["HOLES", "AkoCase", "Node", "OtherCluster", "applicable_holes", "look", "types_needed"]
