"""Experiments: from a config to a finished run directory, one run or a whole grid."""
