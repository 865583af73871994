"""From drifts to a plan: the remedy of each drift, what it would hit, and the requests in the order of dependency."""
