"""Nest folders deeper than a path is long, than files may be open, and than a reader recurses; and close some of them."""

import os

for top in ("/app/output", "/tmp"):
    os.chdir(top)
    open("good", "w").write("good")
    for number in range(2500):
        try:
            os.mkdir("d")
        except OSError:
            break
        os.chdir("d")
    print(top, number)
    if top == "/app/output":
        os.chmod("/app/output/d/d/d", 0)
