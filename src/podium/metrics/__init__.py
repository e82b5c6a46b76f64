"""The task types of model boards: references and predictions in, numbers per item and in total out.

A folder for each task type. `registry` finds them, and those of other packages; `task_type` says what one is; `reading`
parses files. None of these imports NumPy: only `Scored` and the modules `scoring` do, in a process of their own.
"""
