"""A simulated Avi site: Controller, vCenter and DNS, spoken to over its sockets only."""
