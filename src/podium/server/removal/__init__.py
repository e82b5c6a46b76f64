"""What is taken away for good: people who leave, and files that are kept no longer. Scores and events always stay."""
