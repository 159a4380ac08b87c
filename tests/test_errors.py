"""Refusals of what is no array of floats: the message names the argument, what was got and what is possible."""

import re

import numpy as np
import pytest

import gridsample as gs
from support import BATCH, CHANNELS, OUTS, make_grid, make_image

POSSIBLE = "a NumPy array, a torch tensor, or an array of the array-API standard (such as JAX's or CuPy's); got "


class Impostor:
    """Has a shape and a dtype, and converts to an array, but is none."""

    shape = (BATCH, CHANNELS, 5, 7)
    dtype = np.dtype("float64")

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("nothing may be converted in silence")


NO_ARRAYS = {
    "list": ([[[1.0, 2.0]]], "builtins.list"),
    "tuple": ((1.0,), "builtins.tuple"),
    "string": ("image.png", "builtins.str"),
    "bytes": (b"12345678", "builtins.bytes"),
    "int": (1, "builtins.int"),
    "float": (1.0, "builtins.float"),
    "none": (None, "builtins.NoneType"),
    "numpy scalar": (np.float32(1), "numpy.float32"),
    "buffer": (memoryview(b"12345678"), "builtins.memoryview"),
    "dict": ({}, "builtins.dict"),
    "type": (np.ndarray, "builtins.type"),
    "impostor": (Impostor(), f"{__name__}.Impostor"),
}

CALLS = {
    "input": lambda bad, rng, out: gs.grid_sample(bad, make_grid(rng), out=out),
    "grid": lambda bad, rng, out: gs.grid_sample(make_image(rng), bad, out=out),
    "values": lambda bad, rng, out: gs.grid_splat(bad, make_grid(rng), (BATCH, CHANNELS, 11, 13), out=out),
    "theta": lambda bad, rng, out: gs.affine_grid(bad, (BATCH, CHANNELS, 5, 7)),  # noqa: ARG005  (one signature)
}

every_argument = pytest.mark.parametrize("argument", CALLS)


def refusal(error, argument, bad, rng):
    """Return the message of a refusal that left ``out`` alone."""
    out = np.full((BATCH, CHANNELS, *OUTS[2]), 7.0)
    with pytest.raises(error) as caught:
        CALLS[argument](bad, rng, out)
    assert (out == 7).all()
    return str(caught.value)


@every_argument
@pytest.mark.parametrize("case", NO_ARRAYS)
def test_what_is_no_array(rng, case, argument):
    bad, name = NO_ARRAYS[case]
    message = refusal(TypeError, argument, bad, rng)
    assert message.startswith(f"{argument} must be ")
    assert POSSIBLE in message
    assert f"got {name}" in message


@every_argument
def test_sparse_arrays(rng, argument):
    sparse = pytest.importorskip("scipy.sparse")
    for kind in (sparse.csr_array, sparse.coo_matrix):
        message = refusal(TypeError, argument, kind(np.eye(3)), rng)
        assert message.startswith(f"{argument} must be ")
        assert kind.__name__ in message


REFUSED_DTYPES = ["int8", "uint8", "int32", "int64", "uint64", "bool", "complex64", "complex128", "O", "<U3", "M8[s]"]
CARRIED_DTYPES = ["int8", "uint8", "int32", "complex64", "complex128"]  # where they are values
if np.dtype("longdouble") != np.dtype("float64"):
    REFUSED_DTYPES.append("longdouble")


@every_argument
@pytest.mark.parametrize("dtype", REFUSED_DTYPES)
def test_dtypes(rng, dtype, argument):
    shape = {"grid": (BATCH, 11, 13, 2), "values": (BATCH, CHANNELS, 11, 13), "theta": (BATCH, 2, 3)}
    bad = np.zeros(shape.get(argument, (BATCH, CHANNELS, 5, 7)), dtype)
    is_values = argument in ("input", "values")
    if is_values and dtype in CARRIED_DTYPES:
        pytest.skip("is served")
    message = refusal(TypeError, argument, bad, rng)
    if is_values and bad.dtype.kind in ("biuM" if argument == "input" else "biu"):
        assert message.startswith(f"{argument} of dtype {bad.dtype.name} can")
    else:
        others = ", or of integers, bool or complex numbers" if is_values else ""
        assert message.startswith(f"{argument} must be of dtype float16, float32 or float64{others}; got ")
        assert re.search(rf"got {re.escape(bad.dtype.name)}($|; )", message)


def test_records(rng):
    message = refusal(TypeError, "input", np.zeros((BATCH, CHANNELS, 5, 7), [("x", "f4"), ("y", "f4")]), rng)
    assert message.startswith("input must be of dtype ")
    assert message.endswith("; sample its fields one by one, as in input['x']")


def test_shapes_come_after_types(rng):
    """What is wrong with the kind of thing is said before what is wrong with its form."""
    assert "dtype" in refusal(TypeError, "input", np.zeros(3, int), rng)


@pytest.mark.parametrize("option", ["mode", "padding_mode", "align_corners", "channels"])
def test_options_are_checked_on_every_route(rng, option):
    out = np.full((BATCH, CHANNELS, *OUTS[2]), 7.0)
    for call in (
        lambda **options: gs.grid_sample(make_image(rng), make_grid(rng), out=out, **options),
        lambda **options: gs.grid_splat(out, make_grid(rng), out.shape, out=out, **options),
    ):
        with pytest.raises(TypeError, match=rf"^{option} must be .*got 7"):
            call(**{option: 7})
    assert (out == 7).all()


def test_unknown_parameters_are_refused(rng):
    for unknown in ("fill_value", "coords", "outside", "antialias"):
        with pytest.raises(TypeError, match=unknown):
            gs.grid_sample(make_image(rng), make_grid(rng), **{unknown: None})


def test_keyword_only_parameters(rng):
    with pytest.raises(TypeError, match="positional"):
        gs.grid_sample(make_image(rng), make_grid(rng), "linear", "zeros", False, "last")


def test_missing_arguments(rng):
    with pytest.raises(TypeError, match="grid"):
        gs.grid_sample(make_image(rng))
    with pytest.raises(TypeError, match="shape"):
        gs.grid_splat(make_image(rng), make_grid(rng))
