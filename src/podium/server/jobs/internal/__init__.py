"""The site's own jobs: what somebody asked it for and it does by itself, such as an import."""
