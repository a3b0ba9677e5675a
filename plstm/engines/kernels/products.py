"""Products of matrices small enough to stay in cache, in blocks whose sums stay in registers.

On an AMD EPYC (Zen 5) one core does 250 to 290 GFLOP/s with the weights of 32 units, (128, 34) by (34, 64), and with
those of 256, (1024, 385) by (385, 32); weight gradients run at 220 to 260, a product with one vector at 55. The BLAS
that SciPy brings came to 60 and 75: it is made for large matrices, and takes older kernels where it does not know the
processor.
"""

from contextlib import contextmanager

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils, config
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from plstm.engines.kernels.vectors import BYTES, FLAGS, OPTIONS, llvm_vector, splat


def _host():
    """(ROWS, COLUMNS) for the processor that Numba compiles for."""
    features = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES
    names = features.split(",")
    if "+avx512f" in names:
        return 8, 2
    if "+avx2" in names or "+avx" in names:
        return 6, 1
    return 6 if "+neon" in names else 2, 1


# ``multiply`` sums up in a block of ROWS rows of COLUMNS vectors, as many as there are registers for. Where one vector
# is left, COLUMNS groups of rows: with half the sums, every addition waits for the one before.
ROWS, COLUMNS = _host()
# The block of ``multiply_samples``, as large. The nearer it is to a square, the less is read for as many products.
ACROSS = ROWS // 2, 2 * COLUMNS
# So many bytes of b ``multiply_samples`` uses for all of a before the next, as they stay in the nearest cache.
NEAR = 2**15
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

    def add_from(self, lines):
        """What the block's place in an array holds."""
        for i, row in enumerate(self.cells):
            for j, cell in enumerate(row):
                self.add(cell, lines.load(i, j * lines.type.count))

    def write(self, lines):
        """To the block's place."""
        for i, row in enumerate(self.cells):
            for j, cell in enumerate(row):
                lines.store(self.builder.load(cell), i, j * lines.type.count)


class Lines:
    """The vectors of a flat array: rows that are ``stride`` apart, from ``start`` on."""

    def __init__(self, context, builder, array_type, array, start, stride):
        self.builder, self.start, self.stride = builder, start, stride
        self.data = context.make_array(array_type)(context, builder, array).data
        self.type, self.align = llvm_vector(array_type.dtype), array_type.dtype.bitwidth // 8

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

    def number(self, row, column=0):
        return self.builder.load(self.at(row, column))


@contextmanager
def _walk(builder, count, *places):
    """A loop; yields each place (start, stride) after so many strides as rounds are done."""
    with cgutils.for_range(builder, count) as loop:
        yield [builder.add(start, builder.mul(loop.index, stride)) for start, stride in places]


def _block(rows, columns, groups=1):
    """c (groups * rows, columns vectors) = a b, or c + a b; groups of a are ag apart."""

    @intrinsic
    def block(typingctx, depth, a, a0, ag, ak, b, b0, bk, c, c0, cr, add):
        size = types.intp
        sig = types.void(size, a, size, size, size, b, size, size, c, size, size, types.boolean)

        def codegen(context, builder, sig, args):
            depth, a_, a0, ag, ak, b_, b0, bk, c_, c0, cr, add = args
            vector = llvm_vector(a.dtype)
            lanes = vector.count
            sums = Sums(builder, vector, groups * rows, columns)
            with _walk(builder, depth, (a0, ak), (b0, bk)) as (a_at, b_at):
                left = Lines(context, builder, a, a_, a_at, ag)
                right = Lines(context, builder, b, b_, b_at, bk)
                sums.add_products(
                    [splat(builder, left.number(group, row), vector) for group in range(groups) for row in range(rows)],
                    [right.load(0, column * lanes) for column in range(columns)],
                )
            out = Lines(context, builder, c, c_, c0, cr)
            with builder.if_then(add):
                sums.add_from(out)
            sums.write(out)
            return context.get_dummy_value()

        return sig, codegen

    return block


_full, _tall, _narrow = _block(ROWS, COLUMNS), _block(ROWS, 1, COLUMNS), _block(ROWS, 1)
_row, _cell = _block(1, LONG), _block(1, 1)


@njit(**OPTIONS)
def multiply_row(n, depth, a, a0, b, c, c0):
    """c = a b: a row of ``depth`` numbers by (depth, n), n in whole vectors; flat arrays, of which b is used whole."""
    lanes, zero, one, add = BYTES // a.itemsize, 0, 1, False
    j = 0
    while j + LONG * lanes <= n:
        _row(depth, a, a0, zero, one, b, j, n, c, c0 + j, zero, add)
        j += LONG * lanes
    while j < n:
        _cell(depth, a, a0, zero, one, b, j, n, c, c0 + j, zero, add)
        j += lanes


@njit(**OPTIONS)
def multiply(m, n, depth, a, ag, ak, b, b0, bk, c, c0, cr, add):
    """c = a b, or c + a b: (m, depth) by (depth, n), m in whole ROWS, n in whole vectors; flat arrays.

    b begins at b0 and has rows bk apart; c likewise. ROWS rows of a make a group: its numbers for one k are neighbours,
    ak from those for the next k, and ag from those of the next group.
    """
    lanes, groups = BYTES // a.itemsize, m // ROWS
    wide = n // (COLUMNS * lanes) * COLUMNS * lanes
    for group in range(groups):
        for j in range(0, wide, COLUMNS * lanes):
            _full(depth, a, group * ag, ag, ak, b, b0 + j, bk, c, c0 + group * ROWS * cr + j, cr, add)
    for j in range(wide, n, lanes):
        group = 0
        while group + COLUMNS <= groups:
            _tall(depth, a, group * ag, ag, ak, b, b0 + j, bk, c, c0 + group * ROWS * cr + j, cr, add)
            group += COLUMNS
        while group < groups:
            _narrow(depth, a, group * ag, ag, ak, b, b0 + j, bk, c, c0 + group * ROWS * cr + j, cr, add)
            group += 1


@njit(**OPTIONS)
def multiply_samples(m, n, steps, samples, a, astep, b, bstep, c, cr):
    """c (m, n) += sum over steps of a (m, samples) times b (n, samples) transposed; b as ``turn`` leaves it.

    Steps of a are astep apart, those of b bstep; rows of c are cr apart. m in whole ACROSS[0], the others in vectors.
    Sums of vectors over the samples would do without ``turn``, but each would have to be added up across the vector at
    the end, which took a third of the time where a tile is one vector of samples.
    """
    lanes = BYTES // a.itemsize
    rows, columns = ACROSS
    wide = n // (columns * lanes) * columns * lanes
    some = max(1, NEAR // (samples * columns * BYTES))
    for q in range(0, steps, some):
        now, a0, b0 = min(some, steps - q), q * astep, q * bstep
        for j in range(0, wide, columns * lanes):
            for i in range(0, m, rows):
                _outer(now, samples, a, a0 + i * samples, astep, b, b0 + j * samples, bstep, c, i * cr + j, cr)
        for j in range(wide, n, lanes):
            for i in range(0, m, rows):
                _outer_narrow(now, samples, a, a0 + i * samples, astep, b, b0 + j * samples, bstep, c, i * cr + j, cr)


def _sum_over_samples(rows, columns):
    """Adds to a block of c (rows, columns vectors) the products of ``multiply_samples``."""

    @intrinsic
    def block(typingctx, steps, samples, a, a0, astep, b, b0, bstep, c, c0, cr):
        size = types.intp
        sig = types.void(size, size, a, size, size, b, size, size, c, size, size)

        def codegen(context, builder, sig, args):
            steps, samples, a_, a0, astep, b_, b0, bstep, c_, c0, cr = args
            vector = llvm_vector(a.dtype)
            lanes = samples.type(vector.count)
            sums, one = Sums(builder, vector, rows, columns), samples.type(1)
            with (
                _walk(builder, steps, (a0, astep), (b0, bstep)) as starts,
                _walk(builder, builder.sdiv(samples, lanes), *((start, lanes) for start in starts)) as (a_at, b_at),
                _walk(builder, lanes, (a_at, one), (b_at, samples)) as (a_at, b_at),
            ):
                left = Lines(context, builder, a, a_, a_at, samples)
                right = Lines(context, builder, b, b_, b_at, builder.mul(samples, lanes))
                sums.add_products(
                    [splat(builder, left.number(row), vector) for row in range(rows)],
                    [right.load(column) for column in range(columns)],
                )
            out = Lines(context, builder, c, c_, c0, cr)
            sums.add_from(out)
            sums.write(out)
            return context.get_dummy_value()

        return sig, codegen

    return block


_outer, _outer_narrow = _sum_over_samples(*ACROSS), _sum_over_samples(ACROSS[0], 1)


@njit(**OPTIONS)
def turn(n, samples, z, z0):
    """Transposes every square of a matrix (n, samples) in its place; squares have as many rows as vectors elements.

    The number of row r + i and sample s + j, of the square at (r, s), goes to where that of r + j and s + i was.
    """
    lanes = BYTES // z.itemsize
    for r in range(0, n, lanes):
        for s in range(0, samples, lanes):
            _turn_square(z, z0 + r * samples + s, samples)


@intrinsic
def _turn_square(typingctx, z, start, stride):
    sig = types.void(z, types.intp, types.intp)

    def codegen(context, builder, sig, args):
        lines = Lines(context, builder, z, *args)
        lanes = lines.type.count
        rows = [lines.load(row) for row in range(lanes)]
        apart = 1
        # Row by row and element by element, the bits of both numbers change places.
        while apart < lanes:
            low = [lane + lanes - apart if lane & apart else lane for lane in range(lanes)]
            high = [lane + lanes if lane & apart else lane + apart for lane in range(lanes)]
            for one in (row for row in range(lanes) if not row & apart):
                pair = rows[one], rows[one + apart]
                for row, places in ((one, low), (one + apart, high)):
                    mask = ir.Constant(ir.VectorType(ir.IntType(32), lanes), places)
                    rows[row] = builder.shuffle_vector(*pair, mask)
            apart *= 2
        for row, vector in enumerate(rows):
            lines.store(vector, row)
        return context.get_dummy_value()

    return sig, codegen
