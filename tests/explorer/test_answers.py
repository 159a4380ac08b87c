"""Every answer is what the public functions give."""

import itertools
import json
import struct

import numpy as np
import pytest

import gridsample as gs
from gridsample.explanation.contents import contents, number
from gridsample.explorer import answers, choices, pictures
from gridsample.spec import MAP_COORDS, PADDING_MODES

POINTS = [[0.3, -0.2], [-1.3, 1.1], [7.0, -1e9], [0.0, 1.0]]
CORNERS = [[-1.2, -0.9], [0.8, -1.1], [-0.7, 0.6], [1.3, 1.0]]
CALLS = [
    {"mode": mode, "padding_mode": padding, "align_corners": align, "coords": coords}
    for mode, padding, align, coords in itertools.product(choices.KERNELS, PADDING_MODES, (False, True), MAP_COORDS)
]


def call_of(options, fill_value):
    """Return options of a question as grid_sample takes them."""
    filling = {"fill_value": fill_value} if options["padding_mode"] == "fill" else {}
    return {**options, "mode": choices.KERNELS[options["mode"]], **filling}


def pixels_of(answer):
    """Return what an answer with pixels says, and the pixels."""
    (length,) = struct.unpack_from("<I", answer.content)
    about = json.loads(answer.content[4 : 4 + length])
    shape = about["height"], about["width"], 4
    return about, np.frombuffer(answer.content, np.uint8, offset=4 + length).reshape(shape)


def tolerance(options):
    """B-splines weigh coefficients up to some times as large as the values: a few float32 steps of those."""
    return {"rtol": 0, "atol": 256 * 2**-23 * (64 if options["mode"].startswith("bspline") else 8)}


def run(code, image):
    """Return what the lines of code that an answer gives return."""
    *lines, last = code.splitlines()
    names = {"np": np, "gs": gs, "image": image}
    exec("\n".join(lines), names)
    return eval(last, names)


@pytest.mark.parametrize("options", CALLS[::3], ids=lambda options: "-".join(map(str, options.values())))
def test_a_point(client, picture, question, options):
    for point in POINTS:
        told = client.post("/explain", json=question([point], fill_value=9, **options)).json()
        grid = np.array([[point]])
        call = call_of(options, 9.0)
        wanted = gs.grid_sample(picture.values, grid, **call)[0, :, 0]
        record = gs.explain(picture.values, grid, 0, **call)
        assert told["grid"] == point
        np.testing.assert_allclose(
            [float(text) for text in told["result"]], wanted, rtol=6e-6, atol=2e-3
        )  # six digits are told
        np.testing.assert_allclose(run(told["code"], picture.values)[0, :, 0], wanted, **tolerance(options))
        assert told["title"] == contents(record, "en").title
        assert told["notes"] == list(contents(record, "en").notes)
        assert [[cell["text"] for cell in row] for row in told["steps"]["rows"]] == [
            [cell.text for cell in row] for row in contents(record, "en").steps.rows
        ]


@pytest.mark.parametrize("name", choices.KERNELS)
def test_the_sum(client, picture, question, name):
    """Taps and formula are explain's; of B-splines, those of the call that filters."""
    told = client.post("/explain", json=question([[0.31, -0.97]], mode=name, padding_mode="mirror")).json()
    record = gs.explain(picture.values, np.array([[[0.31, -0.97]]]), 0, choices.KERNELS[name], "mirror")
    assert len(told["formula"]) == 3
    headings = [cell["text"] for cell in told["taps"]["headings"]]
    assert headings == [cell.text for cell in contents(record, "en").taps.headings]
    weights = [cell["text"] for row in told["taps"]["rows"] for cell in row if cell["kind"] == "weight"]
    assert weights == [number(tap.weight) for tap in record.taps]
    left, _, right = told["formula"][0].partition(" = ")
    assert eval(left.replace("×", "*")) == pytest.approx(float(right), abs=0.02)  # six digits of each term


@pytest.mark.parametrize("options", CALLS[1::5], ids=lambda options: "-".join(map(str, options.values())))
def test_a_mesh(client, picture, question, options):
    size = [7, 5]
    asked = question(CORNERS, fill_value=80, **options)
    about, shown = pixels_of(client.post("/warp", json={**asked, "size": size}))
    v, u = np.mgrid[:5, :7] / np.array([4, 6]).reshape(2, 1, 1)
    a, b, c, d = (np.array(corner) for corner in CORNERS)
    u, v = u[..., None], v[..., None]
    grid = ((1 - u) * (1 - v) * a + u * (1 - v) * b + (1 - u) * v * c + u * v * d)[np.newaxis]
    call = call_of(options, 80.0)
    wanted = pictures.colours(gs.grid_sample(picture.values, grid, **call)[0], picture)
    made = pictures.colours(run(about["code"], picture.values)[0], picture)
    if options["mode"] != "nearest":  # which has ties, on whose sides two ways to write a grid may fall
        assert np.abs(wanted.astype(int) - shown).max() <= 1  # a rounding that falls to the other side
    assert np.abs(made.astype(int) - shown).max() <= 1


@pytest.mark.parametrize("padding", PADDING_MODES)
def test_surroundings(client, picture, question, padding):
    about, shown = pixels_of(client.post("/surroundings", json=question([], padding_mode=padding, fill_value=50)))
    down, right = 4, 6  # of 11 and 17
    modes = {"border": "edge", "mirror": "reflect", "symmetric": "symmetric", "reflection": "symmetric", "wrap": "wrap"}
    how = {"mode": modes[padding]} if padding in modes else {"constant_values": 50 if padding == "fill" else 0}
    wanted = np.pad(picture.values[0], ((0, 0), (down, down), (right, right)), **how)
    np.testing.assert_array_equal(shown[..., :3], np.moveaxis(wanted, 0, -1))
    assert (about["left"], about["top"], about["right"], about["bottom"]) == (-6.5, -4.5, 22.5, 14.5)


@pytest.mark.parametrize("coords", MAP_COORDS)
@pytest.mark.parametrize("align", [False, True])
def test_what_is_dragged_is_what_the_code_has(client, question, coords, align):
    asked = question([[3.14159, -2.71828]], "pixels", coords=coords, align_corners=align)
    told = client.post("/explain", json=asked).json()
    again = client.post("/explain", json=question([told["grid"]], coords=coords, align_corners=align)).json()
    assert told["pixels"] == pytest.approx([3.14, -2.72], abs=1e-5)
    assert told == again
    assert str(told["grid"]) in told["code"]


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 1, 1, 7), (1, 2, 5, 1), (1, 4, 2, 3)])
def test_small_pictures(rng, question, shape):
    from gridsample.explorer.state import State  # noqa: PLC0415

    shown = State(pictures.picture(rng.integers(0, 256, shape).astype("uint8"), "")).shown
    for name, align in itertools.product(choices.KERNELS, (False, True)):
        options = choices.options_of(question([], mode=name, align_corners=align)["options"])
        told = answers.explained(shown, options, "pixels", [[0.2, -0.6]])
        assert np.isfinite(told["grid"]).all()
        _, pixels = answers.warped(shown, options, "pixels", [[0, 0], [3, 0], [0, 3], [3, 3]], (5, 3))
        assert pixels.shape == (3, 5, 4)
        answers.surroundings(shown, options)


def test_words_of_both_languages(client, question):
    told = client.post("/explain", json=question([[0.3, 0.2]], language="zh")).json()
    assert "双线性插值" in told["title"]
    assert told["taps"]["headings"][1]["text"] == "所在"


def test_each_kernel_and_boundary_can_be_chosen(client):
    from gridsample.definitions.kernels import KINDS  # noqa: PLC0415

    offered = client.get("/about").json()["choices"]
    assert {type(choices.KERNELS[choice["value"]]) for choice in offered["mode"]} == set(KINDS)
    assert [choice["value"] for choice in offered["padding_mode"]] == list(PADDING_MODES)


def test_coefficients_are_made_once(client, question, monkeypatch):
    from gridsample.explorer import state  # noqa: PLC0415

    made, make = [], state.spline_coefficients
    monkeypatch.setattr(state, "spline_coefficients", lambda *given: made.append(given[1:]) or make(*given))
    for x in (0.1, 0.2, 0.3):
        client.post("/explain", json=question([[x, 0.0]], mode="bspline"))
    assert made == [(3, "zeros", False)]


WRONG = {
    "mode": [None, "bicubik", 3, ["bicubic"], {}],
    "padding_mode": [None, "bordr", 0],
    "align_corners": [None, 1, "true"],
    "coords": ["relative", None],
    "language": ["de", None],
    "fill_value": ["1", None, True, [1]],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_wrong_options(client, question, name, value):
    answer = client.post("/explain", json=question([[0, 0]], **{name: value}))
    assert answer.status_code == 400
    assert name in answer.json()["error"]


@pytest.mark.parametrize("points", [None, [], [0, 0], [[0, 0], [0, 0]], [[0]], [["0", 0]], [[None, 0]], {}])
def test_wrong_places(client, question, points):
    answer = client.post("/explain", json=question(points))
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("size", [None, 3, [3], [1, 5], [5, 1025], [5.0, 5], ["5", 5], [True, 5]])
def test_wrong_sizes(client, question, size):
    answer = client.post("/warp", json={**question(CORNERS), "size": size})
    assert answer.status_code == 400
    assert "1024" in answer.json()["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"picture": 1}', b"[" * 10000, b'{"picture": 1e999}'])
def test_wrong_questions(client, body):
    answer = client.post("/explain", content=body)
    assert answer.status_code in (400, 409)
    assert answer.json()["error"]


def test_numbers_that_are_none(client, question):
    for number_ in ("NaN", "Infinity", "-Infinity"):
        body = json.dumps(question([[0.5, 0.25]])).replace("0.25", number_)
        assert client.post("/explain", content=body).status_code == 400
