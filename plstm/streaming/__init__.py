"""Event-driven inference: a trained model, one event at a time, open units only."""
