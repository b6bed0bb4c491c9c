"""Personal data at rest: it opens only with the same key in the same place, and a caller is found again."""

import pytest

from hotline.sealing import KEY_NUMBER, BadSeal, Seal

SECRET = b"a secret of the tests, 32 letters"
PLACE = "sample:phone"


@pytest.mark.parametrize("text", ["13800001234", "李刚", "a" * 400, "引号'\"\n"])
def test_what_was_sealed_opens_again(text: str) -> None:
    seal = Seal(SECRET)
    sealed = seal.seal(text, PLACE)
    assert sealed.startswith(f"{KEY_NUMBER}:")
    assert text not in sealed
    assert Seal(SECRET).unseal(sealed, PLACE) == text


def test_nothing_is_sealed_as_nothing() -> None:
    assert (Seal(SECRET).seal("", PLACE), Seal(SECRET).unseal("", PLACE)) == ("", "")


def test_sealing_twice_does_not_show_that_it_is_the_same() -> None:
    seal = Seal(SECRET)
    assert seal.seal("13800001234", PLACE) != seal.seal("13800001234", PLACE)


@pytest.mark.parametrize(("secret", "place"), [(b"another secret, also 32 letters..", PLACE), (SECRET, "other:phone"),
                                              (SECRET, "sample:name")])  # fmt: skip
def test_another_key_or_another_place_does_not_open_it(secret: bytes, place: str) -> None:
    sealed = Seal(SECRET).seal("13800001234", PLACE)
    with pytest.raises(BadSeal) as refused:
        Seal(secret).unseal(sealed, place)
    assert refused.value.code == "bad_seal"
    assert "13800001234" not in str(refused.value)


def test_an_altered_text_does_not_open() -> None:
    sealed = Seal(SECRET).seal("13800001234", PLACE)
    other = "A" if sealed[20] != "A" else "B"
    with pytest.raises(BadSeal):
        Seal(SECRET).unseal(sealed[:20] + other + sealed[21:], PLACE)


def test_the_same_caller_is_found_again_in_the_own_region_only() -> None:
    one, two = Seal(SECRET), Seal(SECRET)
    key = one.find_key("sample", "13800001234")
    assert key == two.find_key("sample", "13800001234")
    assert len(key) == 64
    others = {one.find_key("other", "13800001234"), one.find_key("sample", "13800001235"),
              Seal(b"another secret, also 32 letters..").find_key("sample", "13800001234")}  # fmt: skip
    assert key not in others
    assert len(others) == 3


def test_the_callers_id_follows_from_the_key() -> None:
    seal = Seal(SECRET)
    key = seal.find_key("sample", "13800001234")
    assert seal.caller_id(key) == seal.caller_id(key)
    assert seal.caller_id(key).version == 8
    assert seal.caller_id(key) != seal.caller_id(seal.find_key("sample", "13800001235"))
