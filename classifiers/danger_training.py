"""Trains the scores of `danger_scores` from sentences of many voices."""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from classifiers.danger import Ears
from classifiers.danger_scores import SET, Scores, head, matter, runs

ABOVE = 0.5  # of the log odds; these three, LIKE and LOOSE were chosen by leaving one set of sentences out
OVER = 1.5
LEAST = -2.5
SMALL = 0.02  # weights smaller than this are left out
SEEN = 3  # texts that have to have a run or a set, so that it is learned
LOOSE = 1.0  # the inverse of the penalty on large weights
LIKE = 6.0  # how much more a sentence that only looks like danger counts than any other that is none


def learn(
    ears: Ears, dangers: Sequence[str], likes: Sequence[str], others: Sequence[str], forms: Sequence[str] = ()
) -> Scores:
    """Return scores learned from sentences of danger, sentences that only look like it, and other matters.

    forms  dangers in an office's set form: they teach only belief in a pattern, or the form itself would sound like
           danger where nothing else does
    """
    bias, weights = _fit(ears, head, dangers, likes, others)
    start, belief = _fit(ears, matter, [*dangers, *forms], likes, others)
    return Scores(ABOVE, bias, weights, OVER, LEAST, start, belief)


def _fit(
    ears: Ears, part: Callable[[str], str], dangers: Sequence[str], likes: Sequence[str], others: Sequence[str]
) -> tuple[float, dict[str, float]]:
    """Return bias and weights for a part of each text.

    Each text is shown twice, once without its sets of words: the lists were formed on these very sentences, and would
    be believed too much.
    """
    shown = [_features(ears, part, text) for text in (*dangers, *likes, *others)]
    vectors = CountVectorizer(analyzer=list, binary=True, min_df=2 * SEEN)
    rows = vectors.fit_transform([*(sorted(runs | sets) for runs, sets in shown), *(sorted(runs) for runs, _ in shown)])
    answers = [1] * len(dangers) + [0] * (len(likes) + len(others))
    weights = [0.5] * len(dangers) + [LIKE / 2] * len(likes) + [0.5] * len(others)
    fitted = LogisticRegression(C=LOOSE, max_iter=3000, class_weight="balanced").fit(
        rows, np.array(2 * answers), sample_weight=2 * weights
    )
    found = zip(vectors.get_feature_names_out(), fitted.coef_[0], strict=True)
    kept = {str(name): round(float(weight), 2) for name, weight in found if abs(weight) >= SMALL}
    return round(float(fitted.intercept_[0]), 2), kept


def _features(ears: Ears, part: Callable[[str], str], text: str) -> tuple[set[str], set[str]]:
    plain, sets = ears.sounds(text)
    return runs(part(plain)), {SET + name for name in sets}
