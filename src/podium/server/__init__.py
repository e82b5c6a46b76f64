"""The Django project: one folder, one app, for each part of the domain."""
