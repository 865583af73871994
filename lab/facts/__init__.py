"""What is known of the Controller's object model: types, fields, defaults, and how versions changed them.

The table (table.json) is generated from an Avi swagger folder and our history.json, see
`python -m lab.facts --help`. Everything here is a pure function on plain dicts; references stay the strings
the caller put there.
"""

from .migrate import RULES
from .render import SENSITIVE, fill, fresh, scrub, secretive, skip_defaults, view, walk_refs
from .sample import minimal
from .table import MISSING, Facts, Field, Message, Type
from .validate import Invalid, accept
from .version import Version, dotted, parse_version, underscored

__all__ = [
    "MISSING",
    "RULES",
    "SENSITIVE",
    "Facts",
    "Field",
    "Invalid",
    "Message",
    "Type",
    "Version",
    "accept",
    "dotted",
    "fill",
    "fresh",
    "minimal",
    "parse_version",
    "scrub",
    "secretive",
    "skip_defaults",
    "underscored",
    "view",
    "walk_refs",
]
