"""WSGI entry point: `granian --interface wsgi wsgi:app`."""

from surveyor import create_app

app = create_app()
