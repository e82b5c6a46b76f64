"""Checks of a bundle beyond its YAML: what its programs, archives and files would do in a run."""

from podium.rules.bundle.checks.checking import check_bundle
from podium.rules.bundle.checks.contents import Contents

__all__ = ["Contents", "check_bundle"]
