"""Whether somebody is in danger now, by the city's word lists: things, verbs and people that stand near each other.

A pattern is a few sets of words; it speaks where one word of each stands near the one before.  Counter-words keep a
word silent (火锅, 没有着火, 如果漏气) or a whole sentence or text (演练, 理赔, 去年), and are told with it.
The learned sound of the text (`danger_scores`) is asked too: a pattern is not believed in a text that does not sound
like danger; where none speaks the sound may, louder where a counter-word stands.  Both are files of the city: danger
is heard on the first day, and each answer names its words.  Linear in the length of the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from classifiers.danger_scores import READ_CHARACTERS, Scores
from classifiers.text import normalise
from grids.messages import Message

BUDGET = 20_000  # characters that are read: as long as a ticket's text may be
NEAR_CHARACTERS = 8  # characters between two words of a pattern, if it does not say another number
QUOTED = 12  # characters of the text that are quoted as one
CITY_LIST = "本地词表"  # the kind of a city's further words: they need no sound
SOUND = "疑似险情"  # the kind of what is heard by its sound alone
QUIET = "整句不像险情"  # why a pattern was not believed
_STOP = re.compile(r"[。！？!?;；\n]")
_CLAUSE = re.compile(r"[。！？!?;；\n,，、：:]")

Grade = Literal["", "urgent", "critical"]
How = Literal["inside", "before", "after", "sentence", "text"]


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of danger and the patterns that speak for it.

    A pattern: names of sets, or words themselves parted by "|", with blanks between; ">" = in this order; "@12" = at
    most 12 characters between two of them.  unless: words that keep this kind silent in a sentence; a pattern that ends
    with "!" speaks all the same.
    """

    name: str
    critical: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()
    unless: str = ""


class Counter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that keep others silent.

    inside    a word inside one of these says nothing: 火 in 火锅
    before    nor does a word at most `reach` characters behind one of these, in the same clause
    after     nor does anything behind one of these: an office's reply in the text (公安局回复：)
    sentence  nor any in the same sentence;  text  nor any in the whole text; unless a word of the set `unless` stands
              there too
    kinds, sets  a counter of sentences is for these kinds only, one of words for these sets only; () = all
    """

    name: str
    how: How
    words: str
    reach: Annotated[int, Meta(ge=0, le=40)] = 1
    unless: str = ""
    kinds: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()


class DangerLists(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`danger.toml`: sets of words (name -> words with blanks between), kinds in the order they are asked, counters.

    typos  wrong spellings, each "wrong=right" of equal length
    """

    edition: str = ""
    words: dict[str, str] = {}
    typos: str = ""
    kinds: tuple[Kind, ...] = ()
    counters: tuple[Counter, ...] = ()


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard.  grade "" = no danger; then `kind` and `words` say what was kept silent, `against` by what."""

    grade: Grade = ""
    kind: str = ""
    words: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The reason as it is read out; "" where nothing was heard."""
        said = "、".join(f"“{word}”" for word in self.words)
        return f"{self.kind}：听到{said}" if self.grade else ""


class BadList(ValueError):
    """A word list that says nothing, or names a set that is not there.  where: its place in the file"""

    def __init__(self, where: str, message: Message) -> None:
        super().__init__(message)
        self.where, self.message = where, message


class _Hit(msgspec.Struct, frozen=True):
    start: int
    end: int
    words: tuple[str, ...]


class _Pattern(msgspec.Struct, frozen=True):
    sets: tuple[str, ...]
    ordered: bool
    near: int
    sure: bool = False


class Ears:
    """Lists made ready to listen.  raises BadList naming the place of the first fault"""

    def __init__(
        self, lists: DangerLists, scores: Scores | None = None, more: Sequence[tuple[Grade, Sequence[str]]] = ()
    ) -> None:
        """`more`: a city's further words that speak alone, for a grade."""
        self._scores = scores
        self._sets: dict[str, set[str]] = {}
        self._lengths: dict[str, list[int]] = {}
        for name, words in lists.words.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise BadList(f"$.words.{name}", Message("词组名用小写英文字母，如 gas"))
            self._learn(name, words.split(), f"$.words.{name}")
        self._typos = _typos(lists.typos)
        self._replies = [normalise(word) for one in lists.counters if one.how == "after" for word in one.words.split()]
        self._counters = [self._counter(n, one, lists) for n, one in enumerate(lists.counters)]
        self._asked: list[tuple[Grade, str, str, list[_Pattern]]] = []
        self._own(more)
        kinds = [self._kind(n, one, lists) for n, one in enumerate(lists.kinds)]
        for grade in ("critical", "urgent"):
            self._asked += [(grade, name, unless, found[grade]) for name, unless, found in kinds]

    def hear(self, text: str, title: str = "") -> Heard:
        """Return the gravest danger a text tells of, the first of the list where two are as grave."""
        plain = self._cut(self._spelled(normalise(f"{title}\n{text}"[:BUDGET])))
        hits, silenced = self._hits(plain)
        stops = [one.start() for one in _STOP.finditer(plain)]
        said = self._said(plain, hits, stops)
        if self._scores is None or said.kind == CITY_LIST:
            return said if said.kind else Heard(against=silenced)
        sets = _named({name: found for name, found in hits.items() if _early(found)})
        if said.grade and self._scores.believes(plain, sets):
            return said
        if said.grade:
            return msgspec.structs.replace(said, grade="", against=(QUIET,))
        loud = self._scores.loudness(plain, sets)
        against = said.kind or self._against(_Hit(0, len(plain), ()), "", "", hits, stops)
        if loud > (self._scores.over if against else self._scores.above):
            return Heard(grade="critical", kind=SOUND, words=(self._scores.loudest(plain),))
        return said if said.kind else Heard(against=silenced)

    def _said(self, plain: str, hits: dict[str, list[_Hit]], stops: list[int]) -> Heard:
        """Return what the patterns hear; else the first that counter-words kept silent."""
        held = Heard()
        for grade, name, unless, patterns in self._asked:
            for pattern in patterns:
                for found in _chains(pattern, hits):
                    against = self._against(found, name, "" if pattern.sure else unless, hits, stops)
                    if not against:
                        return Heard(grade=grade, kind=name, words=_quoted(plain, found))
                    held = held if held.kind else Heard(kind=name, words=_quoted(plain, found), against=against)
        return held

    def sounds(self, text: str) -> tuple[str, set[str]]:
        """Return the head of a text as it is listened to, and the named sets whose words it has: what scores ask."""
        plain = self._cut(self._spelled(normalise(text)))
        return plain, _named(self._hits(plain[:READ_CHARACTERS])[0])

    def _learn(self, name: str, words: Iterable[str], where: str) -> None:
        clean = sorted({normalise(word) for word in words} - {""})
        if not clean:
            raise BadList(where, Message("一个词也没有"))
        for word in clean:
            self._sets.setdefault(word, set()).add(name)
            lengths = self._lengths.setdefault(word[0], [])
            if len(word) not in lengths:
                lengths.append(len(word))

    def _own(self, more: Sequence[tuple[Grade, Sequence[str]]]) -> None:
        for n, (grade, words) in enumerate(more):
            self._learn(f"own{n}", words, "city.toml $.signals.urgency")
            self._asked.append((grade, CITY_LIST, "", [_Pattern((f"own{n}",), ordered=False, near=NEAR_CHARACTERS)]))

    def _counter(self, n: int, one: Counter, lists: DangerLists) -> Counter:
        if one.unless and one.unless not in lists.words:
            raise BadList(
                f"$.counters[{n}].unless",
                Message("没有名为 %(name)s 的词组，可用：%(words)s", name=one.unless, words=tuple(lists.words)),
            )
        if lost := set(one.sets) - set(lists.words):
            raise BadList(
                f"$.counters[{n}].sets",
                Message("没有名为 %(name)s 的词组，可用：%(words)s", name=min(lost), words=tuple(lists.words)),
            )
        if strange := set(one.kinds) - {kind.name for kind in lists.kinds}:
            raise BadList(f"$.counters[{n}].kinds", Message("没有名为“%(strange)s”的险情", strange=min(strange)))
        self._learn(f"counter{n}", one.words.split(), f"$.counters[{n}].words")
        return one

    def _kind(self, n: int, one: Kind, lists: DangerLists) -> tuple[str, str, dict[str, list[_Pattern]]]:
        if not one.critical and not one.urgent:
            raise BadList(f"$.kinds[{n}]", Message("“%(name)s”没有写 critical 或 urgent，什么也听不到", name=one.name))
        if one.unless:
            self._learn(f"unless{n}", one.unless.split(), f"$.kinds[{n}].unless")
        found: dict[str, list[_Pattern]] = {}
        for grade, said in (("critical", one.critical), ("urgent", one.urgent)):
            found[grade] = [
                self._pattern(pattern, f"$.kinds[{n}].{grade}[{place}]", lists) for place, pattern in enumerate(said)
            ]
        return one.name, f"unless{n}" if one.unless else "", found

    def _pattern(self, said: str, where: str, lists: DangerLists) -> _Pattern:
        near, sets = NEAR_CHARACTERS, []
        for token in said.replace(">", " ").removesuffix("!").split():
            if token.startswith("@"):
                if not token[1:].isdigit() or int(token[1:]) > 60:
                    raise BadList(where, Message("“%(token)s”应写作 @ 加不超过 60 的字数，如 @12", token=token))
                near = int(token[1:])
            elif token.isascii():
                if token not in lists.words:
                    raise BadList(
                        where,
                        Message("没有名为 %(name)s 的词组，可用：%(words)s", name=token, words=tuple(lists.words)),
                    )
                sets.append(token)
            else:
                self._learn(token, token.split("|"), where)
                sets.append(token)
        if not sets:
            raise BadList(where, Message("一个词也没有"))
        return _Pattern(tuple(sets), ordered=">" in said, near=near, sure=said.endswith("!"))

    def _spelled(self, plain: str) -> str:
        for wrong, right in self._typos:
            plain = plain.replace(wrong, right)
        return plain

    def _cut(self, plain: str) -> str:
        return plain[: min((at for word in self._replies if (at := plain.find(word)) > 0), default=BUDGET)]

    def _hits(self, plain: str) -> tuple[dict[str, list[_Hit]], tuple[str, ...]]:
        """Return where the words of each set stand, without those that counter-words keep silent, and by which."""
        found: dict[str, list[_Hit]] = {}
        for start, char in enumerate(plain):
            for length in self._lengths.get(char, ()):
                word = plain[start : start + length]
                if _inside_a_number(plain, word, start):
                    continue
                for name in self._sets.get(word, ()):
                    found.setdefault(name, []).append(_Hit(start, start + len(word), (word,)))
        rules = [(rule, found.get(f"counter{n}", [])) for n, rule in enumerate(self._counters)]
        inside = sorted(
            (hit.start, hit.end, hit.words[0]) for rule, hits in rules if rule.how == "inside" for hit in hits
        )
        behind = {
            (at, name): word
            for rule, hits in rules
            if rule.how == "before"
            for at, word in _behind(plain, rule, hits)
            for name in rule.sets or ("",)
        }
        if not inside and not behind:
            return found, ()
        kept: dict[str, list[_Hit]] = {}
        by: dict[str, bool] = {}
        reach, starts = _furthest(inside), [start for start, _, _ in inside]
        for name, hits in found.items():
            kept[name] = []
            for hit in hits:
                place = bisect_right(starts, hit.start) - 1
                end, word = reach[place] if place >= 0 else (0, "")
                if end < hit.end or word == hit.words[0]:
                    word = behind.get((hit.start, ""), "") or behind.get((hit.start, name), "")
                if word and not name.startswith(("counter", "unless")):
                    by[word] = True
                else:
                    kept[name].append(hit)
        return kept, tuple(by)

    def _against(
        self, found: _Hit, kind: str, unless: str, hits: dict[str, list[_Hit]], stops: list[int]
    ) -> tuple[str, ...]:
        """Return the words that keep what was found silent: in its sentences, or anywhere in the text."""
        first, last = bisect_right(stops, found.start), bisect_right(stops, found.end - 1)
        here = (first, last)
        own = _within(hits.get(unless, ()), here, stops)
        if own:
            return own
        for n, rule in enumerate(self._counters):
            if rule.how not in ("sentence", "text") or (rule.kinds and kind not in rule.kinds):
                continue
            scope = here if rule.how == "sentence" else None
            words = _within(hits.get(f"counter{n}", ()), scope, stops)
            if words and not (rule.unless and _within(hits.get(rule.unless, ()), scope, stops)):
                return words
        return ()


def _named(hits: dict[str, list[_Hit]]) -> set[str]:
    return {name for name, found in hits.items() if found and name.isascii() and not name.startswith("own")}


def _early(found: list[_Hit]) -> bool:
    return bool(found) and found[0].start < READ_CHARACTERS


def _quoted(plain: str, found: _Hit) -> tuple[str, ...]:
    """Return what was heard as it stands in the text where that is short, else its words."""
    said = plain[found.start : found.end]
    return (said,) if len(said) <= QUOTED and not _STOP.search(said) else found.words


def _inside_a_number(plain: str, word: str, start: int) -> bool:
    """Return whether the digits a word begins or ends with are part of a longer number: 打120 in 打1208."""
    end = start + len(word)
    before = word[:1].isdigit() and plain[max(0, start - 1) : start].isdigit()
    return before or (word[-1:].isdigit() and plain[end : end + 1].isdigit())


def _typos(said: str) -> list[tuple[str, str]]:
    found = []
    for pair in said.split():
        wrong, _, right = pair.partition("=")
        if not wrong or len(wrong) != len(right):
            raise BadList("$.typos", Message("“%(pair)s”应写作 错=对，两边字数相同", pair=pair))
        found.append((normalise(wrong), normalise(right)))
    return found


def _behind(plain: str, rule: Counter, hits: Sequence[_Hit]) -> Iterable[tuple[int, str]]:
    """Return the places where a word that begins says nothing, each with the counter-word before it."""
    for hit in hits:
        clause = _CLAUSE.search(plain, hit.end, hit.end + rule.reach)
        for at in range(hit.start + 1, (clause.start() if clause else hit.end + rule.reach) + 1):
            yield at, hit.words[0]


def _furthest(silent: Sequence[tuple[int, int, str]]) -> list[tuple[int, str]]:
    """Return, for each stretch in order of its start, how far any that began by then reaches, and its word."""
    best, found = (0, ""), []
    for _, end, word in silent:
        best = max(best, (end, word))
        found.append(best)
    return found


def _within(hits: Sequence[_Hit], sentences: tuple[int, int] | None, stops: list[int]) -> tuple[str, ...]:
    for hit in hits:
        if sentences is None or sentences[0] <= bisect_right(stops, hit.start) <= sentences[1]:
            return hit.words
    return ()


def _chains(pattern: _Pattern, hits: dict[str, list[_Hit]]) -> list[_Hit]:
    """Return where a pattern's words stand near each other, each as one stretch with its words."""
    spans = hits.get(pattern.sets[0], [])
    for name in pattern.sets[1:]:
        nexts = hits.get(name, ())
        if not spans or not nexts:
            return []
        starts = [span.start for span in spans]
        grown = []
        for hit in nexts:
            place = bisect_right(starts, hit.start)
            near = spans[max(0, place - 1) : place] if pattern.ordered else spans[max(0, place - 1) : place + 1]
            grown += [_joined(span, hit) for span in near if _close(span, hit, pattern)][:1]
        spans = sorted(grown, key=lambda one: one.start)
    return spans


def _close(span: _Hit, hit: _Hit, pattern: _Pattern) -> bool:
    if pattern.ordered and hit.start < span.end:
        return False
    return max(hit.start - span.end, span.start - hit.end) <= pattern.near


def _joined(span: _Hit, hit: _Hit) -> _Hit:
    return _Hit(min(span.start, hit.start), max(span.end, hit.end), (*span.words, *hit.words))
