"""Reading submissions, for pages and API."""
