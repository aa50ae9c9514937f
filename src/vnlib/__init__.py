"""Plain Python that any Vietnamese public system could use: no Django, no province."""
