"""Find, build and hash the environments programs run in; map image names to them."""

from podium.runtimes.build import built, ensure, location
from podium.runtimes.images import Choice, ImageRules
from podium.runtimes.recipes import Recipe, recipe, shipped_names
from podium.runtimes.runtime import AnyRuntime, ImageRuntime, Runtime

__all__ = [
    "AnyRuntime",
    "Choice",
    "ImageRules",
    "ImageRuntime",
    "Recipe",
    "Runtime",
    "built",
    "ensure",
    "location",
    "recipe",
    "shipped_names",
]
