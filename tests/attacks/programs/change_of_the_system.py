"""Write to every folder of the system that is seen."""

import os

tried = 0
for top in ("/", "/usr", "/etc", "/bin", "/lib", "/opt", "/dev", "/app", "/proc", os.path.dirname(os.__file__)):
    for folder, folders, names in os.walk(top):
        if folder.count("/") > 4 or folder.startswith(
            ("/proc/", "/tmp", "/dev/shm", "/dev/mqueue", "/dev/pts", "/app/output")
        ):
            folders.clear()
            continue
        tried += 1
        try:
            open(folder + "/attack", "w")
            print("breach: wrote to", folder)
        except OSError:
            pass
        for name in names[:3]:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                for change in (lambda: open(path, "ab"), lambda: os.chmod(path, 0o777), lambda: os.unlink(path)):
                    try:
                        change()
                        print("breach: changed", path)
                    except OSError:
                        pass
print("done", tried > 10)
