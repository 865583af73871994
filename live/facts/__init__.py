"""Facts computed from what was read: states of operation, usage of addresses, isolation of VRF contexts, placement."""
