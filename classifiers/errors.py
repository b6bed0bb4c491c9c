"""Errors of the classifiers: unknown areas, a broken list of areas, a stale model, too few or undated samples.

`code` is for machines, `str()` for people, facts are attributes.
"""

from typing import ClassVar

from grids.messages import HouseError, Message


class ClassifierError(HouseError):
    """The root of every refusal of this package."""

    code: ClassVar[str] = "classifier_error"


class BrokenTaxonomy(ClassifierError):
    """The table of areas contradicts itself: `area` is the code where it was seen."""

    code = "broken_taxonomy"

    def __init__(self, area: str, message: Message) -> None:
        super().__init__(
            Message("事项表有误（%(area)s）：%(message)s", area=area or Message("空编码"), message=message)
        )
        self.area, self.message = area, message


class UnknownArea(ClassifierError):
    """A code which this edition of the taxonomy does not know."""

    code = "unknown_area"

    def __init__(self, area: str, edition: str) -> None:
        super().__init__(Message("事项表（版本 %(edition)s）里没有“%(area)s”", edition=edition, area=area))
        self.area, self.edition = area, edition


class StaleModel(ClassifierError):
    """A model file which must not be used here; training again is the answer."""

    code = "stale_model"

    def __init__(self, reason: Message, *, found: str = "", wanted: str = "") -> None:
        super().__init__(Message("模型不能使用：%(reason)s，请重新训练", reason=reason))
        self.reason, self.found, self.wanted = reason, found, wanted


class TooFewSamples(ClassifierError):
    """Fewer than two areas with any text: there is nothing to tell apart."""

    code = "too_few_samples"

    def __init__(self, samples: int, areas: int) -> None:
        super().__init__(
            Message(
                "样本太少，无法训练：%(samples)s 条样本，只涉及 %(areas)s 个事项，至少要有两个事项",
                samples=samples,
                areas=areas,
            )
        )
        self.samples, self.areas = samples, areas


class UndatedSamples(ClassifierError):
    """A split by time was asked of samples which carry no time."""

    code = "undated_samples"

    def __init__(self, undated: int) -> None:
        super().__init__(Message("有 %(undated)s 条样本没有时间，不能按时间切分", undated=undated))
        self.undated = undated
