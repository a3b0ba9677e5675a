"""A JAX primitive of our own: compiled by our rules, called in turn under ``jax.vmap``, and without derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from plstm.types import Tensor


def primitive(
    name: str,
    shapes: Callable[..., Any],
    rule: Callable[..., Any],
    refuse: Callable[..., NoReturn],
    platform: str | None = None,
) -> Any:
    """A primitive with several results.

    Args:
        name: of the primitive.
        shapes: of the results, with their dtypes, for abstract arguments and parameters.
        rule: how it is compiled.
        refuse: raises an error. The first derivative is a rule of a function that binds the primitive; who asks the
            primitive itself for one wants a second derivative.
        platform: the only one that it is compiled for; None: all.
    """
    import jax
    from jax.extend.core import Primitive
    from jax.interpreters import ad, batching, mlir

    made = Primitive(name)
    made.multiple_results = True

    @made.def_abstract_eval
    def abstract(*avals: Any, **how: Any) -> list[Any]:
        return [jax.core.ShapedArray(shape, dtype) for shape, dtype in shapes(*avals, **how)]

    def one_by_one(tensors: Sequence[Tensor], axes: Sequence[Any], **how: Any) -> tuple[list[Tensor], list[int]]:
        batched = [jax.numpy.moveaxis(t, axis, 0) for t, axis in zip(tensors, axes) if axis is not None]

        def call(now: list[Tensor]) -> list[Tensor]:
            rest = iter(now)
            return made.bind(*(t if axis is None else next(rest) for t, axis in zip(tensors, axes)), **how)

        results = jax.lax.map(call, batched)
        return results, [0] * len(results)

    # Not cached: a compiled function keeps its own callback alive.
    mlir.register_lowering(made, rule, platform=platform, cacheable=False)
    batching.primitive_batchers[made] = one_by_one
    ad.primitive_jvps[made] = refuse
    return made


def devices(context: Any) -> int:
    """How many devices a rule compiles for."""
    axes = context.module_context.axis_context
    return getattr(axes, "num_devices", None) or axes.mesh.size


def platforms(context: Any) -> tuple[str, ...]:
    """What a rule compiles for: one platform, or in an export several."""
    return tuple(context.platforms or context.module_context.platforms)


def is_exported(context: Any) -> bool:
    """Whether a rule compiles for a file, whose reader has no Python of ours."""
    return context.module_context.lowering_parameters.for_export


def by_jax(function: Callable[..., Any]) -> Callable[..., Any]:
    """The rule that compiles a function of JAX's own operations, which returns a list."""
    from jax.interpreters import mlir

    return mlir.lower_fun(function, multiple_results=True)
