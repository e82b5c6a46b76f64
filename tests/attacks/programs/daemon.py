"""Leave a process behind that is nobody's child and has closed everything."""

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for stream in (0, 1, 2):
            os.close(stream)
        while True:
            time.sleep(0.01)
    os._exit(0)
os.wait()
print("left it behind")
