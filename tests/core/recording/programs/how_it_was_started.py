"""What a program sees of its own start."""
# jobs: 0
# arguments: --out x -m --sleep 3

import sys

print(sys.argv, sys.path[0], __name__, __file__, __builtins__.__name__, __spec__, __doc__)
print(sys.modules["__main__"].__dict__ is globals(), "core" in sys.modules)
print(sorted(name for name in globals() if name.startswith("__")))
