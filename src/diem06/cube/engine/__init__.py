"""The rollup: facts in, cells out. Knows no Django, no plan file and no screen."""
