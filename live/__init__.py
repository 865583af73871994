"""Actual state: the sessions with the Controller, vCenter, DNS and hosts, and what is read of them, as data."""
