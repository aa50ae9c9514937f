"""The monthly cycle: what units declare, their reports, and the pages and files made of them."""
