"""An installation of the wheel and a site, as tests of runs have them."""

from tests.runs.installation import installation, site

__all__ = ["installation", "site"]
