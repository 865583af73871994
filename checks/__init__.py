"""The rules: what must hold of every declared object."""
