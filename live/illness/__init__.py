"""Illness of a site at runtime: what does not serve, why, and what lies beneath it."""
