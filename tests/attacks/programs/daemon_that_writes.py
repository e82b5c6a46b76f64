"""Leave a process behind that keeps the streams open, changes the output for ever, and swaps files for links."""

import os

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        number = 0
        while True:
            number += 1
            try:
                with open("/app/output/count", "w") as file:
                    file.write(str(number))
                os.symlink("/etc/passwd", "/app/output/.next")
                os.rename("/app/output/.next", "/app/output/swapped")
                with open("/app/output/.next", "w") as file:
                    file.write("a file")
                os.rename("/app/output/.next", "/app/output/swapped")
            except OSError:
                pass
    os._exit(0)
os.wait()
while not os.path.exists("/app/output/swapped"):
    pass
print("left it behind")
