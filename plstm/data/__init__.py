"""From a table to a batch: CSV files, padding, and the part of a time axis that open units cover."""
