"""Uses what a run may use, and minds its own business: it must find its slot as good as new."""

import os
import sys
import time

# An interpreter below /tmp is shown there.
assert [name for name in os.listdir("/tmp") if not sys.base_prefix.startswith(f"/tmp/{name}/")] == [], os.listdir(
    "/tmp"
)
assert os.listdir("/app/output") == [], os.listdir("/app/output")
assert os.listdir("/dev/shm") == [], os.listdir("/dev/shm")
for folder in ("/tmp", "/dev/shm", "/app/output"):
    with open(f"{folder}/{'x' * 100}", "wb") as file:
        file.write(bytes(3 << 20))
held = bytearray(120 << 20)
children = []
for _ in range(16):
    child = os.fork()
    if child == 0:
        time.sleep(60)
    children.append(child)
for child in children:
    os.kill(child, 9)
    os.waitpid(child, 0)
print("unharmed")
