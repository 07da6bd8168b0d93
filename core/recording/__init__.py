"""Recording: what the loop, the threads and the processes did, as rows of integers.

Standard library only: everything in here is imported by the measuring child.
"""
