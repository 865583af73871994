"""From drifts to a plan, from a plan to ordered writes, and from the writes to their proof; every run can be undone."""
