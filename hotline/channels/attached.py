"""Checks photos and voice notes from a phone: known by their bytes, made small, place and device taken out.

A name is never looked at and never kept.  What a camera writes beside it (EXIF, XMP: place, device, time) goes.
"""

import io
import warnings
from typing import Literal

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from grids.messages import Message
from hotline.errors import HotlineError
from hotline.store.files import Cleaned

LONGEST_SIDE = 1600
LARGEST_PHOTO, LARGEST_VOICE = 500_000, 2_000_000  # bytes kept
LARGEST_SENT = 12_000_000  # bytes of a photo as a camera makes it: a program may send it as it is
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}  # a JPEG alone is decoded at a fraction
TRIES = ((LONGEST_SIDE, 82), (LONGEST_SIDE, 70), (LONGEST_SIDE, 55), (1200, 55), (900, 45))  # longest side, quality
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")

Kind = Literal["photo", "voice"]


class BadFile(HotlineError):
    """The file cannot be kept; the words it belongs to can."""

    code = "bad_file"


def clean(kind: Kind, body: bytes) -> Cleaned:
    """Return what may be kept of a file.  raises BadFile with what the sender can do about it"""
    return _photo(body) if kind == "photo" else _voice(body)


def _photo(body: bytes) -> Cleaned:
    if body[4:8] == b"ftyp" and body[8:12] in HEIC:
        raise BadFile(Message("HEIC 格式的照片暂不支持；请在手机相机设置里选“兼容性最佳”（JPEG）后重拍"))
    if len(body) > LARGEST_SENT:
        raise BadFile(Message("照片超过 12 MB，没有保存；请调低相机分辨率后重拍"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is the lower one
            return _redrawn(body)
    except UnidentifiedImageError:
        raise BadFile(Message("这不是能识别的照片（支持 JPEG、PNG、WebP），没有保存")) from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise BadFile(Message("照片不完整或已损坏，没有保存；请重拍或重选")) from None


def _redrawn(body: bytes) -> Cleaned:
    """Decode and draw anew: what is not pixels does not survive.  The size is known before a pixel is decoded."""
    with Image.open(io.BytesIO(body), formats=tuple(MOST_PIXELS)) as opened:
        most = MOST_PIXELS.get(opened.format or "", MOST_PIXELS["JPEG"])  # MPO: a JPEG with a second picture
        if opened.width * opened.height > most:
            raise BadFile(Message("照片超过 %(n)s 万像素，没有保存；请调低相机分辨率后重拍", n=most // 10_000))
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture = upright.convert("RGB")
    for side, quality in TRIES:
        picture.thumbnail((side, side))
        drawn = io.BytesIO()
        picture.save(drawn, "JPEG", quality=quality, optimize=True)
        if drawn.tell() <= LARGEST_PHOTO:
            break
    return Cleaned(body=drawn.getvalue(), media="image/jpeg", width=picture.width, height=picture.height)


def _voice(body: bytes) -> Cleaned:
    if len(body) > LARGEST_VOICE:
        raise BadFile(Message("录音超过 2 MB，没有保存；请录短一些（一分钟以内）"))
    if body.startswith(b"\x1aE\xdf\xa3"):
        media = "audio/webm"
    elif body.startswith(b"OggS"):
        media = "audio/ogg"
    elif body[4:8] == b"ftyp":
        media = "audio/mp4"
    else:
        raise BadFile(Message("这不是能识别的录音（支持 WebM、Ogg、MP4），没有保存"))
    return Cleaned(body=body, media=media)


ImageFile.LOAD_TRUNCATED_IMAGES = False  # half a photo is refused, not filled up with grey
