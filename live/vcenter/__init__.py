"""vCenter: the session, the inventory read in bulk, and the two writes that remedies need."""
