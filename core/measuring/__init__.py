"""Running: the measuring child, the warm spares, and the parent's handles on them."""
