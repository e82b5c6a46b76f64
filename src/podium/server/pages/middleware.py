"""What every answer of the pages carries, and what a person reads when something went wrong."""
