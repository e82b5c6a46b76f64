"""Content-addressed storage of immutable files, and safe reading and writing of archives."""

from podium.blobs.local import LocalBlobStore
from podium.blobs.store import Blob, BlobStore, BlobWriter

__all__ = ["Blob", "BlobStore", "BlobWriter", "LocalBlobStore"]
