"""Mistakes of shape and dtype: the message says what they look like and gives the line to write, which is right."""

import re

import numpy as np
import pytest

import gridsample as gs

LIBRARIES = ["numpy", "torch"]
every_library = pytest.mark.parametrize("library", LIBRARIES)


def made(library, shape, dtype="float64"):
    """Return an array of some shape, whose numbers are all different."""
    array = (np.arange(np.prod(shape)).reshape(shape) / max(np.prod(shape), 1)).astype(dtype)
    return array if library == "numpy" else pytest.importorskip("torch").tensor(array)


def refusal(call, error=ValueError):
    """Return the message of a refusal."""
    with pytest.raises(error) as caught:
        call()
    return str(caught.value)


def moveaxis(array, *axes):
    """Call the function of this name that an array's library has."""
    return array.moveaxis(*axes) if hasattr(array, "moveaxis") else np.moveaxis(array, *axes)


def advised(message, **arrays):
    """Return what the line that a message gives makes, and the options that go with it."""
    line = re.search(r"pass ((?:moveaxis\(.*?\)|\w+)(?:\[[^]]*\])?(?:\.\w+\(.*?\))?)", message).group(1)
    options = dict(re.findall(r'with (?:.*?)(coords|channels)="(\w+)"', message))
    return eval(line, {"moveaxis": moveaxis}, arrays), options


# --------------------------------------------------------------------------------------------------- arrays, one by one

SINGLE = {
    "an image (H, W, C)": ((48, 64, 3), (1, 10, 12, 2), "it looks like one image (H, W, C) without", (1, 3, 10, 12)),
    "an image under several grids": ((48, 64, 3), (5, 9, 2), "it looks like one image (H, W, C)", (5, 3, 9)),
    "an image (C, H, W)": ((3, 48, 64), (1, 10, 12, 2), "if it is one image (C, H, W) without", (1, 3, 10, 12)),
    "a picture with alpha": ((48, 64, 4), (1, 9, 2), "it looks like one image (H, W, C)", (1, 4, 9)),
    "a grey picture (H, W, 1)": ((48, 64, 1), (1, 9, 2), "it looks like one image (H, W, C)", (1, 1, 9)),
    "a volume (D, H, W, C)": ((8, 9, 10, 2), (1, 6, 3), "it looks like one volume (D, H, W, C)", (1, 2, 6)),
    "a signal (W, C)": ((48, 2), (1, 9, 1), "it looks like one signal (W, C)", (1, 2, 9)),
    "a signal (C, W)": ((2, 48), (1, 9, 1), "if it is one signal (C, W)", (1, 2, 9)),
    "many channels somewhere": ((16, 48, 64), (1, 9, 2), "if it is one image without its batch axis", (1, 16, 9)),
    "an image (H, W)": ((48, 64), (1, 9, 2), "if it is one image (H, W) without batch and channels", (1, 1, 9)),
    "a volume (D, H, W)": ((8, 9, 10), (1, 9, 3), "if it is one volume (D, H, W) without batch", (1, 1, 9)),
    "a signal (W,)": ((48,), (1, 9, 1), "if it is one signal (W) without batch and channels", (1, 1, 9)),
}
"""Shapes of an array and a grid, what the message says, and the shape of the result, its channels second."""


@every_library
@pytest.mark.parametrize("case", SINGLE)
def test_an_array_without_its_batch_axis(case, library):
    shape, places, looks, result = SINGLE[case]
    image, grid = made(library, shape, "float32"), made(library, places)
    message = refusal(lambda: gs.grid_sample(image, grid))
    assert looks in message
    right, options = advised(message, input=image)
    options = {} if "if they are last" in message else options
    samples = gs.grid_sample(right, grid, **options)
    channels_first = (
        samples.movedim(-1, 1)
        if options and library == "torch"
        else np.moveaxis(np.asarray(samples), -1, 1)
        if options
        else samples
    )
    assert tuple(channels_first.shape) == result


@pytest.mark.parametrize("case", ["an image (H, W, C)", "an image (C, H, W)"])
def test_the_image_is_blamed_and_not_its_grid(case):
    message = refusal(lambda: gs.grid_sample(made("numpy", SINGLE[case][0]), made("numpy", SINGLE[case][1])))
    assert message.startswith(
        "input must have the shape (N, C, *size) with 2 spatial axes, as many as grid (1, 10, 12, 2)"
    )


def test_pictures_of_bytes_get_one_message():
    """Once, one had to get past the dtype first."""
    image, grid = made("numpy", (48, 64, 3), "uint8"), made("numpy", (1, 10, 12, 2))
    assert 'pass input[None] with channels="last"' in refusal(lambda: gs.grid_sample(image, grid))


@every_library
def test_an_array_without_its_batch_axis_and_channels_last(library):
    for shape, line in (((48, 64, 3), "input[None]"), ((48, 64), "input[None, ..., None]")):
        image, grid = made(library, shape), made(library, (1, 9, 2))
        message = refusal(lambda image=image, grid=grid: gs.grid_sample(image, grid, channels="last"))
        assert message.endswith(f"pass {line}")
        right, _ = advised(message, input=image)
        assert tuple(gs.grid_sample(right, grid, channels="last").shape) == (1, 9, shape[2] if len(shape) == 3 else 1)


def test_labels_and_masks_are_called_by_their_names():
    labels, grid = made("numpy", (48, 64, 3), "int32"), made("numpy", (1, 9, 2))
    assert "pass labels[None] with" in refusal(lambda: gs.sample_labels(labels, grid))


# ---------------------------------------------------------------------------------------------------------------- grids


@every_library
def test_input_and_grid_swapped(library):
    image, grid = made(library, (1, 3, 48, 64)), made(library, (1, 10, 12, 2))
    message = refusal(lambda: gs.grid_sample(grid, image))
    assert message.endswith("input and grid look swapped; pass the array first, and its places second")
    assert gs.grid_sample(image, grid).shape == (1, 3, 10, 12)


@every_library
def test_a_picture_of_bytes_for_a_grid(library):
    image, grid = made(library, (1, 3, 48, 64), "uint8"), made(library, (1, 10, 12, 2))
    message = refusal(lambda: gs.grid_sample(grid, image), TypeError)
    assert message.endswith("got uint8; if this is the array to sample, it comes first, and its places second")


@every_library
def test_a_flow_with_its_coordinates_second(library):
    image, flow = made(library, (1, 3, 48, 64)), made(library, (1, 2, 48, 64))
    message = refusal(lambda: gs.grid_sample(image, flow))
    assert "it looks like (N, D, *out), as flows are kept; pass moveaxis(grid, 1, -1)" in message
    right, options = advised(message, grid=flow)
    assert options == {"coords": "relative"}
    expected = gs.grid_sample(image, right, coords="relative")
    assert expected.shape == (1, 3, 48, 64)
    message = refusal(lambda: gs.grid_sample(image, flow, coords="relative"))
    assert message.endswith("as flows are kept; pass moveaxis(grid, 1, -1)")
    assert (gs.grid_sample(image, advised(message, grid=flow)[0], coords="relative") == expected).all()


@every_library
@pytest.mark.parametrize("shape", [(48, 64, 2), (2, 48, 64)])
def test_a_flow_without_its_batch_axis(shape, library):
    image, flow = made(library, (1, 3, 48, 64)), made(library, shape)
    message = refusal(lambda: gs.grid_sample(image, flow, coords="relative"))
    assert "without its batch axis; pass " in message
    right, _ = advised(message, grid=flow)
    assert gs.grid_sample(image, right, coords="relative").shape == (1, 3, 48, 64)


@every_library
def test_coordinates_first_as_scipys(library):
    image, coordinates = made(library, (1, 3, 48, 64)), made(library, (2, 10, 12))
    message = refusal(lambda: gs.grid_sample(image, coordinates))
    assert 'turned round by [..., ::-1] if the first is y, and with coords="pixel" if it counts pixels' in message
    right, options = advised(message, grid=coordinates)
    assert options == {"coords": "pixel"}
    assert gs.grid_sample(image, right, **options).shape == (1, 3, 10, 12)


def test_the_line_for_scipys_coordinates_gives_its_samples():
    ndimage = pytest.importorskip("scipy.ndimage")
    image = made("numpy", (48, 64))
    coordinates = np.random.default_rng(0).uniform(1, 40, (2, 10, 12))
    grid = np.moveaxis(coordinates, 0, -1)[None][..., ::-1]
    ours = gs.grid_sample(image[None, None], grid, coords="pixel")[0, 0]
    np.testing.assert_allclose(ours, ndimage.map_coordinates(image, coordinates, order=1), rtol=0, atol=1e-14)


@every_library
def test_one_place_alone(library):
    image, place = made(library, (1, 3, 48, 64)), made(library, (2,))
    message = refusal(lambda: gs.grid_sample(image, place))
    assert message.endswith("if it is one place without a batch axis, pass grid[None]")
    assert gs.grid_sample(image, advised(message, grid=place)[0]).shape == (1, 3)


@every_library
def test_a_grid_without_its_batch_axis(library):
    """Legal where the batches fit, and then a batch of lists; where they do not, the message says how it is read."""
    image, grid = made(library, (2, 3, 8, 8)), made(library, (4, 5, 2))
    assert gs.grid_sample(image[:1], grid).shape == (4, 3, 5)
    message = refusal(lambda: gs.grid_sample(image, grid))
    assert "grid (4, 5, 2) is read as a batch of 4 with 5 points each; if its batch axis is missing" in message
    assert gs.grid_sample(image, advised(message, grid=grid)[0]).shape == (2, 3, 4, 5)
    values = made(library, (1, 3, 4, 5))
    message = refusal(lambda: gs.grid_splat(values, grid, (1, 3, 8, 8)))
    assert "grid (4, 5, 2) lacks its batch axis; pass grid[None]" in message
    assert gs.grid_splat(values, advised(message, grid=grid)[0], (1, 3, 8, 8)).shape == (1, 3, 8, 8)


BATCH_FIRST = {
    "too few axes": lambda: gs.grid_sample(np.zeros((5, 7)), np.zeros((1, 9, 2))),
    "coordinates": lambda: gs.grid_sample(np.zeros((2, 3, 5, 7)), np.zeros((2, 9, 3))),
    "an image": lambda: gs.grid_sample(np.zeros((5, 7, 3)), np.zeros((1, 9, 2))),
    "a splat's grid": lambda: gs.grid_splat(np.zeros((2, 3, 9)), np.zeros((2, 9, 3)), (2, 3, 5, 7)),
    "a splat's shape": lambda: gs.grid_splat(np.zeros((2, 3, 9)), np.zeros((2, 9, 2)), (5, 7)),
    "a splat's values": lambda: gs.grid_splat(np.zeros((3, 9)), np.zeros((2, 9, 2)), (2, 3, 5, 7)),
    "a count's grid": lambda: gs.grid_count(np.zeros((2, 9, 3)), (2, 1, 5, 7)),
    "an affine map": lambda: gs.affine_grid(np.zeros((2, 3)), (1, 1, 5, 7)),
    "an affine map's size": lambda: gs.affine_grid(np.zeros((1, 2, 3)), (5, 7)),
    "a flow": lambda: gs.grid_sample(np.zeros((1, 3, 5, 7)), np.zeros((5, 7, 2)), coords="relative"),
    "coefficients": lambda: gs.spline_coefficients(np.zeros((5, 7))),
    "a mask": lambda: gs.sample_masked(np.zeros((1, 3, 5, 7)), np.ones((5, 7), bool), np.zeros((1, 9, 2))),
}


@pytest.mark.parametrize("case", BATCH_FIRST)
def test_every_error_about_a_count_of_axes_names_the_batch_first(case):
    message = refusal(BATCH_FIRST[case])
    assert re.search(r"^\w+ must (be|have the shape) \((N|1), ", message), message
    assert "batch" in message


# --------------------------------------------------------------------------------------------------------------- splats


@every_library
@pytest.mark.parametrize(
    ("shape", "looks"),
    [
        (
            (1, 10, 12, 3),
            'their channels come last; pass channels="last", with a shape to match, or moveaxis(values, -1',
        ),
        ((3, 10, 12), "they lack their batch axis; pass values[None]"),
        ((10, 12), "they lack batch and channels; pass values[None, None]"),
    ],
)
def test_values_of_another_shape(shape, looks, library):
    values, grid = made(library, shape), made(library, (1, 10, 12, 2))
    message = refusal(lambda: gs.grid_splat(values, grid, (1, 3 if 3 in shape else 1, 48, 64)))
    assert looks in message
    if "channels come last" in message:
        assert gs.grid_splat(values, grid, (1, 48, 64, 3), channels="last").shape == (1, 48, 64, 3)
        message = message.replace("or moveaxis", "or pass moveaxis").replace('pass channels="last"', "")
    right, _ = advised(message, values=values)
    assert gs.grid_splat(right, grid, (1, right.shape[1], 48, 64)).shape == (1, right.shape[1], 48, 64)


@pytest.mark.parametrize(
    ("shape", "looks"),
    [
        ((1, 3, 10, 12), 'their channels come second; leave out channels="last", or pass moveaxis(values, 1, -1)'),
        ((10, 12, 3), "they lack their batch axis; pass values[None]"),
        ((10, 12), "they lack batch and channels; pass values[None, ..., None]"),
    ],
)
def test_values_with_their_channels_last(shape, looks):
    values, grid = made("numpy", shape), made("numpy", (1, 10, 12, 2))
    message = refusal(lambda: gs.grid_splat(values, grid, (1, 48, 64, 3 if 3 in shape else 1), channels="last"))
    assert message.endswith(looks)
    right, _ = advised(message, values=values)
    assert gs.grid_splat(right, grid, (1, 48, 64, right.shape[-1]), channels="last").shape[:3] == (1, 48, 64)


def test_splats_of_other_shapes():
    values, grid = made("numpy", (1, 3, 10, 12)), made("numpy", (1, 10, 12, 2))
    message = refusal(lambda: gs.grid_splat(grid, values, (1, 3, 48, 64)))
    assert message.endswith("values and grid look swapped; pass the values first, and their places second")
    message = refusal(lambda: gs.grid_splat(values, grid, (3, 48, 64)))
    assert message.endswith("shape begins with the batch; if that is missing, pass (1, 3, 48, 64)")
    message = refusal(lambda: gs.grid_splat(values[:, :1], grid, (48, 64)))
    assert message.endswith("shape is complete, with batch and channels; if they are missing, pass (1, 1, 48, 64)")
    message = refusal(lambda: gs.grid_splat(values, np.moveaxis(grid, -1, 1), (1, 3, 48, 64)))
    assert "pass moveaxis(grid, 1, -1)" in message


# -------------------------------------------------------------------------------------------------- maps, masks, points


@every_library
@pytest.mark.parametrize(
    ("shape", "looks"),
    [
        ((2, 3), "it lacks its batch axis; pass theta[None]"),
        ((3, 3), "it lacks its batch axis, and the last row is left out; pass theta[None, :2]"),
        ((1, 3, 3), "the last row is left out; pass theta[:, :2]"),
    ],
)
def test_matrices(shape, looks, library):
    theta = made(library, shape)
    message = refusal(lambda: gs.affine_grid(theta, (1, 3, 48, 64)))
    assert message.endswith(looks)
    assert gs.affine_grid(advised(message, theta=theta)[0], (1, 3, 48, 64)).shape == (1, 48, 64, 2)


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ((3, 48, 64), "if that is missing, pass (1, 3, 48, 64)"),
        ((48, 64), "if they are missing, pass (1, 1, 48, 64)"),
        ((4, 3, 48, 64), "for one map of all batch entries, pass (1, 3, 48, 64): its grid serves them all"),
    ],
)
def test_sizes(size, line):
    theta = made("numpy", (1, 2, 3))
    assert refusal(lambda: gs.affine_grid(theta, size)).endswith(line)


@pytest.mark.parametrize("channels", ["first", "last"])
def test_masks(channels):
    last = channels == "last"
    image, grid = made("numpy", (2, 5, 7, 3) if last else (2, 3, 5, 7)), made("numpy", (2, 9, 2))
    for mask in (image > 0.1, (image > 0.1)[..., 0] if last else (image > 0.1)[:, 0], np.ones((5, 7), bool)):
        message = refusal(lambda mask=mask: gs.sample_masked(image, mask, grid, channels=channels))
        right, _ = advised(message, mask=mask)
        assert gs.sample_masked(image, right, grid, channels=channels).weight.size == 18
    mask = (image[..., :1] if last else image[:, :1]).astype("uint8")
    message = refusal(lambda: gs.sample_masked(image, mask, grid, channels=channels), TypeError)
    assert message.endswith("got uint8; pass mask != 0")
    assert gs.sample_masked(image, mask != 0, grid, channels=channels).weight.size == 18


@every_library
def test_points(library):
    points = made(library, (2, 9))
    message = refusal(lambda: gs.normalize(points, (5, 7)))
    assert message.endswith("coordinates come last; pass moveaxis(points, 0, -1)")
    assert gs.normalize(advised(message, points=points)[0], (5, 7)).shape == (9, 2)


# --------------------------------------------------------------------------------------------------------------- dtypes


@every_library
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_whole_numbers_for_places(dtype, library):
    image, grid = made(library, (1, 3, 5, 7)), made(library, (1, 9, 2), dtype)
    message = refusal(lambda: gs.grid_sample(image, grid), TypeError)
    line = "grid.float()" if library == "torch" else 'grid.astype("float32")'
    assert message.endswith(
        f'got {dtype}; normalized coordinates run from -1 to 1, pixels from 0 on with coords="pixel"; pass {line}'
    )
    assert gs.grid_sample(image, eval(line, {"grid": grid}), coords="pixel").shape == (1, 3, 9)


@every_library
def test_whole_numbers_for_matrices(library):
    theta = made(library, (1, 2, 3), "int64")
    message = refusal(lambda: gs.affine_grid(theta, (1, 3, 5, 7)), TypeError)
    right = eval(re.search(r"pass (.*)$", message).group(1), {"theta": theta})
    assert gs.affine_grid(right, (1, 3, 5, 7)).shape == (1, 5, 7, 2)
