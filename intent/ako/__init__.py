"""AKO, the Kubernetes operator that this site is prepared for: what it is given, what it tests, and what it says."""
