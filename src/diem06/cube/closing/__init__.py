"""
Closing a period («chốt số liệu»): its figures and the digest of the facts behind them are kept, chained and signed.

`canonical`, `merkle`, `sorting`, `seal`, `links` and `public` are plain Python; docs/seal-format.md says the same for a verifier outside.
"""
