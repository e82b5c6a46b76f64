"""Which local runtime stands in for the Docker image that a competition names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from podium.rules.errors import Problem, UserError
from podium.runtimes.recipes import shipped_names

DEFAULT_RUNTIME = "science"
_OWN_PREFIX = "podium/"
_LEGACY_IMAGES = "codalab/codalab-legacy:*"


@dataclass(frozen=True)
class Choice:
    """The runtime that programs of `image` run in; `note` is set where the image is one that nobody mapped."""

    image: str
    runtime: str
    note: Problem | None = None


@dataclass(frozen=True)
class ImageRules:
    """How images become runtimes: the administrator's `overrides` (pattern, runtime) first, then the built-in rules.

    A pattern may hold `*` and `?`; the first that fits wins. With `refuse_unknown`, an image that no rule names is
    an error instead of a note.
    """

    overrides: tuple[tuple[str, str], ...] = ()
    refuse_unknown: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ImageRules:
        """Rules from PODIUM_RUNTIME_MAP (`pattern=runtime`, separated by commas or line ends) and
        PODIUM_UNKNOWN_IMAGE (`science`, the default, or `refuse`).

        Raises:
            UserError: a value is not understood (`setting-invalid`).
        """
        unknown = environment.get("PODIUM_UNKNOWN_IMAGE", "").strip() or DEFAULT_RUNTIME
        if unknown not in (DEFAULT_RUNTIME, "refuse"):
            raise UserError(
                "setting-invalid",
                f"PODIUM_UNKNOWN_IMAGE is {unknown!r}.",
                "Set it to 'science' (run unknown images in the science runtime) or 'refuse'.",
            )
        return cls(_overrides(environment.get("PODIUM_RUNTIME_MAP", "")), unknown == "refuse")

    def named_runtime(self, image: str) -> str | None:
        """The runtime that the administrator gave this image, or that its name says; None for images of others, which a
        sandbox that has images runs as they are."""
        name = image.strip()
        for pattern, runtime in self.overrides:
            if fnmatchcase(name, pattern):
                return runtime
        own = name.removeprefix(_OWN_PREFIX)
        return own if name.startswith(_OWN_PREFIX) and own in shipped_names() else None

    def choose(self, image: str) -> Choice:
        """The runtime for `image`.

        Raises:
            UserError: nothing names the image and unknown images are refused (`image-unknown`).
        """
        named = self.named_runtime(image)
        if named is not None:
            return Choice(image, named)
        if fnmatchcase(image.strip(), _LEGACY_IMAGES):
            return Choice(image, "legacy-science")
        if self.refuse_unknown:
            raise UserError(
                "image-unknown",
                f"This server has no runtime for the Docker image {image!r}.",
                "Name 'podium/science' as docker_image, or ask the administrator to map the image to a runtime "
                "with PODIUM_RUNTIME_MAP.",
            )
        return Choice(image, DEFAULT_RUNTIME, _stand_in_note(image))

    def images_of(self, runtime: str) -> list[str]:
        """The patterns of images that this runtime stands in for, those of the administrator first."""
        patterns = [pattern for pattern, name in self.overrides if name == runtime]
        if runtime == "legacy-science":
            patterns.append(_LEGACY_IMAGES)
        if runtime in shipped_names():
            patterns.append(f"{_OWN_PREFIX}{runtime}")
        if runtime == DEFAULT_RUNTIME and not self.refuse_unknown:
            patterns.append("*")
        return patterns


def _stand_in_note(image: str) -> Problem:
    return Problem(
        "image-unknown",
        f"The Docker image {image!r} is not used here: programs run in the runtime {DEFAULT_RUNTIME!r} instead.",
        "If a program misses a package, the administrator can map the image to another runtime "
        "with PODIUM_RUNTIME_MAP.",
        severity="note",
    )


def _overrides(text: str) -> tuple[tuple[str, str], ...]:
    entries = [entry.strip() for line in text.splitlines() for entry in line.split(",")]
    return tuple(_override(entry) for entry in entries if entry)


def _override(entry: str) -> tuple[str, str]:
    # An image reference holds no "=", a path may.
    pattern, separator, runtime = (part.strip() for part in entry.partition("="))
    if not separator or not pattern or not runtime:
        raise UserError(
            "setting-invalid",
            f"PODIUM_RUNTIME_MAP holds {entry!r}, which is not of the form image=runtime.",
            f"The runtimes are {', '.join(shipped_names())}, or the path of a requirements file.",
        )
    if runtime not in shipped_names() and not runtime.endswith(".txt"):
        raise UserError(
            "setting-invalid",
            f"PODIUM_RUNTIME_MAP maps {pattern!r} to {runtime!r}, which is no runtime.",
            f"The runtimes are {', '.join(shipped_names())}, or the path of a requirements file ending in .txt.",
        )
    return pattern, runtime
