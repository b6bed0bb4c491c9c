"""Groups alike texts: exact average linkage on sparse rows, and in parts where there are very many.

Two texts are as alike as the cosine of their character pairs, each weighed by its rarity; only the heaviest pairs of a
text are kept.  Average linkage has the property that a merged group is never closer to a third one than the closer of
its parts.  So groups that are each other's nearest may be merged all at once, and what has no near neighbour is done.
"""

import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array

CHUNK = 20_000  # texts whose pairs are counted at a time
FEW = 50  # texts a pair may always be in: among few, what many share is the topic
COLUMNS = 1 << 24  # pairs of characters are hashed to so many columns; of 500,000 texts under 3 % share one
WORK = 20_000_000  # products of one block of rows: their memory stays below 1 GB
MOST_WORK = 2_000_000_000  # products of one comparison of all rows: beyond it the rarer pairs choose who is compared
PART = 20_000  # rows compared with each other exactly, where there are more than WHOLE
WHOLE = 60_000
HEAVY = 64
SAMPLED = 4  # one row in so many is grouped first, where there are parts
SEVERAL = 3  # members of a group of the sample that others may join
TRIED = 6  # candidates compared then
SAME = np.float32(1e-6)  # cosines this close are equal: the smaller number is taken

Ints = NDArray[np.int64]


class Weighing(msgspec.Struct, frozen=True, kw_only=True):
    """How texts are weighed.

    titles   how often a title counts beside its text
    widest   pairs in more than this share of the texts tell nothing
    heaviest pairs kept of one text
    place    weight (0 to 1) of standing at the same place, where both places are known
    """

    titles: int = 3
    widest: float = 0.5
    heaviest: int = 32
    place: float = 0.05


class Rows(msgspec.Struct, frozen=True):
    """One row of length one a text (length 0: nothing to compare), and the column each pair's hash has, -1 for none."""

    matrix: csr_matrix
    column: NDArray[np.int32]


def pairs(text: str) -> NDArray[np.int32]:
    """Return the hashed pairs of characters of a text, one for each place; -1 where no two letters stand."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if len(points) < 2:
        return np.empty(0, dtype=np.int32)
    letter = _letters()[points]
    mixed = points[:-1].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + points[1:] * np.uint64(0xC2B2AE3D27D4EB4F)
    hashed = (mixed >> np.uint64(40)).astype(np.int32)
    return np.where(letter[:-1] & letter[1:], hashed, np.int32(-1))


@lru_cache(maxsize=1)
def _letters() -> NDArray[np.bool_]:
    """Return which characters are letters or digits."""
    return np.fromiter((chr(point).isalnum() for point in range(sys.maxunicode + 1)), bool, sys.maxunicode + 1)


def weighed(texts: Sequence[tuple[str, str]], places: Sequence[str], how: Weighing) -> Rows:
    """Return the rows of (text, title), both `features.readable`, and their places ("" for unknown)."""
    counted = [_counted(texts[start : start + CHUNK], how.titles) for start in range(0, len(texts), CHUNK)]
    spread = np.zeros(COLUMNS, dtype=np.int64)
    for _, columns, _ in counted:
        spread += np.bincount(columns, minlength=COLUMNS)
    most = max(FEW, int(how.widest * len(texts)))
    column = np.full(COLUMNS, -1, dtype=np.int32)
    kept = np.flatnonzero((spread >= 2) & (spread <= most))
    column[kept] = np.arange(len(kept), dtype=np.int32)
    rarity = (np.log((1 + len(texts)) / (1 + spread[kept])) + 1).astype(np.float32)
    parts = [_heaviest(one, column, rarity, how.heaviest) for one in counted]
    matrix = _stacked(parts, len(kept))
    return Rows(_with_places(matrix, places, how.place), column)


class _OpenGroups(msgspec.Struct, frozen=True):
    """Groups not yet done: the sums of their rows, their sizes, the number each goes by."""

    rows: csr_matrix
    sizes: NDArray[np.float64]
    names: Ints


def groups(rows: csr_matrix, alike: float) -> Ints:
    """Return the group of each row: average linkage, groups merged while their members' mean cosine is >= `alike`."""
    count = rows.shape[0]
    return _linked(_OpenGroups(rows, np.ones(count), np.arange(count)), alike)


def in_parts(rows: csr_matrix, order: Ints, alike: float) -> Ints:
    """Return the group of each row, of too many to be compared at once: exact within parts, then part with part.

    A part is up to PART rows that follow each other in `order` (of time); what found no partner in its part stays
    alone.  Between the parts a group is known by its HEAVY heaviest pairs.  Within a part a sample is grouped first and
    the others join its groups: many of one matter would else be merged two by two, in a hundred rounds.
    """
    group = np.arange(rows.shape[0])
    for some in np.array_split(order, -(-len(order) // PART)):
        group[some] = some[_by_sample(rows[some], alike)]
    names, place, sizes = np.unique(group, return_inverse=True, return_counts=True)
    several = np.flatnonzero(sizes > 1)
    at = np.full(len(names), -1)
    at[several] = np.arange(len(several))
    mine = np.flatnonzero(at[place] >= 0)
    shape = (len(several), rows.shape[0])
    adding = csr_matrix((np.ones(len(mine), dtype=np.float32), (at[place[mine]], mine)), shape=shape)
    held = _OpenGroups(_pruned((adding @ rows).tocsr()), sizes[several].astype(np.float64), np.arange(len(several)))
    group[mine] = names[several][_linked(held, alike)][at[place[mine]]]
    return group


def _by_sample(rows: csr_matrix, alike: float) -> Ints:
    """Return the group of each row: one row in SAMPLED grouped, then who is near a group of several; then the rest."""
    count = rows.shape[0]
    group = np.arange(count)
    sample = np.arange(0, count, SAMPLED)
    group[sample] = sample[groups(rows[sample], alike)]
    names, place, sizes = np.unique(group[sample], return_inverse=True, return_counts=True)
    several = np.flatnonzero(sizes >= SEVERAL)
    at = np.full(len(names), -1)
    at[several] = np.arange(len(several))
    mine = np.flatnonzero(at[place] >= 0)
    share = (1 / sizes[place[mine]]).astype(np.float32)
    adding = csr_matrix((share, (at[place[mine]], mine)), shape=(len(several), len(sample)))
    means = _pruned((adding @ rows[sample]).tocsr())
    others = np.setdiff1d(np.arange(count), sample)
    product = (rows[others] @ means.T.tocsr()).tocsr()
    for which, other, value in _tops(product, 1):
        near = value >= alike
        group[others[which[near]]] = names[several][other[near]]
    joined = np.isin(group, names[several])
    left = np.flatnonzero(~joined)
    group[left] = left[groups(rows[left], alike)]
    return group


def _pruned(rows: csr_matrix) -> csr_matrix:
    """Return the rows with their HEAVY heaviest pairs."""
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    order = np.lexsort((rows.indices, -rows.data, owner))
    kept = order[np.arange(len(order)) - rows.indptr[owner[order]] < HEAVY]
    return csr_matrix((rows.data[kept], (owner[kept], rows.indices[kept])), shape=rows.shape)


def _linked(held: _OpenGroups, alike: float) -> Ints:
    count = held.rows.shape[0]
    group = np.arange(count)  # of each text; what is done keeps the number it had when it was done
    best, stale = np.full(count, -1, dtype=np.int64), np.ones(count, dtype=bool)
    score = np.zeros(count, dtype=np.float32)
    while held.rows.shape[0]:
        _look(held, np.flatnonzero(stale), best, score, alike)
        near = best >= 0
        first = _mutual(best, score)
        if not len(first):
            break
        into = np.arange(len(best))
        into[best[first]] = first
        moved = np.zeros(len(best), dtype=bool)
        moved[first] = moved[best[first]] = True
        stale = moved.copy()
        stale[near] |= moved[best[near]]
        kept = np.flatnonzero(near & (into == np.arange(len(best))))
        place = np.full(len(best), -1)
        place[kept] = np.arange(len(kept))
        root = np.arange(count)
        root[held.names] = held.names[into]
        group = root[group]
        held = _merged(held, into, kept, place)
        best = np.where(best[kept] >= 0, place[into[best[kept]]], -1)
        stale, score = stale[kept], score[kept]
    return group


def _merged(held: _OpenGroups, into: Ints, kept: Ints, place: Ints) -> _OpenGroups:
    source = np.flatnonzero(place[into] >= 0)
    shape = (len(kept), len(into))
    adding = csr_matrix((np.ones(len(source), dtype=np.float32), (place[into[source]], source)), shape=shape)
    return _OpenGroups((adding @ held.rows).tocsr(), np.asarray(adding @ held.sizes).ravel(), held.names[kept])


def _mutual(best: Ints, score: NDArray[np.float32]) -> Ints:
    """Return the first of each two that are each other's nearest.

    Equal scores go to the smaller number, so there always are two; should rounding hide them, the nearest of all are.
    """
    near = np.flatnonzero(best >= 0)
    found: Ints = near[(best[best[near]] == near) & (near < best[near])]
    if len(found) or not len(near):
        return found
    top = near[np.argmax(score[near])]
    best[best[top]] = top
    return np.array([min(top, best[top])])


def _look(held: _OpenGroups, asked: Ints, best: Ints, score: NDArray[np.float32], alike: float) -> None:
    """Write the nearest other group of the asked ones, -1 where none is near enough, into `best` and `score`.

    Where comparing them with all would cost more than MOST_WORK, only groups that share a rare pair are candidates; of
    the TRIED that share most the cosine is then taken of the whole rows.
    """
    means = held.rows.copy()
    means.data /= np.repeat(held.sizes, np.diff(means.indptr)).astype(np.float32)
    rare, times = _rare(means, asked)
    turned = (means if times == 1 else means @ rare).T.tocsr()
    asking = means[asked] @ rare
    spread = np.diff(turned.indptr)
    owners = np.repeat(np.arange(len(asked)), np.diff(asking.indptr))
    work = np.bincount(owners, spread[asking.indices], minlength=len(asked)).cumsum()
    last = work[-1] if len(work) else 0
    starts = [*np.unique(np.searchsorted(work, np.arange(0, last + WORK, WORK))), len(asked)]
    for start, end in pairwise(starts):
        some = asked[start:end]
        best[some], score[some] = -1, 0
        product = (asking[start:end] @ turned).tocsr()
        product.data[product.indices == np.repeat(some.astype(np.int32), np.diff(product.indptr))] = -1
        for which, other, shared in _tops(product, times):
            rows = some[which]
            whole = np.asarray(means[rows].multiply(means[other]).sum(axis=1)).ravel() if times > 1 else shared
            value = whole.astype(np.float32)
            better = (value >= alike) & (value > score[rows] + SAME)
            best[rows[better]], score[rows[better]] = other[better], value[better]


def _rare(means: csr_matrix, asked: Ints) -> tuple[csr_matrix, int]:
    """Return what picks the pairs by which candidates are found, and how many of a row's candidates are tried."""
    spread = np.bincount(means.indices, minlength=means.shape[1])
    calls = np.bincount(means[asked].indices, minlength=means.shape[1])
    order = np.argsort(spread, kind="stable")
    kept = np.zeros(means.shape[1], dtype=np.float32)
    kept[order[np.cumsum(spread[order].astype(np.float64) * calls[order]) <= MOST_WORK]] = 1
    return diags_array(kept, format="csr", dtype=np.float32), 1 if kept.all() else TRIED


def _tops(product: csr_matrix, times: int) -> Iterator[tuple[Ints, Ints, NDArray[np.float32]]]:
    """Yield (row, column, value) of the largest of each row, then of the second largest, and so on."""
    each = np.diff(product.indptr)
    filled = np.flatnonzero(each)
    for _ in range(times if len(filled) else 0):
        top = np.maximum.reduceat(product.data, product.indptr[filled])
        high = np.flatnonzero(product.data >= np.repeat(top - SAME, each[filled]))
        which = np.searchsorted(product.indptr, high, side="right") - 1
        order = np.lexsort((product.indices[high], which))
        rows, at = np.unique(which[order], return_index=True)
        taken = high[order][at]
        yield rows, product.indices[taken].astype(np.int64), top
        product.data[taken] = -1


def _counted(texts: Sequence[tuple[str, str]], titles: int) -> tuple[Ints, NDArray[np.int32], NDArray[np.float32]]:
    """Return (ends, columns, counts) of the pairs of some texts, as a sparse matrix holds them."""
    whole = [f"{(title + chr(10)) * titles}{text}\n" for text, title in texts]
    hashed = pairs("".join(whole))
    owner = np.repeat(np.arange(len(whole), dtype=np.int64), [len(one) for one in whole])[: len(hashed)]
    there = hashed >= 0
    keys, counts = np.unique(owner[there] * COLUMNS + hashed[there], return_counts=True)
    ends = np.searchsorted(keys, np.arange(len(whole) + 1, dtype=np.int64) * COLUMNS)
    return ends, (keys % COLUMNS).astype(np.int32), counts.astype(np.float32)


def _heaviest(
    counted: tuple[Ints, NDArray[np.int32], NDArray[np.float32]],
    column: NDArray[np.int32],
    rarity: NDArray[np.float32],
    most: int,
) -> csr_matrix:
    """Return rows of count x rarity, of each the `most` heaviest, of length one."""
    ends, hashed, counts = counted
    owner = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    at = column[hashed]
    owner, at, counts = owner[at >= 0], at[at >= 0], counts[at >= 0]
    weight = counts * rarity[at]
    order = np.lexsort((at, -weight, owner))
    owner, at, weight = owner[order], at[order], weight[order]
    starts = np.searchsorted(owner, np.arange(len(ends)))
    rank = np.arange(len(owner)) - starts[owner]
    owner, at, weight = owner[rank < most], at[rank < most], weight[rank < most]
    length = np.sqrt(np.bincount(owner, weight.astype(np.float64) ** 2, minlength=len(ends) - 1))
    weight = (weight / length[owner]).astype(np.float32)
    return csr_matrix((weight, (owner, at)), shape=(len(ends) - 1, len(rarity)))


def _stacked(parts: list[csr_matrix], columns: int) -> csr_matrix:
    if not parts:
        return csr_matrix((0, columns), dtype=np.float32)
    ends = np.concatenate([[0], *(np.diff(one.indptr) for one in parts)]).cumsum()
    data, at = (np.concatenate([getattr(one, name) for one in parts]) for name in ("data", "indices"))
    return csr_matrix((data, at, ends), shape=(len(ends) - 1, columns))


def _with_places(matrix: csr_matrix, places: Sequence[str], weight: float) -> csr_matrix:
    """Return the rows with one more column for each place that several texts share."""
    names = np.array(places, dtype=object)
    known, code, count = np.unique(names.astype(str), return_inverse=True, return_counts=True)
    shared = (known != "") & (count > 1) & (count <= max(FEW, 0.1 * len(places)))
    if not weight or not len(names) or not shared.any():
        return matrix
    has = shared[code]
    scale = np.where(has, np.sqrt(1 - weight), 1).astype(np.float32)
    column = np.cumsum(shared)[code[has]] - 1 + matrix.shape[1]
    rows = np.flatnonzero(has)
    old = matrix.multiply(scale[:, None]).tocoo()
    data = np.concatenate([old.data, np.full(len(rows), np.sqrt(weight), dtype=np.float32)])
    at = np.concatenate([old.row, rows]), np.concatenate([old.col, column])
    return csr_matrix((data, at), shape=(matrix.shape[0], matrix.shape[1] + int(shared.sum())), dtype=np.float32)
