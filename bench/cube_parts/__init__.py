"""What bench/cube.py measures with: made-up facts, and each way to the same cells."""
