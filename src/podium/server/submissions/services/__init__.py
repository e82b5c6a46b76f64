"""Everything that may happen to a submission, one module for each kind of happening."""
