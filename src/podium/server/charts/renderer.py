"""The process that draws: a line of JSON comes, the SVG of that specification goes.

It is a process of its own because what draws needs 100 MB, which it gives back only by ending.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Draw until the input ends. An answer is a line of JSON: `svg`, or `error`."""
    import vl_convert

    for line in sys.stdin:
        try:
            answer = {"svg": vl_convert.vegalite_to_svg(json.loads(line), allowed_base_urls=[])}
        except Exception as error:  # noqa: BLE001 - the edge of the process: whoever asked is told
            answer = {"error": str(error)[:500]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
