"""The ASGI front: what is asynchronous is answered here, everything else goes to Django's WSGI application."""
