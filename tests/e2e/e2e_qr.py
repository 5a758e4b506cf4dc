"""Reads the QR code of a clean PNG (ISO/IEC 18004), so that what is drawn can be scanned without a camera.

A picture without damage needs no error correction: data codewords are taken as they stand.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import product

from PIL import Image
from segno import consts

Grid = list[list[bool]]
FORMAT_MASK = 0b101010000010010
FORMAT_PLACES = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
MASKS = (
    lambda row, column: (row + column) % 2,
    lambda row, column: row % 2,
    lambda row, column: column % 3,
    lambda row, column: (row + column) % 3,
    lambda row, column: (row // 2 + column // 3) % 2,
    lambda row, column: row * column % 2 + row * column % 3,
    lambda row, column: (row * column % 2 + row * column % 3) % 2,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2,
)


def module_pixels(png: bytes) -> int:
    """Width of one module in pixels: the upper left finder pattern is seven of them."""
    picture = _picture(png)
    left, top, _, _ = _dark_box(picture)
    run = next(x for x in range(left, picture.width) if picture.getpixel((x, top)) >= 128) - left
    return run // 7


def read_qr(png: bytes) -> str:
    """The text of the code."""
    grid = _grid(png)
    level, mask = _format(grid)
    version = (len(grid) - 17) // 4
    bits = [grid[row][column] ^ (MASKS[mask](row, column) == 0) for row, column in _places(version)]
    words = [
        sum(bit << (7 - place) for place, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits) - 7, 8)
    ]
    return _text(_data(words, version, level), version)


def error_level(png: bytes) -> str:
    """`L`, `M`, `Q` or `H`."""
    return {1: "L", 0: "M", 3: "Q", 2: "H"}[_format(_grid(png))[0]]


def _picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA").convert("L")


def _dark_box(picture: Image.Image) -> tuple[int, int, int, int]:
    box = picture.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None, "the picture is blank"
    return box


def _grid(png: bytes) -> Grid:
    picture, size = _picture(png), module_pixels(png)
    left, top, right, _ = _dark_box(picture)
    modules = (right - left) // size
    return [
        [
            picture.getpixel((left + column * size + size // 2, top + row * size + size // 2)) < 128
            for column in range(modules)
        ]
        for row in range(modules)
    ]


def _format(grid: Grid) -> tuple[int, int]:
    """(error correction level, mask) of the format information."""
    bits = 0
    for row, column in FORMAT_PLACES:
        bits = bits << 1 | grid[row][column]
    bits ^= FORMAT_MASK
    return bits >> 13, bits >> 10 & 7


def _reserved(version: int) -> set[tuple[int, int]]:
    """Every place that holds no data: finders, timing, alignment, format, version."""
    size = version * 4 + 17
    taken = set(product(range(9), range(9))) | set(product(range(9), range(size - 8, size)))
    taken |= set(product(range(size - 8, size), range(9)))
    taken |= {(6, at) for at in range(size)} | {(at, 6) for at in range(size)}
    centres = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    for row, column in product(centres, centres):
        if (row, column) not in {(6, 6), (6, size - 7), (size - 7, 6)}:
            taken |= set(product(range(row - 2, row + 3), range(column - 2, column + 3)))
    if version >= 7:
        taken |= set(product(range(6), range(size - 11, size - 8))) | set(product(range(size - 11, size - 8), range(6)))
    return taken


def _places(version: int) -> Iterator[tuple[int, int]]:
    """Places of the data bits: upwards and downwards in pairs of columns from the lower right."""
    size, taken, upwards = version * 4 + 17, _reserved(version), True
    columns = [column for column in range(size - 1, -1, -2) if column > 6] + [5, 3, 1]
    for right in columns:
        for row in range(size - 1, -1, -1) if upwards else range(size):
            for column in (right, right - 1):
                if (row, column) not in taken:
                    yield row, column
        upwards = not upwards


def _data(words: list[int], version: int, level: int) -> list[int]:
    """Data codewords in their order: blocks lie interleaved, shorter ones first."""
    sizes = [kind.num_data for kind in consts.ECC[version][level] for _ in range(kind.num_blocks)]
    blocks: list[list[int]] = [[] for _ in sizes]
    source = iter(words)
    for place in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if place < size:
                block.append(next(source))
    return [word for block in blocks for word in block]


def _text(words: list[int], version: int) -> str:
    bits = "".join(f"{word:08b}" for word in words)
    at, text = 0, ""
    while int(bits[at : at + 4] or "0", 2):
        mode = int(bits[at : at + 4], 2)
        width = {1: (10, 12), 2: (9, 11), 4: (8, 16)}[mode][version > 9]
        count = int(bits[at + 4 : at + 4 + width], 2)
        at, piece = _segment(bits, at + 4 + width, mode, count)
        text += piece
    return text


def _segment(bits: str, at: int, mode: int, count: int) -> tuple[int, str]:
    """One run of characters; (position after it, text)."""
    if mode == 4:
        raw = bytes(int(bits[at + 8 * i : at + 8 * i + 8], 2) for i in range(count))
        return at + 8 * count, raw.decode()
    text, group, widths = "", *((3, (4, 7, 10)) if mode == 1 else (2, (6, 11)))
    while len(text) < count:
        length = min(group, count - len(text))
        value = int(bits[at : at + widths[length - 1]], 2)
        at += widths[length - 1]
        text += f"{value:0{length}d}" if mode == 1 else _alphanumeric(value, length)
    return at, text


def _alphanumeric(value: int, length: int) -> str:
    letters = consts.ALPHANUMERIC_CHARS.decode()
    return letters[value] if length == 1 else letters[value // 45] + letters[value % 45]
