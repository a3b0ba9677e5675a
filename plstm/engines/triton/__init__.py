"""The fused engine for NVIDIA GPUs: a whole sequence in one Triton kernel, forward and backward.

This package, and Triton with it, is imported when a layer is called with a tensor on a GPU or has ``engine="triton"``.
``device`` has the kernels, one source for LSTM and GRU; ``tiles`` has their sizes for each card; ``offer`` decides
whether this engine supports a call; ``host`` launches the kernels and computes the large matrix products; ``function``
makes the call differentiable in PyTorch; ``trial`` compares it with the portable engine before its first use.
"""
