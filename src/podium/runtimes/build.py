"""Build a runtime once, when it is first needed, in a folder of its own."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from platformdirs import user_cache_path
from uv import find_uv_bin

from podium.rules.errors import UserError
from podium.runtimes.interpreters import Interpreter, find_interpreter
from podium.runtimes.recipes import Recipe, recipe
from podium.runtimes.runtime import Runtime, inside

Progress = Callable[[str], None]

_LAYOUT = "1"
"""Changes when a folder built by an earlier version of Podium no longer fits this one."""
_MANIFEST = "podium-runtime.json"
_BUILD_TIMEOUT_S = 3600
_OWN_ENVIRONMENT = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON")


def _say_nothing(line: str) -> None:
    del line


def location() -> Path:
    """The folder that holds all runtimes: PODIUM_RUNTIMES, or `podium/runtimes` in the user's cache folder."""
    chosen = os.environ.get("PODIUM_RUNTIMES", "").strip()
    return Path(chosen).absolute() if chosen else user_cache_path("podium") / "runtimes"


def built(runtime: str, *, where: Path | None = None) -> Runtime | None:
    """The runtime if it is built already, else None. `runtime` as in `podium.runtimes.recipe`."""
    ingredients = recipe(runtime)
    interpreter = find_interpreter(ingredients.minors)
    if interpreter is None:
        return None
    wanted = _planned(ingredients, interpreter, where or location())
    return wanted if (wanted.folder / _MANIFEST).is_file() else None


def ensure(runtime: str, progress: Progress = _say_nothing, *, where: Path | None = None) -> Runtime:
    """The runtime, built first if it is not there yet; two processes at once build it once.

    `progress` is called with lines for people, only where something takes time.

    Raises:
        UserError: no such runtime, or it cannot be built here (`runtime-unavailable`); the hint is a line to type.
    """
    ingredients = recipe(runtime)
    interpreter = find_interpreter(ingredients.minors)
    if interpreter is None:
        raise _no_interpreter(ingredients)
    home = where or location()
    wanted = _planned(ingredients, interpreter, home)
    if (wanted.folder / _MANIFEST).is_file():
        return wanted
    try:
        with _alone(home, wanted, progress):
            if not (wanted.folder / _MANIFEST).is_file():
                _build(ingredients, interpreter, wanted, progress)
    except OSError as error:
        raise UserError(
            "runtime-unavailable",
            f"The runtime {ingredients.name!r} cannot be built in {home}: {error.strerror or error}.",
            "Make room or set PODIUM_RUNTIMES to a folder that can be written.",
        ) from error
    return wanted


def _planned(ingredients: Recipe, interpreter: Interpreter, home: Path) -> Runtime:
    made_from = f"cpython {interpreter.version} {interpreter.machine}\n{ingredients.essence}"
    digest = hashlib.sha256(made_from.encode()).hexdigest()
    here = hashlib.sha256(f"{_LAYOUT}\n{digest}\n{interpreter.executable}".encode()).hexdigest()
    return Runtime(
        name=ingredients.name,
        folder=home / f"{ingredients.name}-{here[:16]}",
        digest=digest,
        interpreter=interpreter.executable,
        python_version=interpreter.version,
        prefix=interpreter.prefix,
        shared_library=interpreter.shared,
    )


@contextmanager
def _alone(home: Path, wanted: Runtime, progress: Progress) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / f".{wanted.folder.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"Another process is building the runtime {wanted.name}; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(ingredients: Recipe, interpreter: Interpreter, wanted: Runtime, progress: Progress) -> None:
    started = monotonic()
    progress(f"Building the runtime {wanted.name} with Python {wanted.python_version}; this happens once.")
    draft = wanted.folder.with_name(f".{wanted.folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)  # what a killed build left behind
    draft.mkdir()
    draft.chmod(0o755)
    try:
        _fill(draft, ingredients, interpreter)
        _move_inside(draft, interpreter)
        manifest = {
            "name": wanted.name,
            "digest": wanted.digest,
            "python": wanted.python_version,
            "interpreter": str(wanted.interpreter),
        }
        _write(draft / _MANIFEST, json.dumps(manifest, indent=2) + "\n")
        draft.rename(wanted.folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    progress(f"Built the runtime {wanted.name} in {monotonic() - started:.0f} s.")


def _fill(draft: Path, ingredients: Recipe, interpreter: Interpreter) -> None:
    """Make the virtual environment and install the packages, by uv, into `draft`."""
    uv = find_uv_bin()
    environment = draft / "environment"
    _uv(ingredients, draft, [uv, "venv", "--relocatable", "--python", str(interpreter.executable), str(environment)])
    wishes = draft / "requirements.txt"
    _write(wishes, ingredients.requirements)
    if ingredients.essence:
        command = [uv, "pip", "install", "--compile-bytecode", "--python", str(environment / "bin" / "python")]
        command += ["--require-hashes"] if ingredients.hashed else []
        _uv(ingredients, draft, [*command, "--requirements", str(wishes)])
    for entry in environment.iterdir():
        entry.rename(draft / entry.name)
    environment.rmdir()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _move_inside(draft: Path, interpreter: Interpreter) -> None:
    """Point the environment at the place where programs find the interpreter, which need not be its place here."""
    real = inside(interpreter.executable, interpreter.prefix)
    python = draft / "bin" / "python"
    python.unlink()
    python.symlink_to(real)
    settings = draft / "pyvenv.cfg"
    home = re.sub(r"(?m)^home\s*=.*$", lambda _: f"home = {Path(real).parent}", settings.read_text(encoding="utf-8"))
    settings.write_text(home, encoding="utf-8")


def _uv(ingredients: Recipe, folder: Path, command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in _OWN_ENVIRONMENT}
    environment |= {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    try:
        ended = subprocess.run(  # noqa: S603
            command,
            cwd=folder,  # a project file of the folder we were called in must not be read
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_BUILD_TIMEOUT_S,
            umask=0o022,  # programs run under another user and must be able to read it
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _not_built(ingredients, f"it took over {_BUILD_TIMEOUT_S} seconds") from error
    if ended.returncode:
        lines = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
        raise _not_built(ingredients, " ".join(lines[-6:])[-800:] or f"uv ended with code {ended.returncode}")


def _not_built(ingredients: Recipe, reason: str) -> UserError:
    return UserError(
        "runtime-unavailable",
        f"The runtime {ingredients.name!r} could not be built: {reason.rstrip('.')}.",
        f"Check the connection to the package index, then type: podium runtime build {ingredients.name}",
    )


def _no_interpreter(ingredients: Recipe) -> UserError:
    versions = [f"3.{minor}" for minor in ingredients.minors]
    return UserError(
        "runtime-unavailable",
        f"The runtime {ingredients.name!r} needs CPython {' or '.join(versions)}, which is not on this machine.",
        f"Type: {find_uv_bin()} python install {versions[0]}",
    )
