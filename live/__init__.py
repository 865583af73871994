"""Actual state: the only folder that speaks to anything live."""
