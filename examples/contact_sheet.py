"""A photograph warped with every mode and every padding, on one labelled sheet."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import gridsample as gs

MODES = ("nearest", "bilinear", "bicubic")
PADDINGS = {
    "zeros": "nothing",
    "border": "the edge pixels go on",
    "mirror": "reflection, align_corners=True",
    "symmetric": "reflection, align_corners=False",
}

WIDTH, MARGIN, GAP = 1200, 24, 16
PANEL = (276, 184)  # four in a row
STRIP = (276, 96)
INK, FAINT, MARK = (28, 32, 38), (118, 124, 132), (255, 64, 64)

SHRUNK = 3  # the close-ups are of the photograph made this much smaller, where every pixel counts
EYE = (60, 40)  # what they look at, in pixels of the small one
CLOSE, TURN = 8, 20  # their magnification and rotation
CORNER = (98, 40)  # of the cut-out, in the same pixels


class View(NamedTuple):
    """A picture of a picture: ``centre`` (in pixels) in the middle of ``size``, magnified, turned counter-clockwise."""

    size: tuple[int, int]
    centre: tuple[float, float]
    zoom: float
    degrees: float

    def warp(self, photo, mode, padding):
        """Return the view of a photograph (H, W, 3)."""
        height, width = photo.shape[:2]
        cos, sin = self.cos_and_sin(1 / self.zoom)
        # from output to input, both in normalized coordinates: a whole side is 2 long
        theta = [
            [cos * self.size[0] / width, -sin * self.size[1] / width, (2 * self.centre[0] + 1) / width - 1],
            [sin * self.size[0] / height, cos * self.size[1] / height, (2 * self.centre[1] + 1) / height - 1],
        ]
        grid = gs.affine_grid(np.array([theta]), (1, 3, self.size[1], self.size[0]))
        samples = gs.grid_sample(photo[np.newaxis].astype(np.float32), grid, mode, padding, channels="last")[0]
        return Image.fromarray(np.rint(samples.clip(0, 255)).astype(np.uint8))

    def places_of(self, pixels):
        """Return where pixels of the photograph are seen."""
        cos, sin = self.cos_and_sin(self.zoom)
        shifts = [(x - self.centre[0], y - self.centre[1]) for x, y in pixels]
        return [(self.size[0] / 2 + cos * x + sin * y, self.size[1] / 2 - sin * x + cos * y) for x, y in shifts]

    def pixels_at_corners(self):
        """Return which pixels of the photograph are seen in the corners."""
        cos, sin = self.cos_and_sin(1 / self.zoom)
        shifts = [(x * self.size[0], y * self.size[1]) for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))]
        return [(self.centre[0] + cos * x - sin * y, self.centre[1] + sin * x + cos * y) for x, y in shifts]

    def cos_and_sin(self, factor):
        """Return the two numbers of a rotation, times a factor."""
        angle = math.radians(self.degrees)
        return factor * math.cos(angle), factor * math.sin(angle)


def corners(photo):
    """Return the outer corners of a photograph, in pixels."""
    right, below = photo.shape[1] - 0.5, photo.shape[0] - 0.5
    return [(-0.5, -0.5), (right, -0.5), (right, below), (-0.5, below)]


def middle(photo):
    """Return the centre of a photograph, in pixels."""
    return ((photo.shape[1] - 1) / 2, (photo.shape[0] - 1) / 2)


class Sheet:
    """A white sheet that is filled from the top, a section after the other, four columns each."""

    def __init__(self):
        self.image = Image.new("RGB", (WIDTH, 2000), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.top = MARGIN

    def text(self, place, text, size=15, colour=INK):
        """Write a line in the font that comes with Pillow, so that no machine lacks it."""
        self.draw.text(place, text, font=ImageFont.load_default(size), fill=colour)

    def left(self, column):
        """Return where a column starts."""
        return MARGIN + column * (PANEL[0] + GAP)

    def heading(self, text, remark):
        """Start a section."""
        self.text((MARGIN, self.top), text, 20)
        indent = self.draw.textlength(text + "   ", font=ImageFont.load_default(20))
        self.text((MARGIN + indent, self.top + 5), remark, 14, FAINT)
        self.top += 36

    def labels(self, labels):
        """Label the columns: a name, and a remark in grey."""
        for column, (name, remark) in enumerate(labels):
            self.text((self.left(column), self.top), name)
            indent = self.draw.textlength(name + "   ", font=ImageFont.load_default(15))
            self.text((self.left(column) + indent, self.top + 2), remark, 13, FAINT)
        self.top += 24

    def row(self, panels, gap=GAP):
        """Add a row of pictures."""
        for column, panel in enumerate(panels):
            self.image.paste(panel, (self.left(column), self.top))
        self.top += panels[0].height + gap

    def cut(self):
        """Return the sheet as far as it is filled."""
        return self.image.crop((0, 0, WIDTH, self.top - GAP + MARGIN))


def marked(panel, polygon):
    """Draw a closed line onto a picture."""
    ImageDraw.Draw(panel).line([*polygon, polygon[0], polygon[1]], fill=MARK, width=2, joint="curve")
    return panel


def named(panel, name):
    """Write a name into a corner of a picture."""
    draw, font = ImageDraw.Draw(panel), ImageFont.load_default(13)
    draw.rectangle((0, panel.height - 20, draw.textlength(name, font=font) + 12, panel.height), fill="white")
    draw.text((4, panel.height - 18), name, font=font, fill=INK)
    return panel


def make(path):
    """Return the contact sheet of a photograph."""
    image = Image.open(path).convert("RGB")
    photo, small = np.asarray(image), np.asarray(image.reduce(SHRUNK))
    sheet = Sheet()
    add_modes(sheet, photo, small)
    add_paddings(sheet, photo)
    add_all(sheet, small[CORNER[1] : CORNER[1] + 13, CORNER[0] : CORNER[0] + 19])
    return sheet.cut()


def add_modes(sheet, photo, small):
    """Add a close-up in every mode, beside the whole photograph."""
    sheet.heading("mode", f"a small version of the photograph, magnified {CLOSE} times and turned by {TURN} degrees")
    sheet.labels([("the photograph", ""), *((mode, "") for mode in MODES)])
    whole, close = View(PANEL, middle(photo), PANEL[0] / photo.shape[1], 0), View(PANEL, EYE, CLOSE, TURN)
    shown = [((x + 0.5) * SHRUNK - 0.5, (y + 0.5) * SHRUNK - 0.5) for x, y in close.pixels_at_corners()]
    overview = marked(whole.warp(photo, "bilinear", "border"), whole.places_of(shown))
    sheet.row([overview, *(close.warp(small, mode, "zeros") for mode in MODES)])


def add_paddings(sheet, photo):
    """Add the photograph with every padding around it."""
    sheet.heading("padding_mode", "what lies outside; the red line is the edge of the photograph")
    sheet.labels(list(PADDINGS.items()))
    far = View(PANEL, middle(photo), 0.3, 15)
    edge = far.places_of(corners(photo))
    sheet.row([marked(far.warp(photo, "bilinear", padding), edge) for padding in PADDINGS])


def add_all(sheet, cutout):
    """Add a corner of a small picture in every mode with every padding."""
    height, width = cutout.shape[:2]
    remark = f"the corner of a cut-out of {width}x{height} pixels: symmetric doubles the edge pixels, mirror does not"
    sheet.heading("each mode with each padding", remark)
    near = View(STRIP, (3, 2), 14, 10)
    edge = near.places_of(corners(cutout))
    for mode in MODES:
        sheet.row([named(marked(near.warp(cutout, mode, padding), edge), mode) for padding in PADDINGS], 8)
