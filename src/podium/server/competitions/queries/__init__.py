"""Reading competitions: what a person is to them, lists, one in full, its participants, what a run needs."""
