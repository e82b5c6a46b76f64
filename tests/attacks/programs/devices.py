"""Make devices, and use those that are there."""

import os
import stat

for folder in ("/app/output", "/tmp", "/dev/shm"):
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        for number in (os.makedev(1, 1), os.makedev(8, 0), os.makedev(254, 0), os.makedev(10, 232)):
            try:
                os.mknod(f"{folder}/device", kind | 0o666, number)
                print("breach: made a device in", folder)
            except OSError:
                pass
print("done")
