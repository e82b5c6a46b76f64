"""Take more memory than there is, in one process."""

import time

held = bytearray(400 << 20)
time.sleep(5)
print("kept")
