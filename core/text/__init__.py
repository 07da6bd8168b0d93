"""Texts that people read: their language, numbers, tables, and letters that are safe to show."""
