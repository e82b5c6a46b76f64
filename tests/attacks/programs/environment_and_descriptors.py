"""Read the variables and open files that the worker may have left."""

import os

for name, value in os.environ.items():
    if name.startswith("PODIUM") or any(word in name for word in ("TOKEN", "SECRET", "PASSWORD", "KEY", "DATABASE")):
        print("breach: variable", name)
    if "://" in value or "secret" in value.lower():
        print("breach: value", name)


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


if [number for number in range(3, 4096) if is_open(number)]:
    print("breach: open files")
if os.read(0, 1):
    print("breach: something to read")
for name in os.listdir("/proc"):
    if name.isdigit():
        try:
            if b"PODIUM" in open(f"/proc/{name}/environ", "rb").read():
                print("breach: variables of another process", name)
        except OSError:
            pass
print("done")
