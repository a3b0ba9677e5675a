"""What ``plstm fit`` does with a table: cross-validation, advice, one report and the trained model."""
