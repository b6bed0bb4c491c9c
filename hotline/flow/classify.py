"""Step 2: what is it about.  A person's choice stands; else the city's classifier says, or asks a person."""

from collections.abc import Sequence

import msgspec

from classifiers import inference
from classifiers import text as words
from classifiers.errors import UnknownArea
from classifiers.inference import Candidate, Guess
from hotline.city import City
from hotline.store.tickets import Ticket


class Classified(msgspec.Struct, frozen=True, kw_only=True):
    """The area of a ticket ("" = a person must say), how sure, and why in words for a citizen."""

    area: str
    confidence: float
    why: str
    candidates: tuple[Candidate, ...] = ()
    words: tuple[str, ...] = ()


def many(city: City, tickets: Sequence[Ticket]) -> list[Classified]:
    """Classify all at once: the model is asked about many texts in one call."""
    asked = [ticket for ticket in tickets if not ticket.area]
    guesses = iter(guess_many(city, [one.text for one in asked], [one.title for one in asked]))
    return [_chosen(city, ticket) if ticket.area else classified(next(guesses)) for ticket in tickets]


def guess_many(city: City, texts: Sequence[str], titles: Sequence[str]) -> list[Guess]:
    """Return the model's guesses about texts freed of the operators' own routing requests."""
    if city.model is None:
        why = f"拿不准：{city.model_problem}，请人工选择事项"
        return [Guess(area=None, confidence=0.0, candidates=(), words=(), why=why) for _ in texts]
    bare = [words.strip_routing(text, city.phrases) for text in texts]
    return inference.guess_many(city.model, bare, [words.strip_routing(title, city.phrases) for title in titles])


def classified(guess: Guess) -> Classified:
    """Return a guess in the shape a ticket takes."""
    return Classified(
        area=guess.area or "", confidence=guess.confidence, why=guess.why, candidates=guess.candidates,
        words=guess.words,
    )  # fmt: skip


def _chosen(city: City, ticket: Ticket) -> Classified:
    try:
        label = city.taxonomy.label(ticket.area)
    except UnknownArea as wrong:
        return Classified(area="", confidence=0.0, why=f"拿不准：{wrong}")
    who = "历史记录中为" if ticket.quiet else "登记时由人工选定"
    return Classified(area=ticket.area, confidence=1.0, why=f"{who}“{label}”")
