"""
What the pages that read figures show, as typed frozen values made of the plan and the boards. No HTML, no request.

`outlook.py` says whose figures of which period; the others make one page each. No figure is computed here: values come
from `cube`, and only what is shown beside them (a change, a rest) is a difference of two of them.
"""
