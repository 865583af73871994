"""Inventory of the simulated vCenter as plain data, read by the Controller's discovery and by the vCenter endpoint."""
