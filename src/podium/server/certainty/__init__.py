"""How sure the scores of competitions are, where scoring programs say what each item scored."""
