"""Administrative areas over time. An area is (code, valid_from): a code alone is used again by later areas."""
