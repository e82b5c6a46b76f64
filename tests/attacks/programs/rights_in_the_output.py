"""Leave programs with rights: setuid, setgid, attributes, lists of rights."""

import os
import shutil

shutil.copyfile(shutil.which("sh") or "/bin/sh", "/app/output/sh")
os.chmod("/app/output/sh", 0o6777)
for name in ("user.x", "security.capability", "trusted.x", "system.posix_acl_access"):
    try:
        os.setxattr("/app/output/sh", name, b"\x01\x00\x00\x02" + bytes(16))
    except OSError:
        pass
os.mkdir("/app/output/sticky")
os.chmod("/app/output/sticky", 0o7777)
open("/app/output/sticky/x", "w").write("x")
os.utime("/app/output/sh", (0, 0))
