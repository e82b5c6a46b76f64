"""The command line. The top of the house: it may use anything, and imports it inside the command."""
