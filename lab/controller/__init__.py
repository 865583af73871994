"""REST API of the simulated Controller, as a function from requests to answers."""

from lab.controller.core import Controller
from lab.controller.messages import Request, Response

__all__ = ["Controller", "Request", "Response"]
