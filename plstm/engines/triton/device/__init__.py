"""What runs on the GPU: the gate (``opening``), the way forward (``recurrence``), and backward (``gradients``)."""
