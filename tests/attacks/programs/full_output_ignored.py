"""Go on writing into a full output, for ever."""

while True:
    for name in ("full", "more"):
        try:
            with open(f"/app/output/{name}", "ab") as file:
                file.write(bytes(1 << 20))
        except OSError:
            pass
