"""AKO, the Avi Kubernetes Operator, as a client of the lab's Controller: its versions, starts and workloads."""

from lab.ako.actor import STEPS, take_steps

__all__ = ["STEPS", "take_steps"]
