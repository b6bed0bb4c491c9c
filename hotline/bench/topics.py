"""`hotline bench topics`: hot topics on real messages whose topics people named; only figures are written."""

import json
import random
import re
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from classifiers import topics as rule
from classifiers.topics import Text, Topic, TopicRules
from hotline.channels import texts
from hotline.channels.sheets import open_sheet

TOPIC_MESSAGES, NAMED = "messages_hot_topics_4326.csv", "hot_topics_silver_half.json"
TRIED = (0.10, 0.12, 0.14, 0.16, 0.18, 0.20, 0.24)
SPLIT_SEED = 1
PIECE = re.compile(r"[。！？；，;,!?\n]+")


def page(folder: Path, large: int) -> str:
    """Return docs/topics.md.  large: also measure on so many made-up texts, 0 for none"""
    said = read(folder)
    named = json.loads((folder / NAMED).read_text(encoding="utf-8"))
    return "\n".join([*_head(said), *_quality(said, named), *(_large(said, large) if large else []), ""])


def read(folder: Path) -> list[Text]:
    """Return the messages."""
    found = texts.read_texts(open_sheet(folder / TOPIC_MESSAGES), ZoneInfo("Asia/Shanghai"), text="留言详情")
    return [Text(id=one.id, text=one.text, title=one.title, at=one.at) for one in found.said]


def best_f1(found: Sequence[Topic], named: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return, for each topic people named, the F1 of the found topic that fits it best."""
    groups = [set(one.members) for one in found]
    return {
        name: max((2 * len(group & set(ids)) / (len(group) + len(ids)) for group in groups), default=0.0)
        for name, ids in named.items()
    }


def _head(said: Sequence[Text]) -> Iterator[str]:
    usual = TopicRules()
    yield "# Hot topics (热点), measured"
    yield ""
    yield f"By `hotline bench topics` on {len(said):,} messages to officials, against the half of the topics people"
    yield "named that the developers could see.  F1 is the best found topic's for each named one;"
    yield "the mean counts each topic once."
    yield f"The rule's setting is `alike = {usual.alike}`: the middle of the range in which the figures hardly change."
    yield ""


def _quality(said: Sequence[Text], named: Mapping[str, Sequence[str]]) -> Iterator[str]:
    heads = " | ".join(f"topic {at} ({len(ids)})" for at, ids in enumerate(named.values(), 1))
    yield f"| alike | topics | {heads} | mean F1 | CPU s |"
    yield f"|---|---|{'---|' * len(named)}---|---|"
    for alike in TRIED:
        began = time.process_time()
        found = rule.find(said, TopicRules(alike=alike, most=1_000_000))
        took = time.process_time() - began
        scores = best_f1(found, named).values()
        cells = " | ".join(f"{score:.3f}" for score in scores)
        yield f"| {alike:.2f} | {len(found)} | {cells} | {sum(scores) / len(named):.3f} | {took:.1f} |"
    yield ""
    yield "Reference: average linkage on TF-IDF at cosine distance 0.8 has .851 over eight topics it was tuned on."
    yield ""


def _large(said: Sequence[Text], large: int) -> Iterator[str]:
    made = made_up(said, large)
    began = time.process_time()
    found = rule.find(made, TopicRules())
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    yield f"{large:,} texts put together from pieces of the same messages, one letter in twelve changed:"
    yield f"{took:,.0f} s of CPU, {len(found):,} topics named, {peak:.1f} GB at most."
    yield ""


def made_up(said: Sequence[Text], count: int) -> list[Text]:
    """Return texts of half of one message's clauses, three clauses of others, and some letters changed."""
    chance = random.Random(SPLIT_SEED)  # noqa: S311 - repeatable texts, no secret
    clauses = [[piece for piece in PIECE.split(one.text) if piece] or [one.text] for one in said]
    every = [piece for pieces in clauses for piece in pieces]
    letters = sorted({letter for piece in every for letter in piece})
    made = []
    for number in range(count):
        at = chance.randrange(len(said))
        kept = [piece for piece in clauses[at] if chance.random() < 0.5] or clauses[at][:1]
        text = list("，".join(kept + chance.choices(every, k=3))[:200])
        for _ in range(len(text) // 12):
            text[chance.randrange(len(text))] = chance.choice(letters)
        one = msgspec.structs.replace(said[at], id=f"{number:09}", text="".join(text))
        made.append(one)
    return made
