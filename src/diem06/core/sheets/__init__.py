"""
Excel files that come in and templates that go out. The room knows no report and no pilot: apps declare their sheets.

`reading` opens a file that a stranger sent, with limits set before anything is parsed, `bulk` a long list; `templates` writes
sheets whose input cells carry keys, `lists` plain lists. `declared` says what an app writes into its `sheets.py`; `actions` stage
what came, load it when a person confirms, and take it back. `comments` marks the wrong cells in the file that goes back.
"""
