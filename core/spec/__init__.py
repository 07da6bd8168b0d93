"""What a run is asked to do: its settings, their limits, and the ideal schedule for them."""
