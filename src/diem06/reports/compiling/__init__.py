"""
From the units' words to the province's report, and what becomes of it: compiling, sending, the letter that urges.

`sections.py` and `likeness.py` are pure; `word/` prints what they say.
"""
