"""Leave what blocks or harms a reader: pipes, sockets, folders that cannot be entered."""

import os
import socket

os.chdir("/app/output")
os.mkfifo("pipe")
os.mkfifo("metadata")
socket.socket(socket.AF_UNIX).bind("socket")
os.mkdir("closed")
open("closed/inside", "w").write("x")
os.mkdir("in")
os.mkfifo("in/scores.json")
open("good", "w").write("good")
os.chmod("good", 0)
os.chmod("closed", 0)
