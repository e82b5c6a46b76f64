"""Content-addressed storage and safe reading and writing of archives."""
