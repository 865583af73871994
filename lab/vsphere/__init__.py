"""The site's vCenter as its clients meet it: SOAP over HTTPS, on the inventory the simulated Controller discovers."""

from lab.vsphere.endpoint import Endpoint
from lab.vsphere.server import Handle, application, serve
from lab.vsphere.world import World

__all__ = ["Endpoint", "Handle", "World", "application", "serve"]
