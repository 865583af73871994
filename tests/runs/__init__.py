"""Whole runs of the suite, as a user starts them: pytest in a process of its own, the lab in another."""
