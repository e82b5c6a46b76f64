"""Write more than the output holds."""

for number in range(8):
    with open(f"/app/output/{number}", "wb") as file:
        file.write(bytes(1 << 20))
