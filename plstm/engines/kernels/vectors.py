"""Vectors of LLVM as values in compiled code: 64 bytes of neighbouring numbers that are computed with at once.

LLVM does not vectorise a loop over many arrays that might overlap. With vectors in the source it need not. On a machine
with narrower registers LLVM uses several for one vector.
"""

import math
import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_builtin
from numba.core.typing import signature
from numba.core.typing.templates import ConcreteTemplate, infer_global
from numba.extending import intrinsic, models, register_model

# Without nnan and ninf: a NaN must stay a NaN.
FLAGS = ("contract", "reassoc", "nsz", "arcp", "afn")
# Without Numba's reference counts, as the caller keeps all arrays. Counting the references of every tuple at every step
# took 7 % of the time, and a fifth more code.
OPTIONS: dict[str, Any] = {"fastmath": set(FLAGS), "error_model": "numpy", "boundscheck": False, "_nrt": False}
# For a function that makes arrays, which needs the counts.
ALLOCATING: dict[str, Any] = {**OPTIONS, "_nrt": True}
# Numba optimises a function with all that it calls, and its callers do so again: what only calls others is inlined.
INLINE: dict[str, Any] = {**OPTIONS, "inline": "always"}
BYTES = 64


class Vector(types.Type):
    """``BYTES`` of floats; ``load``, ``store`` and ``fill`` make and use them, + - * / work element by element."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(name=f"vector({dtype})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector):
        super().__init__(manager, vector, llvm_vector(vector.dtype))


def llvm_vector(dtype, width=None):
    """LLVM's vector of ``width`` elements; of ``BYTES`` where that is not given."""
    element = {types.float32: ir.FloatType(), types.float64: ir.DoubleType()}[dtype]
    return ir.VectorType(element, width or BYTES * 8 // dtype.bitwidth)


def pointer(context, builder, array_type, array, index):
    """To the vector that begins with the element ``index`` of a flat array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), llvm_vector(array_type.dtype).as_pointer())


def splat(builder, value, like):
    """A vector of the type ``like`` with the scalar everywhere."""
    first = builder.insert_element(ir.Constant(like, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), like.count), None)
    return builder.shuffle_vector(first, ir.Constant(like, ir.Undefined), zeros)


VECTORS = (Vector(types.float32), Vector(types.float64))


def _operator(function, name):
    @infer_global(function)
    class _(ConcreteTemplate):
        cases = [signature(v, v, v) for v in VECTORS]

    @lower_builtin(function, Vector, Vector)
    def _(context, builder, sig, args):
        return getattr(builder, name)(*args, flags=FLAGS)


for _function, _name in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"),
                         (operator.truediv, "fdiv")):  # fmt: skip
    _operator(_function, _name)


@intrinsic
def load(typingctx, array, index):
    """The vector that begins at ``array[index]``, of a flat array."""
    sig = Vector(array.dtype)(array, types.intp)

    def codegen(context, builder, sig, args):
        return builder.load(pointer(context, builder, array, *args), align=array.dtype.bitwidth // 8)

    return sig, codegen


@intrinsic
def store(typingctx, array, index, vector):
    """Writes a vector to where ``array[index]`` begins."""
    sig = types.void(array, types.intp, vector)

    def codegen(context, builder, sig, args):
        to = pointer(context, builder, array, *args[:2])
        builder.store(args[2], to, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return sig, codegen


@intrinsic
def fill(typingctx, scalar):
    """A vector with the scalar everywhere."""
    sig = Vector(scalar)(scalar)

    def codegen(context, builder, sig, args):
        return splat(builder, args[0], llvm_vector(scalar))

    return sig, codegen


@intrinsic
def where_below(typingctx, left, right, value, otherwise):
    """``value`` where left < right, ``otherwise`` elsewhere, and so where one of them is NaN. Scalars are fine too."""
    sig = left(left, left, left, left)

    def codegen(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[2], args[3])

    return sig, codegen


@intrinsic
def whole_power(typingctx, vector):
    """(2**n, x - n) of a float32 x between -126 and 127, n the nearest integer. NaN: anything, NaN."""
    sig = types.UniTuple(vector, 2)(vector)

    def codegen(context, builder, sig, args):
        like = llvm_vector(vector.dtype)
        name = f"llvm.rint.v{like.count}f{vector.dtype.bitwidth}"
        rint = cgutils.get_or_insert_function(builder.module, ir.FunctionType(like, [like]), name)
        nearest = builder.call(rint, args)
        rest = builder.fsub(args[0], nearest)
        # The last digits of this sum are n + 127, which is the exponent of 2**n.
        total = builder.fadd(nearest, splat(builder, ir.Constant(like.element, 1.5 * 2**23 + 127), like))
        integers = ir.VectorType(ir.IntType(32), like.count)
        digits = splat(builder, ir.Constant(integers.element, 23), integers)
        power = builder.bitcast(builder.shl(builder.bitcast(total, integers), digits), like)
        return context.make_tuple(builder, sig.return_type, (power, rest))

    return sig, codegen


@intrinsic
def tanh_of_each(typingctx, vector):
    """tanh of the C library, element by element."""
    sig = vector(vector)

    def codegen(context, builder, sig, args):
        scalar = signature(vector.dtype, vector.dtype)
        tanh = context.get_function(math.tanh, scalar)
        result = args[0]
        for lane in range(llvm_vector(vector.dtype).count):
            position = ir.Constant(ir.IntType(32), lane)
            value = tanh(builder, [builder.extract_element(args[0], position)])
            result = builder.insert_element(result, value, position)
        return result

    return sig, codegen
