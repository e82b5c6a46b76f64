"""What the programs of a competition run in: a runtime of this machine, or the image where the sandbox has it."""

from __future__ import annotations

from collections.abc import Callable

from podium.runtimes import AnyRuntime, ImageRules, ImageRuntime, ensure
from podium.sandbox.interface import Sandbox, TakesImages


def runtime_for(image: str, rules: ImageRules, sandbox: Sandbox, progress: Callable[[str], None]) -> AnyRuntime:
    """The runtime for the image that a competition names, built or fetched where that is needed and allowed.

    Raises:
        UserError: there is none (`runtime-unavailable`, `image-unknown`).
    """
    named = rules.named_runtime(image)
    if named is None and isinstance(sandbox, TakesImages):
        return ImageRuntime(image, sandbox.image_id(image))
    choice = rules.choose(image)
    if choice.note is not None:
        progress(f"note: {choice.note}")
    return ensure(choice.runtime, progress)
