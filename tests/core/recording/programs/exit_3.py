"""Ends with 3, and runs no loop."""
# jobs: 0
# status: 3

import sys

print("hi")
sys.exit(3)
