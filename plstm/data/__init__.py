"""From a table to a batch: CSV files, padding, and which part of a time axis the units cover."""
