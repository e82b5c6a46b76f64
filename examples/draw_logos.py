"""Draw the logos of the examples: a year of daylight, a digit of eight by eight squares, and three guesses of which one
is right. Needs Pillow.

python draw_logos.py
"""

import csv
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
SIDE = 256
TEAL, SUN, NIGHT, PAPER = (11, 92, 99), (245, 190, 80), (16, 44, 58), (251, 251, 249)


def main() -> None:
    daylight().save(HERE / "hello" / "logo.png", optimize=True)
    digit().save(HERE / "digits" / "logo.png", optimize=True)
    guesses().save(HERE / "hello-history" / "logo.png", optimize=True)


def daylight() -> Image.Image:
    """A column for each month, lit from the middle outwards for as long as its day is."""
    hours = [float(line) for line in (HERE / "hello" / "reference_data" / "daylight.txt").read_text().split()]
    picture = Image.new("RGB", (SIDE, SIDE), NIGHT)
    draw = ImageDraw.Draw(picture)
    width, margin = 18, 20
    for month, length in enumerate(hours):
        left = margin + month * width
        half = length / 24 * (SIDE / 2 - margin)
        draw.rounded_rectangle((left + 2, SIDE / 2 - half, left + width - 3, SIDE / 2 + half), radius=7, fill=SUN)
    return picture


def digit() -> Image.Image:
    """The first 3 among the training images, in squares as dark as its ink."""
    given = HERE / "digits" / "input_data" / "development"
    place = (given / "train_labels.txt").read_text().split().index("3")
    with (given / "train_images.csv").open(encoding="utf-8") as lines:
        ink = [int(value) for value in list(csv.reader(lines))[place]]
    picture = Image.new("RGB", (SIDE, SIDE), PAPER)
    draw = ImageDraw.Draw(picture)
    square = SIDE // 8
    for number, darkness in enumerate(ink):
        row, column = divmod(number, 8)
        colour = tuple(round(light + (dark - light) * darkness / 16) for light, dark in zip(PAPER, TEAL, strict=True))
        corner = (column * square, row * square)
        draw.rectangle((*corner, corner[0] + square - 2, corner[1] + square - 2), fill=colour)
    return picture


def guesses() -> Image.Image:
    """Two circles that are empty, and one that is full: what a third answer looks back on."""
    picture = Image.new("RGB", (SIDE, SIDE), PAPER)
    draw = ImageDraw.Draw(picture)
    for number, (left, top) in enumerate(((28, 28), (88, 88), (148, 148))):
        circle = (left, top, left + 80, top + 80)
        draw.ellipse(circle, fill=SUN if number == 2 else PAPER, outline=TEAL, width=9)
    return picture


if __name__ == "__main__":
    main()
