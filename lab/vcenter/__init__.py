"""vCenter endpoint of the site: SOAP and REST over HTTPS, on the inventory that the Controller discovers."""

from lab.vcenter.endpoint import Endpoint
from lab.vcenter.server import Handle, application, serve
from lab.vcenter.world import World

__all__ = ["Endpoint", "Handle", "World", "application", "serve"]
