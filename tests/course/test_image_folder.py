"""A folder of pictures of every kind and condition: each is loaded right, or named with the reason why not."""

import io
import os
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from course.data.images import FORMATS, MAX_PIXELS, load_images, to_bytes, to_signed
from course.data.mnist import DataError

# What every good picture shows: four quarters, so that a turn, a flip, a wrong cut or swapped channels show.
COLOURS = np.array([[[200, 40, 40], [40, 160, 60]], [[40, 60, 200], [230, 210, 60]]], dtype=np.uint8)
GREYS = np.array([[20, 90], [160, 235]], dtype=np.uint8)
ENDINGS = {
    "PNG": "png", "JPEG": "jpg", "GIF": "gif", "BMP": "bmp", "WEBP": "webp", "TIFF": "tiff",
    "PPM": "ppm", "TGA": "tga", "JPEG2000": "jp2", "AVIF": "avif",
}  # fmt: skip
WRITABLE = [name for name in ENDINGS if name in FORMATS and name in Image.SAVE]


def quarters(table: np.ndarray = COLOURS, width: int = 90, height: int = 90) -> Image.Image:
    """The four quarters in the central square, black beside it: only what is cut away is black."""
    side = min(width, height)
    canvas = np.zeros((height, width, *table.shape[2:]), dtype=table.dtype)
    top, left = (height - side) // 2, (width - side) // 2
    index = (np.arange(side) * 2) // side
    canvas[top : top + side, left : left + side] = table[index[:, None], index[None, :]]
    return Image.fromarray(canvas)


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    quality = {"JPEG": {"quality": 95}, "WEBP": {"quality": 95}, "AVIF": {"quality": 95}}
    picture.save(out, kind, **(quality.get(kind, {}) | options))
    return out.getvalue()


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG written by hand, for what Pillow cannot write (16 bits a channel) or would refuse to (bombs)."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def good_files() -> dict[str, tuple[bytes, np.ndarray]]:
    """Name => content, and the four quarters to be seen."""
    files: dict[str, tuple[bytes, np.ndarray]] = {}
    for kind in WRITABLE:
        for width, height in ((64, 64), (90, 66), (67, 131), (256, 200), (700, 70), (40, 40)):
            name = f"sizes/{kind}-{width}x{height}.{ENDINGS[kind]}"
            files[name] = encoded(quarters(width=width, height=height), kind), COLOURS
    upright = quarters()
    turns = {  # what a camera that was held so has stored: the inverse of what a viewer must do
        1: None, 2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM",
        5: "TRANSPOSE", 6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270",
    }  # fmt: skip
    for orientation, turn in turns.items():
        stored = upright.transpose(Image.Transpose[turn]) if turn else upright
        exif = Image.Exif()
        exif[274] = orientation
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            content = encoded(stored, kind, exif=exif)
            files[f"turned/{orientation}.{ENDINGS[kind].upper()}"] = content, COLOURS
    files["turned/grey-6.jpg"] = (
        encoded(quarters(GREYS).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=b"Exif\0\0" + exif_of(6)),
        as_colours(GREYS),
    )
    files["turned/nonsense.jpg"] = encoded(upright, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f"), COLOURS
    files["turned/99.jpg"] = encoded(upright, "JPEG", exif=b"Exif\0\0" + exif_of(99)), COLOURS

    modes = {
        "grey.png": ("PNG", "L"),
        "grey.jpg": ("JPEG", "L"),
        "grey.tif": ("TIFF", "L"),
        "grey.gif": ("GIF", "L"),
    }
    for name, (kind, mode) in modes.items():
        files[f"modes/{name}"] = encoded(quarters(GREYS).convert(mode), kind), as_colours(GREYS)
    bits = np.array([[0, 255], [255, 0]], dtype=np.uint8)
    for kind in ("PNG", "TIFF", "BMP"):
        files[f"modes/one-bit.{ENDINGS[kind]}"] = encoded(quarters(bits).convert("1"), kind), as_colours(bits)
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        palette = upright.quantize(8)
        files[f"modes/palette.{ENDINGS[kind]}"] = encoded(palette, kind), COLOURS
    for kind in ("JPEG", "TIFF"):
        files[f"modes/cmyk.{ENDINGS[kind]}"] = encoded(upright.convert("CMYK"), kind), COLOURS
    files["modes/progressive.jpeg"] = (
        encoded(quarters(width=500, height=400), "JPEG", progressive=True),
        COLOURS,
    )
    files["modes/large.jpg"] = encoded(quarters(width=1600, height=1200), "JPEG"), COLOURS

    # Transparency: the last quarter is not there, so the white below shows, whatever colour hides in it.
    alpha = np.array([[255, 255], [255, 0]], dtype=np.uint8)
    on_white = COLOURS.copy()
    on_white[1, 1] = 255
    clear = quarters(np.concatenate([COLOURS, alpha[..., None]], axis=2))
    for kind in ("PNG", "WEBP", "TIFF", "TGA"):
        files[f"clear/rgba.{ENDINGS[kind]}"] = encoded(clear, kind), on_white
    half = COLOURS // 2 + 128
    glass = quarters(np.concatenate([COLOURS, np.full((2, 2, 1), 128, np.uint8)], axis=2))
    files["clear/half.png"] = encoded(glass, "PNG"), half
    grey_on_white = GREYS.copy()
    grey_on_white[0, 0] = 255
    two = np.stack([GREYS, np.array([[0, 255], [255, 255]], np.uint8)], axis=2)
    la = Image.merge("LA", [quarters(np.ascontiguousarray(two[..., k])) for k in (0, 1)])
    files["clear/grey.png"] = encoded(la, "PNG"), as_colours(grey_on_white)
    palette = upright.quantize(4)
    last = palette.getpixel((80, 80))
    for kind in ("PNG", "GIF"):
        files[f"clear/palette.{ENDINGS[kind]}"] = encoded(palette, kind, transparency=last), on_white
    files["clear/colour-key.png"] = (
        encoded(upright, "PNG", transparency=tuple(COLOURS[1, 1].tolist())),
        on_white,
    )

    # Sixteen bits.
    deep = quarters(GREYS.astype(np.uint16) * 257)
    for kind in ("PNG", "TIFF"):
        files[f"deep/grey.{ENDINGS[kind]}"] = encoded(deep, kind), as_colours(GREYS)
    big_endian = np.asarray(deep).astype(">u2")
    files["deep/by-hand.png"] = png(90, 90, 16, 0, rows_of(big_endian)), as_colours(GREYS)
    files["deep/grey.pgm"] = b"P5 90 90 65535\n" + big_endian.tobytes(), as_colours(GREYS)
    rgb = (np.asarray(upright).astype(np.uint16) * 257).astype(">u2")
    files["deep/colour.png"] = png(90, 90, 16, 2, rows_of(rgb)), COLOURS
    files["deep/unit-floats.tif"] = (
        encoded(quarters(GREYS.astype(np.float32) / 255), "TIFF"),
        as_colours(GREYS),
    )
    files["deep/integers.tif"] = encoded(quarters(GREYS.astype(np.int32) * 257), "TIFF"), as_colours(GREYS)

    # Animations: only the first frame counts.
    other = Image.new("RGB", upright.size, "black")
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        content = encoded(upright, kind, save_all=True, append_images=[other, other])
        files[f"moving/frames.{ENDINGS[kind]}"] = content, COLOURS

    content = encoded(upright, "PNG")
    names = [
        "no ending",
        "PNG IN A.JPG",
        ".hidden.png",
        "blank in name .png",
        "Übermalung.png",
        "絵.PNG",
        "a.b.c.png",
    ]
    names += [
        "deep/er/and/deeper/one.png",
        "line\nbreak.png",
        "folder.jpg/inside.png",
        "'quoted\".png",
        "x" * 200 + ".png",
    ]
    for name in names:
        files[f"names/{name}"] = content, COLOURS
    return files


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    content = exif.tobytes()
    return content.removeprefix(b"Exif\0\0")


def as_colours(greys: np.ndarray) -> np.ndarray:
    return np.repeat(greys[..., None], 3, axis=2)


def rows_of(pixels: np.ndarray) -> bytes:
    return b"".join(b"\0" + row.tobytes() for row in pixels)


def bad_files() -> dict[str, tuple[bytes, str]]:
    """Name => content, and what the reason must say."""
    files: dict[str, tuple[bytes, str]] = {}
    rng = np.random.default_rng(0)
    noisy = Image.fromarray(rng.integers(0, 256, (90, 90, 3), dtype=np.uint8))
    for kind in WRITABLE:
        content = encoded(noisy, kind)
        for percent in (25, 50, 75):
            name = f"cut/{kind}-{percent}.{ENDINGS[kind]}"
            files[name] = (
                content[: len(content) * percent // 100],
                "cut off or damaged|damaged from the start",
            )
        files[f"cut/{kind}-start.{ENDINGS[kind]}"] = content[:9], ""
        files[f"empty/{kind}.{ENDINGS[kind].upper()}"] = b"", "empty"
    page = b"\n<!DOCTYPE html><html><body>404 Not Found</body></html>"
    for number, ending in enumerate(("jpg", "JPEG", "png", "gif", "webp")):
        files[f"posing/text-{number}.{ending}"] = b"This is not the picture you are looking for.\n", "^text"
        files[f"posing/page-{number}.{ending}"] = page, "web page"
        files[f"posing/noise-{number}.{ending}"] = rng.bytes(900), "no picture|cut off or damaged"
        files[f"posing/zeros-{number}.{ending}"] = bytes(900), "no picture|cut off or damaged"
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    files["posing/drawing.svg"] = drawing, "document"
    files["posing/listing.csv"] = b"file,title\n1.jpg,Blue\n", "^text"
    files["posing/eps.eps"] = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "document"
    files["posing/paper.pdf"] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "document"
    files["posing/archive.zip"] = b"PK\x03\x04" + bytes(60), "no picture"
    files["posing/._apple.jpg"] = b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ", "no picture"
    files["bombs/wide.png"] = png(60_000, 60_000, 8, 2, b""), "too large"
    files["bombs/just.png"] = png(MAX_PIXELS + 1, 1, 8, 0, b""), "too large"
    files["bombs/wide.gif"] = b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0\0\0,", "too large|damaged"
    header = struct.pack(
        "<2sIHHIIiiHHIIiiII", b"BM", 54, 0, 0, 54, 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0
    )
    files["bombs/wide.bmp"] = header, "too large"
    text = zlib.compress(bytes(80_000_000))
    chunk = (b"zTXt", b"Comment\0\0" + text)
    files["bombs/text.png"] = png(64, 64, 8, 2, rows_of(np.zeros((64, 64, 3), np.uint8)), chunk), "damaged"
    flipped = bytearray(encoded(noisy, "PNG"))
    flipped[len(flipped) // 2] ^= 255
    files["flipped/bit.png"] = bytes(flipped), "damaged"
    files["deep/floats.tif"] = (
        encoded(Image.fromarray(np.full((9, 9), 1e6, np.float32)), "TIFF"),
        "which of them",
    )
    files["deep/nan.tif"] = (
        encoded(Image.fromarray(np.full((9, 9), np.nan, np.float32)), "TIFF"),
        "which of them",
    )
    return files


def write(folder: Path, files: dict) -> None:
    for name, (content, _) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture(scope="module")
def awkward(tmp_path_factory):
    """At least 200 files, good and bad, in one tree, and what was made of it."""
    folder = tmp_path_factory.mktemp("gallery")
    good, bad = good_files(), {f"bad/{name}": value for name, value in bad_files().items()}
    write(folder, good | bad)
    return good, bad, load_images(folder, progress=False)


def seen(image: torch.Tensor) -> np.ndarray:
    """The four quarters of a loaded picture, `(2, 2, 3)` bytes."""
    return to_bytes(image)[:, 16::32, 16::32].permute(1, 2, 0).numpy()


def test_every_file_of_an_awkward_folder_is_either_loaded_or_named(awkward):
    good, bad, pictures = awkward
    assert len(good) + len(bad) >= 200
    assert {file.as_posix() for file in pictures.files} == set(good)
    assert {one.file.as_posix() for one in pictures.skipped} == set(bad)
    assert pictures.images.shape == (len(good), 3, 64, 64)
    assert pictures.images.dtype == torch.float32


def test_every_good_picture_looks_as_it_should(awkward):
    good, _, pictures = awkward
    for file, image in zip(pictures.files, pictures.images, strict=True):
        expected = good[file.as_posix()][1].astype(int)
        assert np.abs(seen(image).astype(int) - expected).max() <= 20, file


def test_every_bad_file_is_skipped_for_the_right_reason(awkward):
    _, bad, pictures = awkward
    for one in pictures.skipped:
        assert re.search(bad[one.file.as_posix()][1], one.reason), one
        assert one.reason
        assert "\n" not in one.reason


def test_the_summary_counts_and_names_what_was_skipped(awkward):
    _, bad, pictures = awkward
    summary = pictures.summary(most=3)
    assert summary.startswith(f"{len(pictures.files):,} pictures loaded, {len(bad):,} files skipped\n")
    assert f"{pictures.skipped[0].file}: {pictures.skipped[0].reason}" in summary
    assert summary.endswith(f"and {len(bad) - 3:,} more")


def test_shrinking_averages_instead_of_picking_pixels(tmp_path):
    # Stripes of one pixel: taking every eighth pixel gives black or white, an average gives grey.
    stripes = np.zeros((512, 512), dtype=np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    assert load_images(tmp_path, progress=False).images.abs().max() < 0.1


def test_a_strip_of_pixels_is_not_blown_up_before_it_is_cut(tmp_path):
    Image.new("L", (60_000, 1), 255).save(tmp_path / "strip.png")
    assert load_images(tmp_path, progress=False).images.eq(1).all()


def test_pictures_come_in_the_order_of_their_names_at_any_size(tmp_path):
    for name, grey in (("b.png", 255), ("a.png", 0), ("sub/c.png", 51)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("L", (9, 9), grey).save(tmp_path / name)
    pictures = load_images(tmp_path, size=16, progress=False)
    assert [file.as_posix() for file in pictures.files] == ["a.png", "b.png", "sub/c.png"]
    assert to_bytes(pictures.images)[:, :, 8, 8].tolist() == [[0] * 3, [255] * 3, [51] * 3]
    assert pictures.images.shape == (3, 3, 16, 16)


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators alone, and no pipes")
def test_links_are_followed_once_and_what_leads_nowhere_is_named(tmp_path):
    folder, elsewhere = tmp_path / "gallery", tmp_path / "elsewhere"
    folder.mkdir(), elsewhere.mkdir()
    Image.new("L", (9, 9)).save(elsewhere / "real.png")
    (folder / "picture.png").symlink_to(elsewhere / "real.png")
    (folder / "others").symlink_to(elsewhere)
    (folder / "round").symlink_to(folder)
    (folder / "gone.png").symlink_to(tmp_path / "gone.png")
    (folder / "itself.png").symlink_to(folder / "itself.png")
    os.mkfifo(folder / "pipe.png")
    pictures = load_images(folder, progress=False)
    assert [file.as_posix() for file in pictures.files] == ["others/real.png", "picture.png"]
    reasons = {one.file.name: one.reason for one in pictures.skipped}
    assert reasons.keys() == {"round", "gone.png", "itself.png", "pipe.png"}
    assert reasons["round"] == "a link to a folder that is read already"
    assert reasons["gone.png"] == "a link to nothing"
    assert "cannot be opened" in reasons["itself.png"]
    assert "pipe" in reasons["pipe.png"]


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_a_name_that_is_no_text_can_be_printed(tmp_path):
    Image.new("L", (9, 9)).save(tmp_path / "good.png")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe\n\x1b[31m.png")).write_bytes(b"")
    summary = load_images(tmp_path, progress=False).summary()
    summary.encode("utf-8")
    assert summary.count("\n") == 1
    assert "\x1b" not in summary


def test_a_folder_without_pictures_says_what_it_holds(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(DataError, match=r"No picture could be read") as caught:
        load_images(tmp_path, progress=False)
    assert "notes.txt: text, not a picture" in str(caught.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="no folder"):
        load_images(tmp_path / "gone")


def test_scaling_there_and_back_changes_no_byte():
    every = torch.arange(256, dtype=torch.uint8)
    signed = to_signed(every)
    assert (signed.min(), signed.max()) == (-1, 1)
    assert torch.equal(to_bytes(signed), every)


def test_what_lies_outside_the_range_is_cut_off_on_the_way_back():
    values = torch.tensor([-7.0, -1.0, 0.0, 1.0, 7.0, float("nan"), float("inf")], requires_grad=True)
    assert to_bytes(values).tolist() == [0, 0, 128, 255, 255, 128, 255]
