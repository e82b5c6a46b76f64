"""What the server does by itself, now and then, in a process of its own."""
