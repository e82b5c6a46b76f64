"""Fill memory that no process has mapped: anonymous files."""

import os

held = []
for _ in range(200):
    held.append(os.memfd_create("x"))
    for _ in range(3):
        os.write(held[-1], bytes(1 << 20))
print("kept")
