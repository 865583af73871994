"""vCenter: session, inventory read in bulk and decoded, and the writes that remedies need."""
