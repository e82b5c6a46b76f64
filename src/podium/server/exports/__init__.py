"""Taking a competition out as a bundle: everything that makes it, so that importing the bundle makes it again."""
