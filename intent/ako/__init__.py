"""AKO, the Kubernetes operator that this site is prepared for: what it is given, what it tests, and what it says."""

import re

from avi_schema import Version

CREATOR = "ako-"
"""What `created_by` begins with on all that an AKO makes [CLIENT]."""
CLUSTER_LABEL = "clustername"
"""The key of the labels and markers that AKO gives to what is its cluster's, and to objects of others [CLIENT]."""
GATEWAY = "gw-"
"""What stands before the cluster's name where the container of the Gateway API made it [CLIENT]."""
BY_LABEL: Version = (1, 13, 2)
"""The first version that tells its routes by their label [CLIENT]; before, by a pattern in their ids."""


def is_in_id(cluster: str, identifier: str) -> bool:
    """Whether AKO before BY_LABEL takes a route for its own by its id: its cluster's name and a digit, anywhere."""
    return re.search(f"{re.escape(cluster)}-[1-9]", identifier) is not None


def may_name_cluster(name: str) -> bool:
    """Whether a name has the form that AKO asks of a cluster's, the empty one included: with no other it starts."""
    return re.fullmatch(r"[a-zA-Z0-9\-_]*", name) is not None
