"""
Files that prove something: the signed PDF of an approval, an uploaded workbook, a report as it was sent.

A file is kept under the hash of its bytes, once, whoever brings it how often; a row says who brought it when. Who may read one
is decided by the record that it belongs to, so this room has no pages: its views are those of the rooms above.
"""
