"""Phased LSTM and Phased GRU as Keras cells and layers, with their time gate, clock, initializers and presets."""
