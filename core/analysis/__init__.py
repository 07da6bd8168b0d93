"""What can be said of finished runs: numbers, findings, and sentences about them."""
