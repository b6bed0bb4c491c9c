import pytest

from classifiers.errors import (
    BrokenTaxonomy,
    ClassifierError,
    StaleModel,
    TooFewSamples,
    UndatedSamples,
    UnknownArea,
)


@pytest.mark.parametrize(
    ("error", "code", "said", "facts"),
    [
        (BrokenTaxonomy("01", "编码重复"), "broken_taxonomy", "事项表有误（01）：编码重复", {"area": "01"}),
        (UnknownArea("09", "2026.1"), "unknown_area", "事项表（版本 2026.1）里没有“09”", {"edition": "2026.1"}),
        (StaleModel("文件已损坏", found="a"), "stale_model", "模型不能使用：文件已损坏，请重新训练", {"found": "a"}),
        (
            TooFewSamples(3, 1),
            "too_few_samples",
            "样本太少，无法训练：3 条样本，只涉及 1 个事项，至少要有两个事项",
            {"samples": 3, "areas": 1},
        ),
        (UndatedSamples(2), "undated_samples", "有 2 条样本没有时间，不能按时间切分", {"undated": 2}),
    ],
)
def test_every_refusal_has_a_code_a_sentence_and_facts(
    error: ClassifierError, code: str, said: str, facts: dict[str, object]
) -> None:
    assert isinstance(error, ClassifierError)
    assert (error.code, str(error)) == (code, said)
    assert {name: getattr(error, name) for name in facts} == facts
