"""Several environments in one go, each checked by a process of its own: `python -m fleet`."""
