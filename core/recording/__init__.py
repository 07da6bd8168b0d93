"""Recording: what the loop, the threads and the processes did, as rows of integers.

The package stands alone: it imports the standard library, and itself by dots. So any process can
have it, under any name; many programs have a package of their own that is called `core`. Only the
modules about Dask import more, in functions, where a run uses Dask.
"""

__version__ = "0.1.0"
