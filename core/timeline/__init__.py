"""A finished run as immutable data, and how it is assembled from what was recorded."""
