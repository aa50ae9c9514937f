"""
The trail: what was done, by whom, when. Entries are written in the action's own transaction and linked into a hash
chain in batches afterwards; a linked entry can no longer be changed unnoticed.
"""
