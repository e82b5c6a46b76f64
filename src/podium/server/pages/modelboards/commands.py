"""What a person types to do the same as a form of a page: by curl, by Python, by the command line.

Everything that is shown of this stands here; a test gives it to the programs that it is meant for.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_KEY = '-H "X-API-Key: $PODIUM_TOKEN"'
_LINE = " \\\n  "


@dataclass(frozen=True)
class Call:
    """One request to the API: `fields` are its JSON, or with `files` (name of the file by name of the field) the other
    fields of a form."""

    path: str
    fields: Mapping[str, Any]
    files: Mapping[str, str]

    @property
    def text(self) -> str:
        """The request as it is sent, without its head."""
        if not self.files:
            return f"POST {self.path}\n{json.dumps(self.fields, indent=2, ensure_ascii=False)}"
        lines = [f"{name}={value}" for name, value in self.fields.items()]
        lines += [f"{name}=@{file}" for name, file in self.files.items()]
        return "\n".join([f"POST {self.path}", "multipart/form-data", *lines])

    def curl(self, server: str, *, keyless: bool) -> str:
        """The same for curl."""
        parts = [f"curl -X POST {shlex.quote(server + self.path)}", *([] if keyless else [_KEY])]
        if self.files:
            # Where a value begins with @ or <, -F would read a file of that name.
            parts += [f"--form-string {shlex.quote(f'{name}={value}')}" for name, value in self.fields.items()]
            parts += [f"-F {shlex.quote(f'{name}=@{_curl_file(file)}')}" for name, file in self.files.items()]
        else:
            parts += ['-H "Content-Type: application/json"', f"-d {shlex.quote(json.dumps(self.fields))}"]
        return _LINE.join(parts)


@dataclass(frozen=True)
class Commands:
    """The same in three languages; one that cannot do it is empty. Of `keyless` ones none sends an API token, for
    visitors of a site that needs none."""

    requests: str
    curl: str
    python: str
    cli: str
    keyless: bool


def to_add_dataset(
    server: str, fields: Mapping[str, Any], references: str = "", inputs: str = "", *, keyless: bool = False
) -> Commands:
    """Adding a dataset, perhaps with files of references and inputs, by their names."""
    calls = [Call("/api/leaderboard/add_dataset", fields, {})]
    name, lower = str(fields["name"]), _lower(fields)
    named = {
        "url": fields.get("url"),
        "description": fields.get("description"),
        "metric": fields.get("evaluation_metric"),
    }
    python = [_python("add_dataset", [name, fields["task_type"]], {**named, "lower_is_better": lower})]
    if references:
        files = {"references": references, **({"inputs": inputs} if inputs else {})}
        calls.append(Call("/api/leaderboard/put_references", {"dataset_name": name}, files))
        more = f", inputs=Path({inputs!r})" if inputs else ""
        python.append(f"client.boards.put_references({name!r}, Path({references!r}){more})")
    direction = {None: [], True: ["--lower-is-better"], False: ["--higher-is-better"]}[lower]
    options = {"task-type": fields["task_type"], **named, "references": references, "inputs": inputs}
    return _commands(server, calls, python, _cli("add-dataset", [name], options, direction), keyless=keyless)


def to_declare(server: str, fields: Mapping[str, Any], *, keyless: bool = False) -> Commands:
    """Declaring a result."""
    call = Call("/api/leaderboard/add_model", fields, {})
    said = {name: fields.get(name) for name in ("updated", "submitted_by", "source")}
    place = [str(fields["dataset_name"]), str(fields["model"])]
    ci = fields.get("ci")
    python = _python("add_model", [*place, fields["score"]], {"ci": tuple(ci) if ci else None, **said})
    bounds = ["--ci", *(repr(bound) for bound in ci)] if ci else []
    options = {name.replace("_", "-"): value for name, value in said.items()}
    cli = "" if fields["score"] is None else _cli("add-model", [*place, repr(fields["score"])], options, bounds)
    return _commands(server, [call], [python], cli, keyless=keyless)


def to_submit(server: str, fields: Mapping[str, str], file: str, *, keyless: bool = False) -> Commands:
    """Sending predictions, from a file of this name."""
    call = Call("/api/leaderboard/submit_predictions", fields, {"file": file})
    said = {name: fields.get(name) for name in ("submitted_by", "source")}
    place = [fields["dataset_name"], fields["model"]]
    words = ", ".join([*(repr(each) for each in place), f"Path({file!r})", *_keywords(said)])
    cli = _cli("submit", [*place, file], {name.replace("_", "-"): value for name, value in said.items()}, [])
    return _commands(server, [call], [f"client.boards.submit({words})"], cli, keyless=keyless)


def _commands(server: str, calls: Sequence[Call], python: Sequence[str], cli: str, *, keyless: bool) -> Commands:
    files = any(call.files for call in calls)
    used = [*([] if keyless else ["import os\n"]), *(["from pathlib import Path\n"] if files else [])]
    imports = "".join([*used, "\n"]) if used else ""
    token = '""' if keyless else 'os.environ["PODIUM_TOKEN"]'
    body = "\n".join(f"    print({line})" for line in python)
    return Commands(
        requests="\n\n".join(call.text for call in calls),
        curl="\n".join(call.curl(server, keyless=keyless) for call in calls),
        python=f"{imports}from podium.sdk.client import PodiumClient\n\n"
        f"with PodiumClient({server!r}, {token}) as client:\n{body}",
        # The command line asks for a token before it asks the site.
        cli=f"export PODIUM_SERVER={shlex.quote(server)}\n{cli}" if cli and not keyless else "",
        keyless=keyless,
    )


def _python(verb: str, places: Sequence[object], named: Mapping[str, object]) -> str:
    words = [*(repr(each) for each in places), *_keywords(named)]
    return f"client.boards.{verb}({', '.join(words)})"


def _keywords(named: Mapping[str, object]) -> list[str]:
    return [f"{name}={value!r}" for name, value in named.items() if value not in (None, "")]


def _cli(verb: str, places: Sequence[str], options: Mapping[str, object], more: Sequence[str]) -> str:
    words = ["podium", "board", verb]
    # One word each: what begins with a hyphen would be taken for an option.
    words += [f"--{name}={value}" for name, value in options.items() if value not in (None, "")]
    words += more
    words += ["--"] if any(each.startswith("-") for each in places) else []
    return shlex.join([*words, *places])


def _lower(fields: Mapping[str, Any]) -> bool | None:
    return {"asc": True, "desc": False}.get(fields.get("metric_direction", ""))


def _curl_file(name: str) -> str:
    """A name of a file with no letter that curl takes for the end of it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if set(name) & set(',;"') else name
