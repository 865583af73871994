"""AKO, the Kubernetes operator that this site is prepared for: what it is given, what it tests, and what it says."""

CREATOR = "ako-"
"""What `created_by` begins with on all that an AKO makes [CLIENT]."""
CLUSTER_LABEL = "clustername"
"""The key of the labels and markers that AKO gives to what is its cluster's, and to objects of others [CLIENT]."""
