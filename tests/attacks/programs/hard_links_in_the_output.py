"""Leave second names of files: of inputs, of the system, of its own."""

import os

os.chdir("/app/output")
for source in ("/app/input/truth", "/etc/passwd", "/usr/bin/env", "/proc/self/environ", "/dev/null"):
    try:
        os.link(source, "link-" + os.path.basename(source))
        print("breach: linked", source)
    except OSError:
        pass
open("twice", "w").write("x")
os.link("twice", "again")
open("good", "w").write("good")
