"""The site's vCenter as its clients meet it: SOAP over HTTPS, on the inventory the simulated Controller discovers."""

from lab.vcenter.endpoint import Endpoint
from lab.vcenter.server import Handle, application, serve
from lab.vcenter.world import World

__all__ = ["Endpoint", "Handle", "World", "application", "serve"]
