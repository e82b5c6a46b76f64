"""The bundles that were made of a competition."""

from __future__ import annotations

from django.db import models

from podium.server.competitions.models import Competition
from podium.server.files.models import DataSet


class Dump(models.Model):
    """A bundle made of a competition. It is a data set of the person who asked for it and goes away with that."""

    competition = models.ForeignKey(Competition, on_delete=models.CASCADE, related_name="dumps")
    data_set = models.OneToOneField(DataSet, on_delete=models.CASCADE, related_name="dump")
