"""Zips and folders from strangers, read safely; zips written so that equal content gives equal bytes."""

from podium.blobs.archives.extracting import Extracted, extract_archive
from podium.blobs.archives.limits import BUNDLE_LIMITS, PREDICTION_LIMITS, SUBMISSION_LIMITS, ArchiveLimits
from podium.blobs.archives.nested import NestedContents
from podium.blobs.archives.packing import ByteSink, pack_folder, pack_member
from podium.blobs.archives.sources import FolderSource, MemberSource, ZipSource, open_source

__all__ = [
    "BUNDLE_LIMITS",
    "PREDICTION_LIMITS",
    "SUBMISSION_LIMITS",
    "ArchiveLimits",
    "ByteSink",
    "Extracted",
    "FolderSource",
    "MemberSource",
    "NestedContents",
    "ZipSource",
    "extract_archive",
    "open_source",
    "pack_folder",
    "pack_member",
]
