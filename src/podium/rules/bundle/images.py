"""The names of images, which stand for the environments that programs run in."""

from __future__ import annotations

import re

from podium.rules.bundle.section import Section

_IMAGE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*", re.ASCII)


def read_image_name(section: Section, key: str) -> str:
    """The name of an image, or the default of the key."""
    image = section.text(key)
    if "://" in image:
        message = (
            f'{section.named(key)} is "{image[:60]}", which is an address on the web and not the name of an image.'
        )
        section.findings.error("image-name", message, section.mark(key), "Write it like python:3.11.")
        return image
    if not _IMAGE_NAME.fullmatch(image):
        message = f'{section.named(key)} is "{image[:60]}", which cannot be the name of an image.'
        section.findings.error("image-name", message, section.mark(key), "Write it like python:3.11.")
    return image
