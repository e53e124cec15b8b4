/* Which atoms are near each other: clusters of four, the tree of boxes around them, and the lists of pairs. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pairs.h"

#pragma GCC diagnostic ignored "-Wpsabi"

/* The k-th smallest of order[first..last) by a coordinate goes to its place, smaller ones before it. Ties are broken
   by number, so that the result depends on nothing but the positions. */
static int before(const double *x, int axis, int a, int b)
{
    const double xa = x[3 * (long)a + axis], xb = x[3 * (long)b + axis];
    return xa < xb || (xa == xb && a < b);
}

static void select_nth(int *order, const double *x, int axis, long first, long last, long nth)
{
    long low = first, high = last - 1;
    while (low < high) {
        const int pivot = order[nth];
        long i = low, j = high;
        do {
            while (before(x, axis, order[i], pivot)) i++;
            while (before(x, axis, pivot, order[j])) j--;
            if (i <= j) {
                const int moved = order[i];
                order[i++] = order[j], order[j--] = moved;
            }
        } while (i <= j);
        if (j < nth) low = i;
        if (nth < i) high = j;
    }
}

static void bisect(Sample *s, long first, long last)
{
    while (last - first > 4) {
        double low[3], high[3];
        for (int d = 0; d < 3; d++) low[d] = high[d] = s->wrapped[3 * (long)s->order[first] + d];
        for (long k = first + 1; k < last; k++)
            for (int d = 0; d < 3; d++) {
                const double v = s->wrapped[3 * (long)s->order[k] + d];
                if (v < low[d]) low[d] = v;
                if (v > high[d]) high[d] = v;
            }
        int axis = 0;
        for (int d = 1; d < 3; d++)
            if (high[d] - low[d] > high[axis] - low[axis]) axis = d;
        const long middle = first + ((last - first) / 2 + 3) / 4 * 4;
        select_nth(s->order, s->wrapped, axis, first, last, middle);
        bisect(s, first, middle);
        first = middle;
    }
}

/* r from which so many vectors of the box are taken; where nothing leans, each coordinate for itself, bit for bit. */
static void fold(const double edge[6], const double r[3], const double m[3], double at[3])
{
    at[0] = r[0] - m[2] * edge[4] - m[1] * edge[3] - m[0] * edge[0];
    at[1] = r[1] - m[2] * edge[5] - m[1] * edge[1];
    at[2] = r[2] - m[2] * edge[2];
}

static void place(Sample *s, const double *x)
{
    for (long k = 0; k < s->n; k++) {
        double at[3];
        fold(s->edge, x + 3 * (long)s->order[k], s->image + 3 * (long)s->order[k], at);
        for (int d = 0; d < 3; d++) s->at[PLACE(k) + 4 * d] = at[d];
    }
}

/* Boxes around clusters, around FAN of those, ...: their centres and half their edges. */
static void bound(Sample *s)
{
    for (int d = 0; d < 3; d++)
        for (int l = 0; l < s->levels; l++) {
            double *centre = s->centre[d] + s->start[l], *half = s->half[d] + s->start[l];
            const long nodes = s->level[l + 1] - s->level[l], below = l ? s->level[l] - s->level[l - 1] : s->n;
            const long fan = l ? FAN : 4;
            for (long k = 0; k < nodes; k++) {
                double low = HUGE_VAL, high = -HUGE_VAL;
                for (long c = fan * k; c < fan * (k + 1) && c < below; c++) {
                    const double of = l ? s->centre[d][s->start[l - 1] + c] : s->at[PLACE(c) + 4 * d];
                    const double extent = l ? s->half[d][s->start[l - 1] + c] : 0;
                    low = of - extent < low ? of - extent : low;
                    high = of + extent > high ? of + extent : high;
                }
                centre[k] = 0.5 * (low + high);
                half[k] = 0.5 * (high - low) + 1e-12 * s->edge[d];
            }
        }
}

/* Room for n entries, and as many masks where they are wanted. */
static int grown(Pairs *p, long n, int masked)
{
    return room((void **)&p->entries, &p->have, n, sizeof(Near))
        && (!masked || room((void **)&p->masks, &p->have_masks, n, sizeof(int)));
}

/* Bits 4 k + l with k < l, and with k = l. */
enum { BELOW = 0x8CE, SELF = 0x8421 };

/* All clusters from I on that are within reach of I go to the list. */
static int partners(Sample *s, long I)
{
    const long found = s->isa->nearby(s, I);
    if (found < 0 || !grown(&s->own, s->own.n + found, 1) || !grown(&s->others, s->others.n + found, 0)) return 0;
    s->own.begin[I] = s->own.n, s->others.begin[I] = s->others.n;
    for (long k = 0; k < found; k++) {
        const Near near = s->found[k];
        if (near.cluster != I) {
            s->others.entries[s->others.n++] = near;
            continue;
        }
        /* Pairs within a cluster once; an atom and its own image once, whichever way it is reached. */
        const double *shift = s->shift[near.shift];
        const int ahead = shift[0] > 0 || (shift[0] == 0 && (shift[4] > 0 || (shift[4] == 0 && shift[8] > 0)));
        s->own.masks[s->own.n] = ahead ? BELOW | SELF : BELOW;
        s->own.entries[s->own.n++] = near;
    }
    if (found > s->most_near) s->most_near = found;
    return 1;
}

/* Images of a box whose vectors have changed. */
void lists_stretch(Sample *s)
{
    for (long k = 0; k < s->n_shifts; k++) {
        const double *m = s->times[k], *edge = s->edge;
        const double by[3] = {
            m[0] * edge[0] + m[1] * edge[3] + m[2] * edge[4], m[1] * edge[1] + m[2] * edge[5], m[2] * edge[2]};
        for (int d = 0; d < 3; d++)
            for (int l = 0; l < 4; l++) s->shift[k][4 * d + l] = by[d];
    }
    for (int d = 0; d < 3; d++) s->per_edge[d] = 1 / s->edge[d];
}

/* The images at which some atom may be within reach of another. */
static int shifts(Sample *s)
{
    const double reach = s->cutoff + s->skin;
    long *most = s->most, count = 1;
    for (int d = 2; d >= 0; d--) {
        if (!(reach < 32 * s->edge[d])) return 0;
        double extent = 2 * s->half[d][s->start[s->levels - 1]]; /* of all atoms, and of what leans there */
        if (d < 2) extent += (double)most[2] * fabs(s->edge[d ? 5 : 4]);
        if (d < 1) extent += (double)most[1] * fabs(s->edge[3]);
        most[d] = (long)ceil((reach + extent) / s->edge[d]) - 1;
        count *= 2 * most[d] + 1;
    }
    if (!room((void **)&s->shift, &s->have_shifts, count, sizeof *s->shift)) return 0;
    if (!room((void **)&s->times, &s->have_times, count, sizeof *s->times)) return 0;
    s->n_shifts = 0;
    for (long a = -most[0]; a <= most[0]; a++)
        for (long b = -most[1]; b <= most[1]; b++)
            for (long c = -most[2]; c <= most[2]; c++) {
                double *times = s->times[s->n_shifts++];
                times[0] = (double)a, times[1] = (double)b, times[2] = (double)c;
            }
    lists_stretch(s);
    return 1;
}

/* What each species makes of a pattern, the species of a cluster's four atoms: the laws' numbers side by side, for
   vectors. What fills the last cluster up has a cutoff that is never reached. */
static void fill_pattern(Sample *s, long pattern, long cluster)
{
    for (int a = 0; a < s->kinds; a++)
        for (int l = 0; l < 4; l++) {
            double *law = s->laws_of + a * s->row_length + LAW_LENGTH * pattern + l;
            const double *of = s->laws + LAW_TERMS * (a * s->kinds + s->kind[4 * cluster + l]);
            for (int t = 0; t < LAW_TERMS; t++) law[4 * t] = of[t];
            const double near = (s->family == SCALED ? s->cutoff : sqrt(of[2])) + s->inner;
            law[4 * REACH2] = near * near;
            if (4 * cluster + l >= s->n) law[4 * 2] = law[4 * REACH2] = -1;
        }
}

/* The laws of each cluster. There are far fewer patterns than clusters, and those that share one share its laws: they
   stay in the processor's nearest memory. */
void lists_laws(Sample *s)
{
    const long mask = (1L << s->slot_bits) - 1;
    long known = 0;
    memset(s->slots, -1, (size_t)(mask + 1) * sizeof(int));
    for (long c = 0; c < s->clusters; c++) {
        uint64_t key = 0;
        for (long k = 4 * c; k < 4 * c + 4; k++)
            key = key * (uint64_t)(s->kinds + 1) + (uint64_t)(k < s->n ? s->kind[k] : s->kinds);
        long slot = (long)(key * 0x9E3779B97F4A7C15u >> (64 - s->slot_bits));
        while (s->slots[slot] >= 0 && s->keys[s->slots[slot]] != (long)key) slot = (slot + 1) & mask;
        if (s->slots[slot] < 0) {
            fill_pattern(s, known, c);
            s->keys[known] = (long)key;
            s->slots[slot] = (int)known++;
        }
        s->pattern[c] = LAW_LENGTH * s->slots[slot];
    }
}

/* Atoms into clusters, each where it is in the box. */
static void sort(Sample *s, const double *x)
{
    for (long k = 0; k < s->n; k++) {
        s->order[k] = (int)k;
        double *m = s->image + 3 * k;
        const double *r = x + 3 * k, *edge = s->edge;
        m[2] = floor(r[2] / edge[2]);
        m[1] = floor((r[1] - m[2] * edge[5]) / edge[1]);
        m[0] = floor((r[0] - m[2] * edge[4] - m[1] * edge[3]) / edge[0]);
        fold(edge, r, m, s->wrapped + 3 * k);
    }
    bisect(s, 0, s->n);
    for (long k = 0; k < s->padded; k++) s->kind[k] = k < s->n ? s->species[s->order[k]] : 0;
    for (long k = 0; k < s->padded; k++) s->size[k] = k < s->n ? s->sizes[s->order[k]] : 1;
    lists_laws(s);
    s->age = 0;
}

/* Whether an atom is elsewhere since the last list, as one is that was put back into the box. */
static int jumped(const Sample *s, const double *x)
{
    for (long k = 0; k < 3 * s->n; k++)
        if (!(fabs(x[k] - s->reference[k]) < 0.25 * s->edge[k % 3])) return 1;
    return 0;
}

/* Clusters of before do for some lists: what has moved by a skin or so still stands together. */
static int list(Sample *s, const double *x)
{
    const double reach = s->cutoff + s->skin;
    if (!s->fresh || s->age >= KEPT || jumped(s, x)) sort(s, x);
    else s->age++;
    memcpy(s->reference, x, (size_t)s->n * 24);
    memcpy(s->listed_edge, s->edge, sizeof s->edge);
    place(s, x);
    for (long k = s->n; k < s->padded; k++) /* beyond the reach of any */
        for (int d = 0; d < 3; d++) s->at[PLACE(k) + 4 * d] = 1e6 * (reach + s->edge[0]) * (double)(k - s->n + 1);
    bound(s);
    if (!shifts(s)) return 0;
    s->own.n = s->others.n = s->most_near = 0;
    for (long I = 0; I < s->clusters; I++)
        if (!partners(s, I)) return 0;
    s->own.begin[s->clusters] = s->own.n, s->others.begin[s->clusters] = s->others.n;
    /* Pruning makes at most four of each; it writes before it knows whether one is kept. */
    s->most_near++;
    if (!grown(&s->all, 4 * s->others.n + 1, 0) || !room((void **)&s->found, &s->have_found, 4 * s->most_near, sizeof(Near)))
        return 0;
    s->lists++;
    s->fresh = 1;
    return 1;
}

/* Whether pairs within `reach` now may have been beyond `listed` when atoms were at `then`, in a box of `edge`. Where the
   box has changed, atoms are thought to have gone with it: what is listed are then pairs within `listed` times its
   smallest stretch, at least; what leans more takes as much as it can. */
static int stale(const Sample *s, const double *x, const double *then, const double edge[6], double reach, double listed)
{
    double stretch[3], least = 1;
    for (int d = 0; d < 3; d++) {
        stretch[d] = s->edge[d] / edge[d];
        if (stretch[d] < least) least = stretch[d];
    }
    /* How y then goes into x now, z into x, z into y. */
    const double yx = (s->edge[3] - edge[3] * stretch[0]) / edge[1], zy = (s->edge[5] - edge[5] * stretch[1]) / edge[2];
    const double zx = (s->edge[4] - edge[4] * stretch[0] - edge[5] * yx) / edge[2];
    least -= sqrt(yx * yx + zy * zy + zx * zx);
    const double may = least * listed - reach;
    double most = 0, second = 0; /* the two that moved the farthest could be one pair */
    for (long k = 0; k < s->n; k++) {
        const double *r = then + 3 * k;
        const double dx = x[3 * k] - (r[0] * stretch[0] + r[1] * yx + r[2] * zx),
                     dy = x[3 * k + 1] - (r[1] * stretch[1] + r[2] * zy), dz = x[3 * k + 2] - r[2] * stretch[2];
        const double moved = dx * dx + dy * dy + dz * dz, less = moved < most ? moved : most;
        if (!(moved < HUGE_VAL)) return 1;
        most = moved > most ? moved : most;
        second = less > second ? less : second;
    }
    return !(sqrt(most) + sqrt(second) < may);
}

/* Whether an atom is so far away, or nowhere, that the boxes which it is away are not counted any more. */
static int lost(const Sample *s, const double *x)
{
    for (long k = 0; k < 3 * s->n; k++)
        if (!(fabs(x[k]) < FARTHEST * s->edge[k % 3])) return 1;
    return 0;
}

/* Atoms to their places, and what is listed made to hold all pairs within the cutoff, that of their species or that of
   any; 0 without memory, or LOST. */
int lists_update(Sample *s, const double *x, int wanted)
{
    const double near = s->cutoff + s->inner;
    if (s->fresh && s->pruned_for >= wanted && !stale(s, x, s->pruned, s->pruned_edge, s->cutoff, near)) {
        place(s, x);
        return 1;
    }
    if (!s->fresh || stale(s, x, s->reference, s->listed_edge, near, s->cutoff + s->skin)) {
        if (lost(s, x)) return LOST;
        if (!list(s, x)) return 0;
    } else
        place(s, x);
    s->pruned_for = wanted;
    s->isa->prune(s);
    memcpy(s->pruned, x, (size_t)s->n * 24);
    memcpy(s->pruned_edge, s->edge, sizeof s->edge);
    return 1;
}
