"""The command line: its commands, and the reports that they print."""
