"""From competition.yaml to a typed CompetitionSpec, with every problem named by file, line and column."""

from podium.rules.bundle.reading import BundleReading, read_bundle
from podium.rules.bundle.source import BundleSource, MemberKind

__all__ = ["BundleReading", "BundleSource", "MemberKind", "read_bundle"]
