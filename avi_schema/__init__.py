"""The Controller's object model: its types, messages and members, and how releases changed them.

`load()` reads it; `Schema.referrers` and `Schema.references` say what can refer to what. It holds the vendor's
facts alone, made from a swagger folder by `python -m avi_schema`.
"""

from .factory import FACTORY, factory_objects, privileges
from .model import (
    LOWER_TIERS,
    MISSING,
    ONLY_ONE,
    Field,
    Message,
    ReferringMember,
    Type,
    Version,
    dotted,
    parse_version,
    underscored,
)
from .schema import SCHEMA, Schema, load
