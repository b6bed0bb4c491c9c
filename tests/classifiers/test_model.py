import io

import msgspec
import numpy as np
import pytest

from classifiers.errors import StaleModel
from classifiers.inference import guess_many
from classifiers.model import FORMAT, Model, from_bytes, to_bytes
from classifiers.taxonomy import Taxonomy, build

TEXTS = ["路灯不亮", "井盖破损，请尽快处理", "河水又黑又臭", "停水停电", ""]


def rewritten(data: bytes, **changed: np.ndarray) -> bytes:
    """The same file with some arrays exchanged."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    out = io.BytesIO()
    np.savez(out, **(arrays | changed))
    return out.getvalue()


def head(data: bytes, **changed: object) -> np.ndarray:
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        plain = msgspec.json.decode(stored["head"].tobytes())
    return np.frombuffer(msgspec.json.encode(plain | changed), dtype=np.uint8)


def test_a_copy_is_the_same_model(model: Model, town: Taxonomy) -> None:
    data = to_bytes(model)
    copy = from_bytes(data, town)
    assert copy.card == model.card
    assert (copy.codes, copy.names, copy.columns) == (model.codes, model.names, model.columns)
    assert np.array_equal(copy.coef, model.coef)
    assert guess_many(copy, TEXTS) == guess_many(model, TEXTS)
    assert to_bytes(copy) == data


def test_coefficients_lie_so_that_a_guess_copies_nothing(model: Model, town: Taxonomy) -> None:
    for one in (model, from_bytes(to_bytes(model), town)):
        assert one.coef.flags.f_contiguous
        assert {one.coef.dtype, one.idf.dtype, one.intercept.dtype} == {np.dtype(np.float32)}
        assert not one.coef.flags.writeable
        assert one.coef.shape == (len(one.codes), len(one.columns)) == (9, len(one.words))
    with pytest.raises(AssertionError):
        msgspec.structs.replace(model, coef=np.ascontiguousarray(model.coef))
    with pytest.raises(AssertionError):
        msgspec.structs.replace(model, coef=np.asfortranarray(model.coef.astype(np.float64)))
    with pytest.raises(ValueError, match="shapes do not fit"):
        msgspec.structs.replace(model, intercept=model.intercept[:-1])


def test_another_edition_is_refused(model: Model, town: Taxonomy) -> None:
    with pytest.raises(StaleModel) as caught:
        from_bytes(to_bytes(model), build("2027.1", town.areas))
    assert (caught.value.found, caught.value.wanted) == ("2026.1", "2027.1")
    assert str(caught.value) == "模型不能使用：训练时的事项表版本是 2026.1，现在是 2027.1，请重新训练"


def test_an_area_that_is_gone_is_refused(model: Model, town: Taxonomy) -> None:
    with pytest.raises(StaleModel, match="事项表里已没有“0403”"):
        from_bytes(to_bytes(model), build("2026.1", town.areas[:-1]))


def test_another_format_is_refused_by_name(model: Model, town: Taxonomy) -> None:
    data = to_bytes(model)
    with pytest.raises(StaleModel) as caught:
        from_bytes(rewritten(data, head=head(data, format="hotline-linear-9", more=1)), town)
    assert (caught.value.found, caught.value.wanted) == ("hotline-linear-9", FORMAT)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a model", b"\x80\x04K\x01.", b"\x93NUMPY\x01\x00"])
def test_what_is_no_model_file_is_refused(data: bytes, town: Taxonomy) -> None:
    with pytest.raises(StaleModel, match="文件已损坏"):
        from_bytes(data, town)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_torn_file_is_refused(model: Model, town: Taxonomy, share: float) -> None:
    data = to_bytes(model)
    with pytest.raises(StaleModel, match="文件已损坏"):
        from_bytes(data[: int(len(data) * share)], town)


def test_a_flipped_byte_is_refused(model: Model, town: Taxonomy) -> None:
    data = bytearray(to_bytes(model))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(StaleModel, match="文件已损坏"):
        from_bytes(bytes(data), town)


def test_parts_that_do_not_fit_are_refused(model: Model, town: Taxonomy) -> None:
    data = to_bytes(model)
    with pytest.raises(StaleModel, match="文件各部分对不上"):
        from_bytes(rewritten(data, idf=np.ones(3, dtype=np.float32)), town)
    with pytest.raises(StaleModel, match="文件已损坏"):
        from_bytes(rewritten(data, head=head(data, scale="steep")), town)


def test_nothing_in_a_model_file_is_run(model: Model, town: Taxonomy) -> None:
    pickled = rewritten(to_bytes(model), idf=np.array([{"a": 1}], dtype=object))
    with pytest.raises(StaleModel, match="文件已损坏"):
        from_bytes(pickled, town)


def test_areas_of_one_name_are_shown_whole(town: Taxonomy, model: Model) -> None:
    areas = [msgspec.structs.replace(a, name="其他") if a.code in ("0101", "0201") else a for a in town.areas]
    copy = from_bytes(to_bytes(model), build("2026.1", areas))
    assert (copy.names[0], copy.names[1], copy.names[2]) == ("市容环卫/其他", "公厕管理", "市政设施/其他")
