"""The command ``plstm``."""
