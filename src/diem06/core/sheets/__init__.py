"""
Excel files that come in and templates that go out. The room knows no report, no plan and no person.

`reading` opens a file that a stranger sent, with limits set before anything is parsed; `templates` writes sheets whose input
cells carry keys, and finds them again in a file that comes back.
"""
