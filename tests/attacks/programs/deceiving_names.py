"""Leave files whose names deceive a reader, a shell, a terminal or another system."""

import os

os.chdir("/app/output")
for name in (
    "-rf",
    "--help",
    ".hidden",
    "..hidden",
    "new\nline",
    "return\rover",
    "esc\x1b[2J",
    "title\x1b]0;mine\x07",
    "rtl\u202etxt.exe",
    "zero\u200bwidth",
    "back\\slash",
    "C:drive",
    b"\xff\xfe",
    b"half\xc3",
    " space",
    "space ",
    "dot.",
    "tab\tbed",
    "nul\x7f",
    "line\u2028separator",
    "x" * 200,
    "\U000e0041tag",
    "\x9b2J",
):
    open(name, "w").close()
os.makedirs("/".join("d" * 60))
open("/".join("d" * 60) + "/deep", "w").close()
os.makedirs("in/side")
open("in/side/fine", "w").write("fine")
open("good.txt", "w").write("good")
