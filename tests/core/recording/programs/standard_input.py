"""Reads all of its standard input."""
# jobs: 0

import sys

print(sys.stdin.read())
