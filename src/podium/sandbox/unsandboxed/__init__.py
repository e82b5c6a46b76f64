"""The back end `none`: programs run beside the worker with limits, but nothing keeps them apart from the machine.

Nothing is imported here: the launcher of a program starts with as little as it can.
"""
