"""Objects by the schema: how a Controller accepts, completes, renders and refuses the bodies of objects.

Pure functions on plain dicts; references stay the strings that the caller put there.
"""

from .render import SENSITIVE, cover, fill, fresh, scrub, secretive, skip_defaults, view, walk_refs
from .sample import minimal
from .validate import Invalid, accept

__all__ = [
    "SENSITIVE",
    "Invalid",
    "accept",
    "cover",
    "fill",
    "fresh",
    "minimal",
    "scrub",
    "secretive",
    "skip_defaults",
    "view",
    "walk_refs",
]
