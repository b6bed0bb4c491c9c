"""Codes follow names: one more area is one more, a rename is what a person says, a retired code is never another's."""

from classifiers import succession
from classifiers.succession import KnownCodes, codes_of, known_codes, moved
from classifiers.taxonomy import Area, Taxonomy, build

PATHS = [("城管", "占道"), ("城管", "垃圾"), ("交通", "公交"), ("交通", "停车"), ("物业", "电梯")]


def listed(codes: dict[tuple[str, ...], str], **formerly: tuple[str, ...]) -> Taxonomy:
    areas = [
        Area(code=code, name=path[-1], parent=codes.get(path[:-1]), formerly=formerly.get(path[-1], ()))
        for path, code in codes.items()
    ]
    return build("t", areas)


FIRST = codes_of(PATHS)


def test_a_name_keeps_its_code_whatever_else_is_in_the_list() -> None:
    known = known_codes([listed(FIRST)])
    more = [("安全", "燃气"), ("交通", "保通"), ("城管", "占道", "早市"), *reversed(PATHS)]
    now = codes_of(more, known)
    assert {path: now[path] for path in FIRST} == FIRST
    assert len(set(now.values())) == len(now)
    assert not {code for path, code in now.items() if path not in FIRST} & known.used
    assert codes_of(PATHS[:2], known) == {path: FIRST[path] for path in (("城管",), *PATHS[:2])}


def test_a_code_of_a_retired_area_is_never_given_again() -> None:
    gone = [path for path in PATHS if path != ("交通", "停车")]
    second = codes_of(gone, known_codes([listed(FIRST)]))
    third = codes_of([*gone, ("交通", "违章")], known_codes([listed(FIRST), listed(second)]))
    assert third["交通", "违章"] not in FIRST.values()
    assert succession.heirs(FIRST["交通", "停车"], listed(third)) == ()
    back = codes_of(PATHS, known_codes([listed(FIRST), listed(third)]))
    assert back == FIRST


def test_a_rename_is_what_a_person_says() -> None:
    known = known_codes([listed(FIRST)])
    renamed = [("城市管理", "占道"), ("城市管理", "垃圾"), *PATHS[2:]]
    silent = codes_of(renamed, known)
    assert silent["城市管理",] not in known.used
    said = codes_of([("城市管理",), *renamed], known, {("城市管理",): (FIRST["城管",],)})
    assert said["城市管理",] == FIRST["城管",]
    assert said["城市管理", "占道"] == FIRST["城管", "占道"]


def test_several_old_codes_make_a_new_area() -> None:
    known = known_codes([listed(FIRST)])
    both = (FIRST["交通", "公交"], FIRST["交通", "停车"])
    merged = codes_of([*PATHS[:2], ("交通", "出行"), PATHS[4]], known, {("交通", "出行"): both})
    assert merged["交通", "出行"] not in known.used
    new = listed(merged, 出行=both)
    assert {succession.heirs(code, new) for code in both} == {(merged["交通", "出行"],)}


def test_widths_of_letters_and_spaces_are_no_other_name() -> None:
    known = known_codes([listed(codes_of([("水电", "供水A")]))])
    assert codes_of([("水 电", "供水Ａ")], known)["水 电", "供水Ａ"] == known.codes["水电", "供水a"]


def test_an_area_that_silently_lost_its_code_is_found() -> None:
    old = listed(FIRST)
    by_place = listed(codes_of([("交通", "保通"), *PATHS]))
    assert moved(old, by_place)
    assert moved(old, old) == ()
    assert moved(old, listed(codes_of([("交通", "保通"), *PATHS], known_codes([old])))) == ()
    told = listed(FIRST | {("物业", "电梯"): "9999"}, 电梯=(FIRST["物业", "电梯"],))
    assert moved(old, told) == ()
    assert KnownCodes().codes == {}
