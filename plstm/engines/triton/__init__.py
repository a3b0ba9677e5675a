"""The fused engine for NVIDIA GPUs: a whole sequence in one Triton kernel, forward and backward.

Nothing here is imported, and Triton with it, before a layer meets a tensor on a GPU, or is told ``engine="triton"``.
``device`` has the kernels, one source of LSTM and GRU; ``tiles`` says how they are cut to fit a card, ``offer`` what is
computed where; ``host`` puts large matrix products around them, ``function`` makes of it a call that PyTorch can
differentiate, and ``trial`` compares it once with the portable engine before it is trusted.
"""
