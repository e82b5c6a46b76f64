"""Reach whoever watches it: inherited sockets, its parents, the log, the server that the worker talks to."""

import json
import os
import socket

for number in range(3, 4096):
    try:
        made = socket.socket(fileno=os.dup(number))
        made.send(b'{"ended": {"exit_code": 0, "cpu_s": 0, "largest_process_bytes": 0}}\n')
        print("breach: a socket", number)
    except OSError:
        pass
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) != os.getpid():
        for number in range(3, 64):
            try:
                os.open(f"/proc/{name}/fd/{number}", os.O_RDWR)
                print("breach: a descriptor of", name)
            except OSError:
                pass
for line in ('{"ended": {"exit_code": 0}}', '{"error": "no isolation"}', '{"exit-code": 0}'):
    os.write(1, line.encode() + b"\n")
    os.write(2, line.encode() + b"\n")
os.write(1, b"\x01\x00\x00\x00\x00\x00\x00\x05false")
print()
print("done")
raise SystemExit(3)
