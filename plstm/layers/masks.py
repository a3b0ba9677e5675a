"""What a mask does before and after the engine: masked inputs become 0, masked outputs those that Keras has."""

from __future__ import annotations

from keras import ops

from plstm.types import Tensor


def mask_inputs(inputs: Tensor, mask: Tensor) -> Tensor:
    """inputs (B, T, D) with 0 at masked steps, which may hold NaN: NaN times 0 would be NaN."""
    return ops.where(ops.expand_dims(mask, -1), inputs, ops.zeros_like(inputs))


def mask_outputs(outputs: Tensor, mask: Tensor, zero: bool, sequences: bool) -> Tensor:
    """Outputs as Keras has them at masked steps: the previous one, 0 before the first; or 0 at all of them (``zero``).

    Args:
        outputs: (B, H), or (B, T, H) with ``sequences``.
        mask: (B, T) booleans.
        zero: whether outputs at all masked steps are 0.
        sequences: whether there is an output for each step.

    Returns:
        The same shape as ``outputs``. Only outputs are changed: the state h may differ from the last output.
    """
    if zero:
        kept = mask if sequences else mask[:, -1]
    elif sequences:
        kept = ops.cumsum(ops.cast(mask, "int32"), axis=1) > 0
    else:
        kept = ops.any(mask, axis=1)
    return ops.where(ops.expand_dims(kept, -1), outputs, ops.zeros_like(outputs))
