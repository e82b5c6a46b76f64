"""What an administrator may set, read from PODIUM_* environment variables; a mistake stops the start with its name."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from podium.rules.errors import UserError
from podium.rules.limits import limits_of_line
from podium.rules.unsandboxed import PERMISSION, UNSANDBOXED, VARIABLE


class Configuration(BaseSettings):
    """One field for each variable: `data` is PODIUM_DATA. Sizes in bytes, durations in seconds."""

    model_config = SettingsConfigDict(env_prefix="PODIUM_", extra="ignore")

    data: Path = Path("podium-data")
    """The one folder that holds everything: database, blobs, keys."""
    database_url: str = ""
    """Where the database is; empty means SQLite in the data folder."""
    url: str = "http://127.0.0.1:8000"
    """The address that browsers and workers reach this site under."""
    allowed_hosts: str = ""
    """Further host names, separated by commas; the host of `url` and the loopback names are always allowed."""
    secret_key: str = ""
    """Signs sessions and links; empty means a key kept in the data folder."""
    sign_up: Literal["open", "closed"] = "open"
    max_upload_bytes: int = Field(default=20 << 30, gt=0)
    max_submission_bytes: int = Field(default=1 << 30, gt=0)
    disk_floor_bytes: int = Field(default=1 << 30, ge=0)
    """Uploads are refused while less than this is free."""
    unknown_image: Literal["science", "refuse"] = "science"
    time_limit_s: int = Field(default=3600, gt=0)
    """No step may run longer, whatever a bundle says."""
    max_limits: str = ""
    """The most that programs may use, such as `memory=16 GiB, cpus=8`; what is not named is as it comes."""
    runs_per_person: int = Field(default=0, ge=0)
    """How many runs of one person a queue that says nothing else works on at a time; 0 means any number."""
    keep_submissions_days: int = Field(default=0, ge=0)
    """How long the files that people sent are kept after their end; 0 means for ever."""
    keep_outputs_days: int = Field(default=0, ge=0)
    """How long the results of runs are kept, so."""
    keep_logs_days: int = Field(default=0, ge=0)
    """How long logs are kept, so."""
    open_modelboards: bool = False
    """Whether whoever sends no key may add datasets and results, which are marked as unverified."""
    modelboard_writes_per_minute: int = Field(default=300, gt=0)
    modelboard_file_bytes: int = Field(default=200 << 20, gt=0)
    """How large a file of references or predictions may be."""
    scoring_memory_bytes: int = Field(default=1_500_000_000, gt=0)
    """What the process that scores predictions may use."""
    scoring_time_s: int = Field(default=300, gt=0)
    """How long it may take for one file."""
    cors_origins: str = ""
    """Origins whose pages may ask the routes of model boards, separated by commas; `*` for all."""
    email_host: str = ""
    email_port: int = 25
    email_user: str = ""
    email_password: str = ""
    email_from: str = "podium@localhost"
    trusted_proxies: str = "127.0.0.1"
    allow_unsandboxed: str = ""
    sandbox: Literal["bubblewrap", "docker", "none"] = "bubblewrap"
    """The back end of the site's own worker. It stands below what its check looks at."""

    @field_validator("sandbox")
    @classmethod
    def _none_is_wanted_in_words(cls, sandbox: str, settings: ValidationInfo) -> str:
        if sandbox != UNSANDBOXED:
            return sandbox
        if settings.data.get("allow_unsandboxed") != PERMISSION:
            message = f"programs without a sandbox can do all that the worker can; say so by {VARIABLE}={PERMISSION}."
            raise ValueError(message)
        if settings.data.get("sign_up") == "open":
            message = "programs of strangers need a sandbox; set PODIUM_SIGN_UP=closed to run some without."
            raise ValueError(message)
        return sandbox

    @field_validator("max_limits")
    @classmethod
    def _limits_make_sense(cls, line: str) -> str:
        try:
            limits_of_line(line)
        except UserError as error:
            message = f"{error.message} {error.hint}"
            raise ValueError(message) from error
        return line

    @field_validator("url")
    @classmethod
    def _url_is_an_origin(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = "PODIUM_URL must look like https://podium.example.org, with the scheme and the host."
            raise ValueError(message)
        return url.rstrip("/")

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_origins(cls, line: str) -> str:
        for origin in _listed(line):
            parts = urlsplit(origin)
            if origin != "*" and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
                message = f"{origin} is no origin. Write https://example.org, with the scheme and without a path, or *."
                raise ValueError(message)
        return line

    @property
    def cors_origin_list(self) -> list[str]:
        """The origins whose pages may ask the routes of model boards; `*` among them for all."""
        return _listed(self.cors_origins)

    @property
    def data_folder(self) -> Path:
        """The data folder as an absolute path."""
        return self.data.expanduser().resolve()

    @property
    def effective_database_url(self) -> str:
        """`database_url`, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_folder / 'podium.sqlite3'}"

    @property
    def limit_maxima(self) -> dict[str, float]:
        """The most that a program may use of each limit that the administrator named, by name."""
        return limits_of_line(self.max_limits)

    @property
    def hosts(self) -> list[str]:
        """Every host name that requests may carry."""
        return sorted(
            {*_listed(self.allowed_hosts), str(urlsplit(self.url).hostname), "localhost", "127.0.0.1", "[::1]"}
        )

    @property
    def secure(self) -> bool:
        """Whether browsers reach the site over TLS."""
        return self.url.startswith("https://")


def _listed(line: str) -> list[str]:
    return [part.strip() for part in line.split(",") if part.strip()]


@cache
def configuration() -> Configuration:
    """The configuration of this process, read once.

    Raises:
        UserError: a setting makes no sense.
    """
    try:
        return Configuration()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = f"PODIUM_{first['loc'][0]}".upper() if first["loc"] else "A setting"
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise UserError("setting-invalid", f"{name} makes no sense: {said}.", "Correct it, or unset it.") from error


def signing_key(chosen: Configuration) -> str:
    """The key that signs sessions and links.

    Without a data folder (type checks, `--help`) it is made up and forgotten: nothing signed outlives the process.
    """
    if chosen.secret_key:
        return chosen.secret_key
    kept = chosen.data_folder / "secret.key"
    if kept.is_file():
        return kept.read_text(encoding="ascii").strip()
    return secrets.token_urlsafe(48)


def make_data_folder(chosen: Configuration) -> None:
    """Create the data folder and its signing key where they are missing; nobody else may read them.

    Raises:
        UserError: that is not possible there.
    """
    try:
        _make_data_folder(chosen.data_folder)
    except OSError as error:
        raise UserError(
            "data-folder",
            f"{chosen.data_folder} cannot be the data folder: {error.strerror or error}.",
            "Name another with --data or PODIUM_DATA, or make this one writable.",
        ) from error


def _make_data_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("blobs", "spool", "static"):
        (folder / name).mkdir(exist_ok=True, mode=0o700)
    try:
        handle = os.open(folder / "secret.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
