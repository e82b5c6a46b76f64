"""Take it in eight children, and end well whatever becomes of them."""

import os
import time

for _ in range(8):
    if os.fork() == 0:
        held = bytearray(64 << 20)
        time.sleep(5)
        os._exit(0)
for _ in range(8):
    os.wait()
