"""Leave links that lead out of the output, in every form."""

import os

os.chdir("/app/output")
for name, target in {
    "link": "/etc/passwd",
    "root": "/",
    "proc": "/proc/self/root",
    "up": "../../../../etc/shadow",
    "self": "self",
    "fd": "/proc/self/fd/0",
    "folder": "/app/input",
    "metadata": "/etc/shadow",
    "scores.json": "/app/input/truth",
}.items():
    os.symlink(target, name)
os.mkdir("in")
os.symlink("/etc", "in/etc")
open("in/good", "w").write("good")
