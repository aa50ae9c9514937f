"""
The official monthly report, from one content tree.

`content.py` builds the tree from the plan, the figures and the rows that units wrote; `docx.py` makes the Word file of it,
the preview page and the plain text read the same tree. `verify.py` reads a file back.
"""
