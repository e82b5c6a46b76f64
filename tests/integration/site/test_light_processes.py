"""What the processes of an idle site have loaded: the libraries of science are for the jobs that need them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "scipy", "sklearn", "pandas", "matplotlib"}
# Each starts a process up to where it would serve, in an interpreter of its own.
STARTS = {
    "web": "from podium.server.front.assembly import assemble; assemble()\nfrom django.urls import get_resolver; "
    "get_resolver().url_patterns",
    "jobs": "import threading, django; django.setup()\nfrom podium.server.duties.rounds import make_rounds\n"
    "stop = threading.Event(); stop.set(); make_rounds(stop)",
    "worker": "from podium.worker.__main__ import options_from; from podium.worker.process import WorkerProcess\n"
    "from pathlib import Path\nWorkerProcess(options_from({'PODIUM_WORKER_SERVER': 'http://127.0.0.1:9',"
    " 'PODIUM_WORKER_TOKEN': 't', 'PODIUM_WORKER_FOLDER': FOLDER}))",
    "supervisor": "from podium.launch.site import Site, SiteOptions; from pathlib import Path\n"
    "Site(SiteOptions(Path(FOLDER), port=0))._listener.close()",
}


@pytest.mark.parametrize("process", STARTS)
def test_a_process_starts_without_the_libraries_of_science(process: str, tmp_path: Path) -> None:
    program = f"FOLDER = {str(tmp_path)!r}\n{STARTS[process]}\nimport sys; print(*sorted(sys.modules))"
    environment = {
        **os.environ,
        "PODIUM_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "podium.server.settings",
    }
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    loaded = {name.partition(".")[0] for name in ended.stdout.splitlines()[-1].split()}
    assert "podium" in loaded
    assert loaded & HEAVY == set()
    if process in {"worker", "supervisor"}:
        assert "django" not in loaded
