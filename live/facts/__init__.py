"""Facts that are read out of inventories: runtime states, isolation of VRF contexts, and what is placed where."""
