"""Make more files in the output than are allowed."""

made = 0
try:
    for number in range(100_000):
        open(f"/app/output/{number}", "w").close()
        made += 1
except OSError:
    pass
print(made)
