"""The command, started in an empty folder, and its page in a browser, with what tests ask of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

import gridsample as gs

SOURCES = str(Path(gs.__file__).parents[1])
SETTLED = """() => document.getElementById('formula').textContent && document.getElementById('mesh-code').textContent
  && document.querySelector('main').getAttribute('aria-busy') === 'false'"""


def started(tmp_path, *arguments):
    """Start the command in an empty folder, and return it with the address that it prints."""
    here = {**os.environ, "PYTHONPATH": SOURCES, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "gridsample", "explore", "--no-browser", *arguments]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=here, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    return process, process.stdout.readline().strip()


def ended(process, sent=signal.SIGINT):
    """End the command, and return its exit code and what it said."""
    process.send_signal(sent)
    _, said = process.communicate(timeout=30)
    return process.returncode, said


class Page:
    """The page, with what tests ask of it."""

    def __init__(self, page, process):
        self.page, self.process, self.asked, self.complaints = page, process, [], []
        page.set_default_timeout(20000)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def settle(self):
        """Wait until nothing is asked any more."""
        self.page.wait_for_function(SETTLED)

    def choose(self, **options):
        """Change options."""
        for name, value in options.items():
            if isinstance(value, bool):
                self.page.set_checked(f"#{name}", value)
            else:
                self.page.select_option(f"#{name}", value)
        self.settle()

    def text(self, name):
        return self.page.inner_text(f"#{name}")

    def point(self):
        """Return the coordinates in the inputs."""
        return [float(self.page.input_value(f"#{name}")) for name in "xy"]

    def result(self):
        """Return the numbers of the result."""
        return [float(part) for part in self.text("result").split(" ", 1)[1].split(", ")]

    def run(self, name, image):
        """Run the code that the page gives."""
        *lines, last = self.page.text_content(f"#{name}").splitlines()
        names = {"np": np, "gs": gs, "image": image}
        exec("\n".join(lines), names)
        return eval(last, names)

    def warped(self):
        """Return the pixels of the warped picture."""
        script = """() => {
          const canvas = document.querySelector('#warped canvas');
          const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return [height, width, Array.from(data)];
        }"""
        height, width, data = self.page.evaluate(script)
        return np.array(data, np.uint8).reshape(height, width, 4)

    def middle(self, selector):
        """Return where an element is."""
        box = self.page.locator(selector).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, selector, right, down, steps=5):
        """Drag an element by the mouse."""
        x, y = self.middle(selector)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right, y + down, steps=steps)
        self.page.mouse.up()
        self.settle()
