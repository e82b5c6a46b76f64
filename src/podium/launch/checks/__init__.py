"""Look at every part of a site that it cannot do without, by using it."""

from podium.launch.checks.check import Check, State
from podium.launch.checks.site import check_site, has_site

__all__ = ["Check", "State", "check_site", "has_site"]
