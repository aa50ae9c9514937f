"""
Numbers that want a second look («số liệu cần kiểm tra»): plain rules over what was declared and recorded in a month.

`rules.toml` says which rules there are and how strict; `rules` are they, over what `observed` describes; `gathering` reads that from
the facts; `actions` keeps what was found and what was answered. A finding is a question to the accountable unit, never a verdict.
"""
