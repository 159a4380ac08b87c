"""The page in a real browser, Debian's chromium: what it shows is what grid_sample returns."""

import json
import os
import shutil
import signal
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from explorer.in_browser import Page, ended, started
from gridsample.explorer import choices, pictures

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api")
if CHROMIUM is None:
    pytest.skip("no Chromium is installed: apt-get install chromium", allow_module_level=True)

CAT = Path(__file__).parents[2] / "examples/chelsea.jpg"


@pytest.fixture(scope="module")
def browser():
    options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    process, address = started(tmp_path_factory.mktemp("explorer"))
    yield process, address
    assert ended(process) == (0, "")


@pytest.fixture(scope="module")
def context(browser, process):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.new_page().goto(process[1])
    yield context
    context.close()


@pytest.fixture
def page(context, process):
    """A new page on the small array or what was opened last; afterwards it must not have complained."""
    page = Page(context.new_page(), process[0])
    page.page.goto(process[1].partition("?")[0])
    page.settle()
    yield page
    page.page.close()
    assert page.complaints == []
    assert {url.split("/")[2] for url in page.asked} == {process[1].split("/")[2]}


ARRAY = np.array([[85, 63, 51, 26], [30, 4, 7, 1], [17, 81, 64, 91], [50, 60, 97, 72]], np.float32)[None, None]


def shows(page, image):
    """Check that results and the warped picture are what the page's own code gives."""
    wanted = page.run("point-code", image)[0, :, 0]
    np.testing.assert_allclose(page.result(), wanted, rtol=6e-6, atol=2e-3)  # six digits are shown
    made = pictures.colours(page.run("mesh-code", image)[0], pictures.picture(image, ""))
    assert np.abs(made.astype(int) - page.warped()).max() <= 1  # a rounding that falls to the other side


def test_it_opens_on_the_small_array(page):
    assert "gridsample" in page.page.title()
    shows(page, ARRAY)
    assert page.text("formula").endswith(f"= {page.text('result').split(' ', 1)[1]}")
    assert page.page.locator("#cells .tap").count() == 4


def test_clicking_moves_the_point(page):
    before = page.point()
    box = page.page.locator("#stage").bounding_box()
    page.page.mouse.click(box["x"] + 0.52 * box["width"], box["y"] + 0.45 * box["height"])
    page.settle()
    assert page.point() != before
    across = 8  # pixels are shown: four, and two on each side
    positions = [(value + 1) * 2 - 0.5 for value in page.point()]
    assert positions == pytest.approx([0.52 * across - 2.5, 0.45 * across - 2.5], abs=0.03)
    shows(page, ARRAY)


def test_dragging_the_point(page):
    before = page.point()
    page.drag(".point", 90, -40)
    after = page.point()
    assert after[0] > before[0]
    assert after[1] < before[1]
    shows(page, ARRAY)


def test_dragging_in_the_cells_is_finer(page):
    before = page.point()
    page.drag("#cells", 30, 20)
    moved = [new - old for new, old in zip(page.point(), before, strict=True)]
    assert 0 < moved[1] < moved[0] < 0.5
    shows(page, ARRAY)


def test_dragging_a_corner(page):
    code, warped, point = page.text("mesh-code"), page.warped(), page.point()
    page.drag(".corner >> nth=3", 60, 70)
    assert page.text("mesh-code") != code
    assert (page.warped() != warped).any()
    assert page.point() == point
    shows(page, ARRAY)


@pytest.mark.parametrize("mode", choices.KERNELS)
def test_kernels(page, mode):
    page.choose(mode=mode, padding_mode="mirror")
    shows(page, ARRAY)
    assert page.page.locator("#cells .tap").count() == choices.KERNELS[mode].taps ** 2


@pytest.mark.parametrize("padding", ["zeros", "fill", "border", "symmetric", "reflection", "wrap"])
def test_boundaries(page, padding):
    page.choose(padding_mode=padding)
    assert page.page.is_visible("#fill_value") == (padding == "fill")
    if padding == "fill":
        page.page.fill("#fill_value", "33")
    page.page.fill("#x", "-1.3")
    page.page.fill("#y", "0.9")
    page.settle()
    assert page.point() == [-1.3, 0.9]
    shows(page, ARRAY)


def test_align_corners_keeps_coordinates_and_moves_the_point(page):
    point, pixels, result = page.point(), page.text("pixels"), page.result()
    page.choose(align_corners=True)
    assert page.point() == point
    assert page.text("pixels") != pixels
    assert page.result() != result
    shows(page, ARRAY)


def test_coordinates_in_pixels_keep_the_place(page):
    pixels, result = page.text("pixels"), page.result()
    page.choose(coords="pixel")
    assert page.text("pixels") == pixels
    assert page.result() == pytest.approx(result)
    assert ", ".join(map(str, page.point())) in page.text("pixels")
    shows(page, ARRAY)


def test_presets_and_sizes(page):
    page.page.fill("#width", "23")
    page.page.fill("#height", "17")
    for preset in ("whole", "turned", "flipped"):
        page.page.click(f"[data-preset={preset}]")
        page.settle()
        assert page.warped().shape == (17, 23, 4)
        shows(page, ARRAY)


def test_a_size_that_is_too_large(page):
    page.page.fill("#width", "5000")
    page.page.keyboard.press("Tab")
    page.page.wait_for_selector("#error:visible")
    assert "1024" in page.text("error")
    page.page.fill("#width", "50")
    page.page.keyboard.press("Tab")
    page.page.wait_for_selector("#error", state="hidden")
    page.complaints.clear()  # the browser's own, of an answer 400


def test_clicking_the_warped_picture_shows_that_pixel(page):
    box = page.page.locator("#warped canvas").bounding_box()
    page.page.mouse.click(box["x"] + 1, box["y"] + box["height"] - 2)  # its corner 3
    page.settle()
    corners = page.page.text_content("#mesh-code").splitlines()[0].partition("np.array(")[2].rstrip(")")
    assert page.point() == pytest.approx(json.loads(corners)[0][1][0], abs=0.02)  # where a pixel of the screen is


def test_by_the_keyboard_alone(page):
    """Tab reaches the point and the corners, arrows move them, and what comes of it is said."""
    reached = []
    for _ in range(40):
        page.page.keyboard.press("Tab")
        label = page.page.evaluate(
            "() => document.activeElement.getAttribute('aria-label') || document.activeElement.id"
        )
        reached.append(label)
        if label.startswith("Point"):
            break
    assert {"language", "theme", "mode", "padding_mode", "coords", "align_corners", "file"} <= set(reached)
    before = page.point()
    page.page.keyboard.press("ArrowRight")
    page.settle()
    assert page.point()[0] == pytest.approx(before[0] + 0.05)  # a tenth of a pixel
    page.page.keyboard.press("Shift+ArrowDown")
    page.settle()
    assert page.point()[1] == pytest.approx(before[1] + 0.5)
    page.page.wait_for_function(
        "(result) => document.getElementById('status').textContent.endsWith(result)",
        arg=page.text("result").split(" ", 1)[1],
    )
    code = page.text("mesh-code")
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("() => document.activeElement.getAttribute('aria-label')").startswith("Corner 1")
    page.page.keyboard.press("ArrowUp")
    page.settle()
    assert page.text("mesh-code") != code
    shows(page, ARRAY)


def test_fast_drags_end_where_the_pointer_does(page):
    page.choose(mode="bspline(7,1)", padding_mode="symmetric")
    page.drag(".point", 150, 120, steps=80)
    x, y = page.middle(".point")
    page.page.wait_for_timeout(300)
    assert page.middle(".point") == (x, y)
    shows(page, ARRAY)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots_and_what_hinders_screen_readers(page, tmp_path, language, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.choose(mode="bicubic", padding_mode="zeros", language=language, theme=theme)
    page.page.fill("#x", "-1.2")
    page.page.fill("#y", "0.5")
    page.settle()
    assert page.page.evaluate("() => document.documentElement.lang") == {"en": "en", "zh": "zh-Hans"}[language]
    assert ("双三次插值" in page.page.inner_text("main")) == (language == "zh")
    red = int(page.page.evaluate("() => getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0]"))
    assert (red < 64) == (theme == "dark")
    found = axe.Axe().run(page.page).response["violations"]
    assert [(broken["id"], [node["target"] for node in broken["nodes"]]) for broken in found] == []
    folder = Path(os.environ.get("GRIDSAMPLE_SCREENSHOTS", tmp_path))
    page.page.screenshot(path=folder / f"explorer-{language}-{theme}.png", full_page=True)
    assert (folder / f"explorer-{language}-{theme}.png").stat().st_size > 50_000


def test_nothing_is_wider_than_a_telephone(page):
    page.page.set_viewport_size({"width": 390, "height": 800})
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= 390


# Those that open pictures come last, as what they open stays.


def opened(page, path):
    """Open a file by the page."""
    page.page.set_input_files("#file", path)
    page.page.wait_for_function("(name) => document.getElementById('name').textContent.includes(name)", arg=path.name)
    page.settle()


def test_broken_and_oversized_files(page, tmp_path):
    name = page.text("name")
    for content, said in (
        (b"no picture", "none of"),
        (CAT.read_bytes()[:5000], "truncated"),
        (bytes(pictures.MOST_BYTES + 1), "67108865"),
    ):
        path = tmp_path / "broken.jpg"
        path.write_bytes(content)
        page.page.set_input_files("#file", path)
        page.page.wait_for_function(
            """(said) => { const error = document.getElementById('error');
            return !error.hidden && error.textContent.includes(said); }""",
            arg=said,
        )
        assert "broken.jpg" in page.text("error")
        assert page.text("name") == name
    page.complaints.clear()  # the browser's own, of answers 400
    page.page.click(".point")
    page.page.keyboard.press("ArrowLeft")
    page.settle()
    assert not page.page.is_visible("#error")
    shows(page, ARRAY)


def test_a_picture(page):
    from gridsample.cli.given import array_of  # noqa: PLC0415

    pytest.importorskip("pyvips")
    opened(page, CAT)
    image = array_of(str(CAT), None)
    assert page.text("name") == "chelsea.jpg, 451 × 300"
    for options in ({"mode": "bicubic", "padding_mode": "symmetric"}, {"mode": "bspline", "padding_mode": "mirror"}):
        page.choose(**options)
        page.drag(".point", 40, 30)
        page.drag(".corner >> nth=0", -30, 20)
        wanted = page.run("point-code", image.astype("float32"))[0, :, 0]
        np.testing.assert_allclose(page.result(), wanted, rtol=6e-6, atol=2e-3)
        made = page.run("mesh-code", image.astype("float32"))[0]
        shown = page.warped()[..., :3]
        assert np.abs(np.clip(np.rint(made), 0, 255) - np.moveaxis(shown, -1, 0)).max() <= 1


def test_how_fast_a_drag_is_answered(page, tmp_path, rng, capsys):
    """On a megapixel; printed, since a busy machine is no failure."""
    files = pytest.importorskip("cli.picture_files")
    path = files.save(tmp_path / "megapixel.png", files.noise(rng, size=(1000, 1000)))
    opened(page, path)
    script = """async ([selector, element]) => {
      const handle = document.querySelector(selector);
      const times = [];
      const box = handle.getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const send = (type, dx) => handle.dispatchEvent(new PointerEvent(type, {
        clientX: x + dx, clientY: y + dx / 2, pointerId: 1, button: 0, bubbles: true, cancelable: true }));
      handle.setPointerCapture = () => {};
      send('pointerdown', 0);
      for (let i = 1; i <= 30; i++) {
        const code = document.getElementById(element).textContent;
        const start = performance.now();
        send('pointermove', 3 * i);
        while (document.getElementById(element).textContent === code) await new Promise((f) => setTimeout(f, 0));
        times.push(performance.now() - start);
      }
      send('pointerup', 90);
      return times;
    }"""
    for mode in ("bilinear", "lanczos(4)", "bspline"):
        page.choose(mode=mode, padding_mode="mirror")
        start = time.perf_counter()
        point = page.page.evaluate(script, [".point", "point-code"])
        mesh = page.page.evaluate(script, [".corner", "mesh-code"])
        assert len(point) == len(mesh) == 30
        assert time.perf_counter() > start
        with capsys.disabled():
            print(
                f"\n{mode}: a drag of the point is answered in {median(point):.0f} ms, of a corner in "
                f"{median(mesh):.0f} ms"
            )


def test_another_browser_is_not_let_in(browser, process):
    context = browser.new_context()
    page = context.new_page()
    for address in (process[1], process[1].partition("?")[0]):
        assert page.goto(address).status == 403
        assert "gridsample explore" in page.inner_text("body")
    context.close()


@pytest.mark.parametrize(("sent", "code", "said"), [(signal.SIGINT, 0, ""), (signal.SIGTERM, 143, "terminated")])
def test_it_ends_cleanly_and_leaves_nothing(browser, tmp_path, sent, code, said):
    process, address = started(tmp_path, str(CAT), "--language", "zh")
    context = browser.new_context()
    page = Page(context.new_page(), process)
    page.page.goto(address)
    page.settle()
    assert page.page.evaluate("() => document.documentElement.lang") == "zh-Hans"
    start = time.monotonic()
    assert ended(process, sent) == (code, f"gridsample explore: {said}\n" if said else "")
    assert time.monotonic() - start < 20
    assert list(tmp_path.iterdir()) == []
    page.page.click(".point")
    page.page.keyboard.press("ArrowLeft")
    page.page.wait_for_selector("#error:visible")
    assert "Ctrl-C" in page.text("error")
    context.close()
