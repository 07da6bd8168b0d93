"""Colours and places in the legend of what is neither a class of spans nor the end of a job."""

QUIET = "#808080"
GUESSED = "#B8860B"
IDEAL_RANK, MARKS_RANK, GUESS_RANK = 1, 10, 100
"""Where in a legend stands what is no state; those of spans are the ranks of their classes."""
