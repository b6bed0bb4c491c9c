"""Step 2, classification: which area (事项) a ticket belongs to.

A person's choice stands; else the city's classifier says, or asks a person.
"""

from collections.abc import Sequence

import msgspec

from classifiers import inference, questions
from classifiers.errors import UnknownArea
from classifiers.inference import Candidate, Guess
from hotline.city import City
from hotline.store.tickets import Ticket


class Classified(msgspec.Struct, frozen=True, kw_only=True):
    """The area of a ticket ("" = a person must say), how sure, and why in words for a citizen.

    guessed  what the model has in mind, also where it was not sure (`sure`) or a person had chosen; `model` says which
             one, "" if none was asked.  Kept in the history: how good a model is shows only there.
    """

    area: str
    confidence: float
    why: str
    candidates: tuple[Candidate, ...] = ()
    words: tuple[str, ...] = ()
    guessed: str = ""
    sure: bool = False
    model: str = ""


def many(city: City, tickets: Sequence[Ticket]) -> list[Classified]:
    """Classify all at once, in one call of the model; of history it is asked only where nobody had chosen."""
    asked = [ticket for ticket in tickets if not (ticket.area and ticket.quiet)]
    guesses = iter(guess_many(city, [one.text for one in asked], [one.title for one in asked]))
    found = {ticket.id: classified(next(guesses), city) for ticket in asked}
    return [_chosen(city, ticket, found.get(ticket.id)) if ticket.area else found[ticket.id] for ticket in tickets]


def guess_many(city: City, texts: Sequence[str], titles: Sequence[str]) -> list[Guess]:
    """Return the model's guesses about texts freed of the operators' own routing requests."""
    if city.model is None:
        why = f"拿不准：{city.model_problem}，请人工选择事项"
        return [Guess(area=None, confidence=0.0, candidates=(), words=(), why=why) for _ in texts]
    asked = [questions.bare(*one, city.phrases) for one in zip(texts, titles, strict=True)]
    return inference.guess_many(city.model, [text for text, _ in asked], [title for _, title in asked])


def of_saved(city: City, text: str, title: str, area: str, confidence: float) -> Classified:
    """Return what a ticket was, or would be, put to the duty table under; a person's word is the area's, fully sure.

    The area it has stands, whatever a model says today.
    """
    if area and confidence >= 1.0:
        return Classified(area=area, confidence=confidence, why="")
    found = classified(guess_many(city, [text], [title])[0], city)
    return msgspec.structs.replace(found, area=area, confidence=confidence) if area else found


def classified(guess: Guess, city: City) -> Classified:
    """Return a guess in the shape a ticket takes."""
    return Classified(
        area=guess.area or "",
        confidence=guess.confidence,
        why=guess.why,
        candidates=guess.candidates,
        words=guess.words,
        guessed=guess.candidates[0].area if guess.candidates else "",
        sure=guess.area is not None,
        model=city.model.card.name if city.model else "",
    )


def _chosen(city: City, ticket: Ticket, guess: Classified | None) -> Classified:
    try:
        label = city.taxonomy.label(ticket.area)
    except UnknownArea as wrong:
        return Classified(area="", confidence=0.0, why=f"拿不准：{wrong}")
    who = "历史记录中为" if ticket.quiet else "登记时由人工选定"
    said = guess or Classified(area="", confidence=0.0, why="")
    return Classified(
        area=ticket.area, confidence=1.0, why=f"{who}“{label}”", guessed=said.guessed, sure=said.sure, model=said.model
    )
