"""Weights of samples: one whose near-duplicates were routed elsewhere teaches less.

Two texts on one matter, sent to two units: one of them was a mistake, or habit.  Whoever learns both learns neither.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

ALIKE = 0.5  # cosine over words from which two samples count as near-duplicates
COMMON = 300  # samples: words of more say nothing of one matter, and would make the search quadratic
BLOCK = 1000  # rows compared at a time


def agreement(words: csr_matrix, truth: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return of each sample the share of its near-duplicates, itself among them, which are of its area.

    words   rows of word features, shape (samples, columns); a row without any rare word agrees with itself
    """
    spread = np.bincount(words.indices, minlength=words.shape[1])
    telling = words[:, np.flatnonzero(spread <= COMMON)].tocsr()
    lengths = np.sqrt(np.asarray(telling.multiply(telling).sum(axis=1)).ravel())
    telling = (diags(1 / np.where(lengths, lengths, 1.0)) @ telling).tocsr()
    turned = telling.T.tocsr()
    shares = np.ones(len(truth))
    for start in range(0, len(truth), BLOCK):
        near = (telling[start : start + BLOCK] @ turned).tocoo()
        alike = near.data > ALIKE
        mine, theirs = near.row[alike], near.col[alike]
        own = truth[start : start + BLOCK]
        every = np.bincount(mine, minlength=len(own))
        same = np.bincount(mine[own[mine] == truth[theirs]], minlength=len(own))
        shares[start : start + BLOCK] = np.where(every, same / np.maximum(every, 1), 1.0)
    return shares
