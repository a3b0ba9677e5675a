"""Products of matrices small enough to stay in cache, in blocks whose sums stay in registers.

On an AMD EPYC (Zen 5) one core does 260 GFLOP/s with the weights of 32 units, (128, 34) by (34, 64), and with those of
256, (1024, 385) by (385, 32); weight gradients run at 110 to 180, a product with one vector at 55. The BLAS that SciPy
brings came to 60 and 75: it is made for large matrices, and takes older kernels where it does not know the processor.
"""

from contextlib import contextmanager

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils, config
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from plstm.engines.kernels.vectors import BYTES, FLAGS, OPTIONS, llvm_vector, splat


def _host():
    """(bytes of the widest register, ROWS, COLUMNS) of the processor that Numba compiles for."""
    features = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES
    names = features.split(",")
    if "+avx512f" in names:
        return 64, 8, 2
    if "+avx2" in names or "+avx" in names:
        return 32, 6, 1
    return 16, 6 if "+neon" in names else 2, 1


# ``multiply`` sums up in a block of ROWS rows of COLUMNS vectors, as many as there are registers for.
WIDTH, ROWS, COLUMNS = _host()
# So many bytes of b are used for all of a before the next, as they stay in the nearest cache.
NEAR = 2**14
# For a single row, so many vectors that no addition waits for the one before.
LONG = 8


class Sums:
    """A block of vectors being summed up; LLVM keeps them in registers."""

    def __init__(self, builder, vector, rows, columns):
        self.builder = builder
        self.cells = [[cgutils.alloca_once(builder, vector) for _ in range(columns)] for _ in range(rows)]
        for cell in sum(self.cells, []):
            builder.store(ir.Constant(vector, None), cell)

    def add_products(self, left, right):
        """To every sum, its row's vector of ``left`` times its column's of ``right``."""
        for row, x in zip(self.cells, left):
            for cell, y in zip(row, right):
                self.add(cell, self.builder.fmul(x, y, flags=FLAGS))

    def add(self, cell, value):
        self.builder.store(self.builder.fadd(self.builder.load(cell), value, flags=FLAGS), cell)


class Lines:
    """The vectors of a flat array, ``width`` numbers each: rows that are ``stride`` apart, from ``start`` on."""

    def __init__(self, context, builder, array_type, array, start, stride, width=None):
        self.builder, self.start, self.stride = builder, start, stride
        self.data = context.make_array(array_type)(context, builder, array).data
        self.type, self.align = llvm_vector(array_type.dtype, width), array_type.dtype.bitwidth // 8

    def at(self, row, column):
        builder, number = self.builder, self.start.type
        place = builder.add(self.start, builder.mul(self.stride, number(row)))
        return builder.gep(self.data, [builder.add(place, number(column))])

    def vector(self, row, column):
        return self.builder.bitcast(self.at(row, column), self.type.as_pointer())

    def load(self, row, column=0):
        return self.builder.load(self.vector(row, column), align=self.align)

    def store(self, value, row, column=0):
        self.builder.store(value, self.vector(row, column), align=self.align)

    def number(self, row):
        return self.builder.load(self.at(row, 0))


@contextmanager
def _walk(builder, count, *places):
    """A loop; yields each place (start, stride) after so many strides as rounds are done."""
    with cgutils.for_range(builder, count) as loop:
        yield [builder.add(start, builder.mul(loop.index, stride)) for start, stride in places]


def _block(rows, columns):
    """c (rows, columns vectors) = a b, or c + a b."""

    @intrinsic
    def block(typingctx, depth, a, a0, ak, b, b0, bk, c, c0, cr, add):
        size = types.intp
        sig = types.void(size, a, size, size, b, size, size, c, size, size, types.boolean)

        def codegen(context, builder, sig, args):
            depth, a_, a0, ak, b_, b0, bk, c_, c0, cr, add = args
            vector = llvm_vector(a.dtype)
            lanes = vector.count
            sums = Sums(builder, vector, rows, columns)
            with _walk(builder, depth, (a0, ak), (b0, bk)) as (a_at, b_at):
                left = Lines(context, builder, a, a_, a_at, a_at.type(1))
                right = Lines(context, builder, b, b_, b_at, bk)
                sums.add_products(
                    [splat(builder, left.number(row), vector) for row in range(rows)],
                    [right.load(0, column * lanes) for column in range(columns)],
                )
            out = Lines(context, builder, c, c_, c0, cr)
            cells = [(i, j * lanes, cell) for i, row in enumerate(sums.cells) for j, cell in enumerate(row)]
            with builder.if_then(add):
                for i, place, cell in cells:
                    sums.add(cell, out.load(i, place))
            for i, place, cell in cells:
                out.store(builder.load(cell), i, place)
            return context.get_dummy_value()

        return sig, codegen

    return block


_full, _narrow, _row, _cell = _block(ROWS, COLUMNS), _block(ROWS, 1), _block(1, LONG), _block(1, 1)


@njit(**OPTIONS)
def multiply_row(n, depth, a, a0, b, c, c0):
    """c = a b: a row of ``depth`` numbers by (depth, n), n in whole vectors; flat arrays, of which b is used whole."""
    lanes, zero, one, add = BYTES // a.itemsize, 0, 1, False
    j = 0
    while j + LONG * lanes <= n:
        _row(depth, a, a0, one, b, j, n, c, c0 + j, zero, add)
        j += LONG * lanes
    while j < n:
        _cell(depth, a, a0, one, b, j, n, c, c0 + j, zero, add)
        j += lanes


@njit(**OPTIONS)
def multiply(m, n, depth, a, ag, ak, b, b0, bk, c, c0, cr, add):
    """c = a b, or c + a b: (m, depth) by (depth, n), m in whole ROWS, n in whole vectors; flat arrays.

    b begins at b0 and has rows bk apart; c likewise. ROWS rows of a make a group: its numbers for one k are neighbours,
    ak from those for the next k, and ag from those of the next group.
    """
    lanes = BYTES // a.itemsize
    for group in range(m // ROWS):
        left, to = group * ag, c0 + group * ROWS * cr
        j = 0
        while j + COLUMNS * lanes <= n:
            _full(depth, a, left, ak, b, b0 + j, bk, c, to + j, cr, add)
            j += COLUMNS * lanes
        while j < n:
            _narrow(depth, a, left, ak, b, b0 + j, bk, c, to + j, cr, add)
            j += lanes


@njit(**OPTIONS)
def multiply_rows(m, n, steps, depth, a, ar, astep, b, br, bstep, c, cr):
    """c (m, n) += sum over steps of a (m, depth) times b (n, depth) transposed; m and n in fours, depth in vectors.

    Rows of a are ar apart, its steps astep; so with b; rows of c are cr apart.
    """
    rows, columns = across(a.itemsize)
    some = max(1, NEAR // (steps * depth * b.itemsize * columns)) * columns
    for block in range(0, n, some):
        for i in range(0, m, rows):
            for j in range(block, min(block + some, n), columns):
                _dot(steps, depth, a, i * ar, ar, astep, b, j * br, br, bstep, c, i * cr + j, cr)


def shape_across(itemsize):
    """(rows, columns) of the block of ``multiply_rows``: as many sums as a register has elements."""
    columns = min(4, WIDTH // itemsize)
    return WIDTH // itemsize // columns, columns


across = njit(**OPTIONS)(shape_across)


@intrinsic
def _dot(typingctx, steps, depth, a, a0, ar, astep, b, b0, br, bstep, c, c0, cr):
    """Adds to a block of c the products of rows of a with rows of b, each summed over vectors and steps."""
    size = types.intp
    sig = types.void(size, size, a, size, size, size, b, size, size, size, c, size, size)

    def codegen(context, builder, sig, args):
        steps, depth, a_, a0, ar, astep, b_, b0, br, bstep, c_, c0, cr = args
        rows, columns = shape_across(a.dtype.bitwidth // 8)
        width = rows * columns
        sums = Sums(builder, llvm_vector(a.dtype, width), rows, columns)
        wide = depth.type(width)
        with (
            _walk(builder, steps, (a0, astep), (b0, bstep)) as starts,
            _walk(builder, builder.sdiv(depth, wide), *((start, wide) for start in starts)) as (a_at, b_at),
        ):
            left = Lines(context, builder, a, a_, a_at, ar, width)
            right = Lines(context, builder, b, b_, b_at, br, width)
            sums.add_products(map(left.load, range(rows)), [right.load(column) for column in range(columns)])
        total = _sums_across(builder, [builder.load(cell) for row in sums.cells for cell in row])
        out = Lines(context, builder, c, c_, c0, cr, columns)
        for row in range(rows):
            places = [row * columns + column for column in range(columns)]
            found = builder.shuffle_vector(total, total, ir.Constant(ir.VectorType(ir.IntType(32), columns), places))
            out.store(builder.fadd(out.load(row), found, flags=FLAGS), row)
        return context.get_dummy_value()

    return sig, codegen


def _sums_across(builder, vectors):
    """One vector with the sum of each of as many vectors as it has elements: neighbours are added in pairs."""
    width = len(vectors)

    def every_second(x, y, first):
        places = [first + 2 * place for place in range(width)]
        return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(ir.IntType(32), width), places))

    while len(vectors) > 1:
        pairs = zip(vectors[::2], vectors[1::2])
        vectors = [builder.fadd(every_second(x, y, 0), every_second(x, y, 1), flags=FLAGS) for x, y in pairs]
    return vectors[0]
