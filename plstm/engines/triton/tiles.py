"""Tile sizes for each GPU: chosen by the compiler's register counts, and among those by times on an H200.

Every entry fits the shared memory of its cards. Up to 64 units no register is spilled to memory; above, what spills
was faster all the same than what does not, and SPILLS says how much may. A test compiles them, but for some that need
less than others.
"""

from __future__ import annotations

from typing import NamedTuple

ROWS = 16  # samples of a program: a matrix product takes no fewer
# Registers that a thread may have. Left alone, the assembler gives half as many to the backward pass, and to small
# sizes, and spills; told to take all, it spills in the forward pass of larger ones.
ALL_REGISTERS = 255
LARGEST = 512
ALL = 4  # blocks of recurrent weights; a GRU has one less
# Bytes of a thread by size.
SPILLS = {32: 0, 64: 0, 128: 160, 256: 800, 512: 8000}
SMALLEST = 32  # below, the compiler keeps fewer registers than it needs


class Tile(NamedTuple):
    """How a kernel is cut: see ``device.recurrence`` for ``stays``, ``depth`` and ``ahead``.

    And warps of a program, stages of its pipeline, and registers that a thread may have, None for the assembler's
    choice.
    """

    stays: int
    warps: int
    registers: int | None = None
    ahead: bool = True
    depth: int = 16
    stages: int = 1

    def reads(self, gru: bool) -> bool:
        """Whether some of the recurrent weights are read at every step."""
        return self.stays < (3 if gru else ALL)

    def switches(self) -> dict[str, int | bool]:
        """What the kernels call them."""
        return {"STAYS": self.stays, "DEPTH": self.depth, "AHEAD": self.ahead}

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


def tiles_for(
    units: int, gru: bool, peepholes: bool, dtype: str, capability: tuple[int, int], precision: str = "ieee"
) -> Tiles | str:
    """The cut for a card, or why the fused engine does not offer this size there.

    >>> tiles_for(110, True, False, "float32", (9, 0), "tf32").forward
    Tile(stays=3, warps=8, registers=255, ahead=True, depth=16, stages=1)
    >>> tiles_for(600, False, False, "float32", (9, 0))
    '600 units, more than 512'
    """
    size = size_of(units)
    card = f"a GPU of compute capability {capability[0]}.{capability[1]}"
    if size > LARGEST:
        return f"{units} units, more than {LARGEST}"
    if capability < (7, 5):
        return card
    if capability < (8, 0) and dtype == "bfloat16":
        return f"bfloat16 on {card}"
    if size > 64 and peepholes and not gru:
        return f"{units} units with peepholes, more than 64"
    if size > 64 and capability < (8, 0):
        return f"{units} units on {card}"
    # 227 KiB of shared memory a program; others have little over 99.
    roomy = (9, 0) <= capability < (12, 0)
    exact = dtype == "float32" and precision == "ieee"
    every = ALL - gru
    if size > 128:
        return _wide(size, roomy)
    if size > 64:
        return _middle(size, every, dtype, exact, roomy)
    if size > 32:
        if capability < (8, 0):
            return Tiles(size, Tile(0, 8, None, False), Tile(0, 8, ALL_REGISTERS, False))
        # In 32 bits throughout, products take more registers.
        ahead = Tile(every, 8, ALL_REGISTERS)
        if exact:
            ahead = Tile(0, 8, None, False, 16, 2) if gru else Tile(every, 8, None, False)
        return Tiles(size, ahead, Tile(every, 8, ALL_REGISTERS))
    return Tiles(size, Tile(every, 8 if exact else 4, ALL_REGISTERS), Tile(every, 4, ALL_REGISTERS))


def _middle(size: int, every: int, dtype: str, exact: bool, roomy: bool) -> Tiles:
    if not roomy:
        return Tiles(size, Tile(0, 8, None, False, 16, 2), Tile(0, 8, ALL_REGISTERS, False, 32))
    if exact:
        return Tiles(size, Tile(0, 8, None, False, 32, 2), Tile(2, 8, ALL_REGISTERS, False, 32, 2))
    if dtype != "float32":
        return Tiles(size, Tile(every, 8, ALL_REGISTERS), Tile(every, 16))
    if every < ALL:
        return Tiles(size, Tile(every, 8, ALL_REGISTERS), Tile(every, 8, ALL_REGISTERS))
    # Three blocks of 64 KiB find room, the fourth does not.
    return Tiles(size, Tile(3, 8, ALL_REGISTERS, True, 32), Tile(3, 8, ALL_REGISTERS, False, 16, 2))


def _wide(size: int, roomy: bool) -> Tiles:
    if size > 256:
        stages = (2, 3) if roomy else (1, 1)
        return Tiles(size, Tile(0, 16, None, False, 16, stages[0]), Tile(0, 16, None, False, 32, stages[1]))
    stages = (3, 3) if roomy else (2, 1)
    return Tiles(size, Tile(0, 16, None, False, 16, stages[0]), Tile(0, 16, None, False, 64, stages[1]))
