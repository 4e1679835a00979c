"""Pictures as people have them: told before they go up, or prepared."""

from __future__ import annotations

import asyncio
import contextlib
import io
import struct
import sys

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from heygen_async import HeyGen, InvalidRequestError, PhotoAvatar, Watermark
from heygen_async.models.media import VIDEO_IMAGE
from heygen_async.protocol.heygen.media import UPLOADS
from heygen_async.transport import pictures
from heygen_async.transport.uploads import inspect_file
from tests.conftest import PORTRAIT, image_video
from tests.protocol.test_sniff import FILM, SOUND, box, ftyp, moov

UPLOAD = "POST /v3/assets"
ORIENTATION = 0x0112
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n%%EOF\n"
GLASS = (0, 128, 128, 100)


def picture(sort="JPEG", *, mode="RGB", size=(64, 48), color="teal", **options):
    made = io.BytesIO()
    Image.new("RGBA" if color == GLASS else "RGB", size, color).convert(mode).save(
        made, sort, **options
    )
    return made.getvalue()


def heic(*, size=(64, 48), **options):
    pillow_heif.register_heif_opener()
    return picture("HEIF", size=size, **options)


def turned(orientation=6, **options):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return picture(exif=exif, **options)


def stored(emulator):
    """Return the pictures that have gone up, as the vendor has them."""
    return [Image.open(io.BytesIO(each.content)) for each in emulator.assets.values()]


@pytest.fixture
async def preparing(emulator):
    async with HeyGen(emulator.api_key, base_url=emulator.url, prepare=True) as client:
        yield client


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (heic(), "is image/heic by its first bytes, .* save it as JPEG or PNG, or .*prepare=True"),
        (picture("AVIF"), "is image/avif by its first bytes, .* save it as JPEG or PNG"),
        (picture("WEBP"), "is image/webp .* save it as JPEG or PNG"),
        (picture()[:-20], "is cut off: its picture has no end"),
        (picture("PNG")[:-20], "is cut off: its picture has no end"),
        (
            picture(size=(2561, 100)),
            "has 2561 by 100 pixels, 2560 each way are the most; .*prepare",
        ),
        (ftyp(b"isom") + moov(SOUND), "is audio/mp4 by its first bytes, image/png or"),
    ],
    ids=["heic", "avif", "webp", "cut-jpeg", "cut-png", "pixels", "sound"],
)
async def test_what_the_vendor_would_not_take_is_told_before_it_goes_up(
    heygen, emulator, tmp_path, content, message
):
    """The message says what it is and what to do, of a path as of bytes; nothing is sent."""
    path = tmp_path / "IMG_1.jpg"
    path.write_bytes(content)
    for image in (path, content):
        with pytest.raises(InvalidRequestError, match=message):
            await heygen.submit(image_video(image=image))
    assert not emulator.received


async def test_pixels_count_where_the_vendor_says_so(heygen, emulator):
    """An avatar may be made of any; of a watermark they count as of the picture itself."""
    large = picture(size=(3000, 100))
    assert await heygen.submit(PhotoAvatar(name="Ada", file=large))
    with pytest.raises(InvalidRequestError, match="3000 by 100"):
        await heygen.submit(image_video(watermark=Watermark(image=large)))


async def test_a_file_with_the_wrong_suffix_goes_up_as_what_it_is(
    heygen, emulator, tmp_path, caplog
):
    """HeyGen would not render it under its own name; that is said, once."""
    path = tmp_path / "ada.png"
    path.write_bytes(picture())
    for _ in range(2):
        await heygen.submit(image_video(image=path))
    (asset,) = emulator.assets.values()
    assert (asset.name, asset.mime_type) == ("ada.jpg", "image/jpeg")
    assert caplog.text.count("ada.png is image/jpeg by its first bytes: it is sent as ada.jpg") == 1


@pytest.mark.parametrize("name", ["ada.JPEG", "ada.jfif", "ada", "ada.scan"])
async def test_a_name_that_claims_nothing_else_is_kept(heygen, emulator, tmp_path, name, caplog):
    """Only the suffix of another type is a wrong one; where there is none, one is added."""
    path = tmp_path / name
    path.write_bytes(picture())
    await heygen.assets.upload(path)
    (asset,) = emulator.assets.values()
    assert asset.name == (name if "." in name else f"{name}.jpg")


@pytest.mark.parametrize("brand", [b"M4A ", b"mp42", b"isom"])
async def test_a_sound_in_a_film_s_file_is_taken_for_a_sound(jogg, heygen, tmp_path, brand):
    """JoggAI takes M4A by whatever program; HeyGen does not, and a film is no sound."""
    sound = ftyp(brand) + box(b"mdat", bytes(100)) + moov(SOUND)
    assert (await jogg.assets.upload(sound)).mime_type == "audio/mp4"
    with pytest.raises(InvalidRequestError, match=r"is audio/mp4 .*audio/mpeg or audio/wav"):
        await heygen.submit(image_video(script=None, voice_id=None, audio=sound))
    if brand != b"M4A ":
        film = ftyp(brand) + moov(SOUND, FILM)
        assert (await heygen.assets.upload(film)).mime_type == "video/mp4"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (heic(), ((64, 48), "JPEG")),
        (heic(size=(3000, 300)), ((2048, 205), "JPEG")),
        (picture("WEBP"), ((64, 48), "JPEG")),
        (picture("BMP"), ((64, 48), "JPEG")),
        (picture("AVIF"), ((64, 48), "JPEG")),
        (picture("WEBP", mode="RGBA", color=GLASS), ((64, 48), "PNG")),
        (picture(mode="CMYK"), ((64, 48), "JPEG")),
        (picture(mode="CMYK", icc_profile=b"no profile"), ((64, 48), "JPEG")),
        (turned(), ((48, 64), "JPEG")),
        (turned(size=(3000, 300)), ((205, 2048), "JPEG")),
        (picture("PNG", mode="RGBA", color=GLASS, size=(3000, 300)), ((2048, 205), "PNG")),
    ],
    ids=lambda each: "-".join(map(str, each)) if isinstance(each, tuple) else "",
)
async def test_a_prepared_picture_is_one_that_the_vendor_takes(
    preparing, emulator, tmp_path, content, expected
):
    """It is upright, in RGB, JPEG or PNG, of few pixels enough; what is clear stays clear."""
    path = tmp_path / "IMG_1.heic"
    path.write_bytes(content)
    for image in (path, content):
        await preparing.submit(image_video(image=image))
    for made in stored(emulator):
        assert (made.size, made.format) == expected
        assert made.mode == ("RGBA" if made.format == "PNG" else "RGB")
        assert made.getexif().get(ORIENTATION, 1) == 1
        red, green, blue = made.convert("RGB").getpixel((9, 9))
        assert red < 60 < green < 170 > blue > 60  # it is still teal
    suffix = "png" if expected[1] == "PNG" else "jpg"
    names = [asset.name for asset in emulator.assets.values()]
    assert names == [f"IMG_1.{suffix}", f"upload.{suffix}"]


async def test_a_picture_that_is_fine_goes_up_byte_for_byte(preparing, emulator):
    """Nothing is made anew for nothing."""
    await preparing.submit(image_video(image=PORTRAIT))
    (asset,) = emulator.assets.values()
    assert asset.content == PORTRAIT.read_bytes()


def test_a_picture_of_too_many_bytes_is_made_smaller(monkeypatch):
    """As JPEG if that is enough, else of fewer pixels; what is too large even then is refused."""
    monkeypatch.setattr(pictures, "_SMALLER", 100)
    noise = io.BytesIO()
    colours = [Image.effect_noise((400, 400), 200) for _ in "RGB"]
    Image.merge("RGB", colours).save(noise, "PNG")
    made = {}
    for limit in (300_000, 20_000):
        sizes = {"image/jpeg": limit, "image/png": limit}
        assert len(noise.getvalue()) > limit
        _, upload = inspect_file(noise.getvalue(), {}, sizes, prepare=True)
        ready = upload.prepare(upload)
        assert (ready.size, ready.content_type) == (len(ready.content), "image/jpeg")
        assert ready.size <= limit
        made[limit] = Image.open(io.BytesIO(ready.content)).size
    assert made == {300_000: (400, 400), 20_000: (100, 100)}
    _, upload = inspect_file(noise.getvalue(), {}, dict.fromkeys(sizes, 100), prepare=True)
    with pytest.raises(InvalidRequestError, match="at most 100 are taken"):
        upload.prepare(upload)


async def test_one_picture_is_prepared_once(preparing, emulator, monkeypatch):
    """Twenty renders of one portrait make it anew once, and for another field once more."""
    made = []
    encode = pictures._encode
    monkeypatch.setattr(pictures, "_encode", lambda *given: made.append(1) or encode(*given))
    content = heic(size=(3000, 300))
    spec = image_video(image=content)
    await asyncio.gather(*(preparing.submit(spec) for _ in range(20)))
    await preparing.submit(PhotoAvatar(name="Ada", file=content))
    assert (len(made), emulator.count(UPLOAD)) == (2, 2)
    assert sorted(each.size for each in stored(emulator)) == [(2048, 205), (3000, 300)]


async def test_a_batch_of_files_is_prepared_as_well(preparing, emulator):
    """What is announced is what goes up."""
    batch = await preparing.assets.upload_batch([heic(), picture()])
    assert [each.mime_type for each in batch.assets] == ["image/jpeg", "image/jpeg"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (picture()[:-20], "is cut off"),
        (b"hello", "of an unknown type"),
        (EPS, "of an unknown type"),
        (heic()[:-200], "cannot be prepared"),
        (heic()[:-2], "cannot be prepared"),
        (heic()[:40], "cannot be prepared"),
        (b"BM" + struct.pack("<IHHI", 200_054, 0, 0, 54) + bytes(200), "of an unknown type"),
        (ftyp(b"isom") + moov(FILM), "is video/mp4 by its first bytes"),
    ],
    ids=["cut", "text", "program", "heic", "heic-end", "heic-head", "broken", "film"],
)
async def test_what_cannot_be_prepared_is_refused(preparing, emulator, content, message):
    """As it is without, and nothing is sent."""
    with pytest.raises(InvalidRequestError, match=message):
        await preparing.submit(image_video(image=content))
    assert not emulator.received


@given(
    st.sampled_from([heic(), picture("AVIF"), picture("WEBP"), turned(), picture("TIFF")]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3)), min_size=1, max_size=6),
)
def test_a_damaged_picture_is_prepared_or_refused(content, damages):
    """Whatever the reader of its format raises, the user sees one error."""
    for place, written in damages:
        content = content[:place] + written + content[place + 2 :]
    with contextlib.suppress(InvalidRequestError):
        _, upload = inspect_file(content, VIDEO_IMAGE, UPLOADS.sizes, prepare=True)
        if upload.prepare is not None:
            assert upload.prepare(upload).size


@pytest.mark.parametrize("missing", ["PIL", "pillow_heif"])
def test_without_the_extra_it_is_said_what_to_install(monkeypatch, missing):
    """At once, and not when a picture comes that needs it."""
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == missing else 1)
    with pytest.raises(InvalidRequestError, match=r"pip install 'heygen-async\[prepare\]'"):
        HeyGen("key", prepare=True)
    assert HeyGen("key")
