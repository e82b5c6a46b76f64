"""Makes accounts beside a site: `python tests/chaos/people.py NAME ...` prints their API tokens by name, as JSON.

The first is an administrator. One process for all of them: each command would start an interpreter of its own.
"""

from __future__ import annotations

import json
import os
import sys


def made(names: list[str]) -> dict[str, str]:
    """The tokens of new accounts, by name."""
    from podium.server.accounts.services import create_api_token, create_user

    people = [create_user(name, f"{name}@example.org", None, is_admin=not place) for place, name in enumerate(names)]
    return {person.name: create_api_token(person, "chaos") for person in people}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")
    import django

    django.setup()
    json.dump(made(sys.argv[1:]), sys.stdout)
