"""What needs NumPy: computed in a process of its own, from files to files, without Django.

    python -m ROOM FOLDER PARENT

`ROOM` is a package of the room that knows what is to be computed. `FOLDER/order.json` says what to do and where the
files are; the answer is `FOLDER/outcome.json` with files beside it.
"""
