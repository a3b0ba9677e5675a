"""Tile sizes for each GPU, chosen from the compiler's register counts; not timed on a GPU yet.

Every entry compiles without a register spilled to memory, and fits the shared memory of its cards; a test compiles all.
"""

from __future__ import annotations

from typing import NamedTuple

ROWS = 16  # samples of a program: a matrix product takes no fewer
# Registers that a thread may have. Left alone, the assembler gives half as many to the backward pass, and to small
# sizes, and spills; told to take all, it spills in the forward pass of larger ones.
ALL_REGISTERS = 255
LARGEST = 128
SMALLEST = 32  # below, the compiler keeps fewer registers than it needs


class Tile(NamedTuple):
    """Rows of the recurrent weights read at a time (all: they stay), warps of a program, stages of its pipeline.

    And registers that a thread may have, None for the assembler's choice.
    """

    depth: int
    warps: int
    stages: int = 1
    registers: int | None = None

    def options(self) -> dict[str, int | None]:
        """What Triton calls them."""
        return {"num_warps": self.warps, "num_stages": self.stages, "maxnreg": self.registers}


class Tiles(NamedTuple):
    """Units filled up to a power of two, and the cut of both directions."""

    size: int
    forward: Tile
    backward: Tile


def size_of(units: int) -> int:
    """The next power of two, from SMALLEST on.

    >>> size_of(3), size_of(64), size_of(110)
    (32, 64, 128)
    """
    return max(SMALLEST, 1 << (units - 1).bit_length())


def tiles_for(units: int, gru: bool, peepholes: bool, dtype: str, capability: tuple[int, int]) -> Tiles | str:
    """The cut for a card, or why the fused engine does not offer this size there.

    >>> tiles_for(110, False, False, "float32", (9, 0))
    Tiles(size=128, forward=Tile(depth=16, warps=8, stages=2, registers=None),
          backward=Tile(depth=32, warps=8, stages=1, registers=255))
    >>> tiles_for(300, False, False, "float32", (9, 0))
    '300 units, more than 128'
    """
    size = size_of(units)
    card = f"a GPU of compute capability {capability[0]}.{capability[1]}"
    if size > LARGEST:
        return f"{units} units, more than {LARGEST}"
    if capability < (7, 5):
        return card
    if capability < (8, 0) and dtype == "bfloat16":
        return f"bfloat16 on {card}"
    if size > 64:
        if peepholes and not gru:
            return f"{units} units with peepholes, more than 64"
        if capability < (8, 0):
            return f"{units} units on {card}"
        return Tiles(size, Tile(16, 8, 2), Tile(32, 8, 1, ALL_REGISTERS))
    if size > 32 and capability < (8, 0):
        return Tiles(size, Tile(16, 8), Tile(16, 8, 1, ALL_REGISTERS))
    if size > 32:
        # With its weights resident, a GRU of this size spills a few registers in IEEE 32 bits.
        return Tiles(size, Tile(16, 8, 2) if gru else Tile(size, 8), Tile(size, 8, 1, ALL_REGISTERS))
    return Tiles(size, Tile(size, 4, 1, ALL_REGISTERS), Tile(size, 4, 1, ALL_REGISTERS))
