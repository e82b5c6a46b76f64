"""Charts of boards: what they show, how they are drawn, and the last ones that were drawn."""
