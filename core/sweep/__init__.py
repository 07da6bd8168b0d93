"""Scale: how patterns fare as the number of their jobs grows, measured run by run."""
