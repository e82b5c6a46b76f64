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
        for part in ("environ", "cmdline", "maps"):
            try:
                content = open(f"/proc/{name}/{part}", "rb").read()
            except OSError:
                continue
            if b"PODIUM" in content or b"PODIUM_WORKER_TOKEN" in content:
                print("breach: of another process", name, part)
print("done")
