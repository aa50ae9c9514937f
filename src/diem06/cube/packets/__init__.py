"""
A nation from many provinces: a closed period leaves a province as a signed packet, and packets are rolled up together.

`content`, `definitions`, `form`, `rolling` and `checking` are plain Python and need no plan; docs/packet-format.md says the same
for who reads packets elsewhere.
"""
