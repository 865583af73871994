"""Simulated Avi site, the lab: Controller, vCenter and DNS service in one process, reached over its sockets only."""
