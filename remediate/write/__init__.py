"""Writes: carrying out a plan and undoing it, one write at a time, each in the journal before it is sent."""
