"""Wiring only: settings, root URLs, WSGI, middleware, the `diem06` command."""
