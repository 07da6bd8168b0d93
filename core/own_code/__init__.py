"""Somebody's own code, typed into a page: its link, its run in a process of its own, its failure.

Nothing in here runs code that came by a link: a link becomes a text, and a run begins where
somebody presses Run.
"""
