"""What ``make demo`` runs: a small experiment in numbers, and a photograph warped in every way.

python examples/demo.py [--sheet FILE]
"""

import argparse
from pathlib import Path

import contact_sheet
import experiment

HERE = Path(__file__).parent
SHEET = HERE.parent / "demo" / "contact-sheet.png"


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheet", type=Path, default=SHEET, help="where to write the contact sheet")
    path = parser.parse_args().sheet
    print(experiment.report())
    path.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet.make(HERE / "chelsea.jpg").save(path, quality=85, subsampling=0)
    print(f"\nThe photograph, warped with every mode and every padding: {path}")


if __name__ == "__main__":
    main()
