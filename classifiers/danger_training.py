"""Sentences of many voices -> the scores of `danger_scores`."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from classifiers.danger import Ears
from classifiers.danger_scores import SET, Scores, head, runs

ABOVE = 2.2  # of the log odds: what is heard by the sound alone has to be plain
LEAST = 0.02  # weights smaller than this are left out
LIKE = 3.0  # how much more a sentence that only looks like danger counts than any other that is none


def learn(ears: Ears, dangers: Sequence[str], likes: Sequence[str], others: Sequence[str]) -> Scores:
    """Return scores learned from sentences of danger, sentences that only look like it, and other matters."""
    texts = [*dangers, *likes, *others]
    features = [_features(ears, text) for text in texts]
    vectors = CountVectorizer(analyzer=list, binary=True, min_df=2)
    rows = vectors.fit_transform(features)
    answers = np.array([1] * len(dangers) + [0] * (len(likes) + len(others)))
    weights = [1.0] * len(dangers) + [LIKE] * len(likes) + [1.0] * len(others)
    fitted = LogisticRegression(max_iter=3000, class_weight="balanced").fit(rows, answers, sample_weight=weights)
    found = zip(vectors.get_feature_names_out(), fitted.coef_[0], strict=True)
    kept = {str(name): round(float(weight), 2) for name, weight in found if abs(weight) >= LEAST}
    return Scores(ABOVE, round(float(fitted.intercept_[0]), 2), kept)


def _features(ears: Ears, text: str) -> list[str]:
    plain, sets = ears.sounds(text)
    return sorted(runs(head(plain)) | {SET + name for name in sets})
