"""The datacenter of the simulated site: what stands in vCenter, read by discovery and by the vCenter endpoint alike."""
