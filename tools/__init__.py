"""What builds files that ship with Podium."""
