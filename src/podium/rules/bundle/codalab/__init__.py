"""Bundles of CodaLab (versions 1, 1.5 and 1.8), read into the same CompetitionSpec as those of version 2."""

from podium.rules.bundle.codalab.competition import read_codalab_competition

__all__ = ["read_codalab_competition"]
