"""What needs NumPy: done in a process of its own, from files to files, without Django.

    python -m podium.server.modelboards.scoring FOLDER

`FOLDER/order.json` says what to do and where the files are; the answer is `FOLDER/outcome.json` with files beside it.
"""
