/* Exchanges of atoms of unlike diameters at frozen positions: which sites see each other, and what is asked from outside.

   Every site keeps the energy of its atom with all others. An attempt costs two sums over neighbours, most often the
   beginning of one: nearer ones come first, and where no pair has a negative energy an exchange is refused as soon as
   the sum is larger than the number drawn for it allows, which is exact. See swaps.inc. */

#include <stdlib.h>

#include "swaps.h"

void swaps_free(Swaps *w)
{
    if (w) free(w->size), free(w->energy), free(w->occupant), free(w->r2), free(w->near), free(w->begin), free(w);
}

/* law: as of pairs_law, lengths in those of pairs; largest: of all diameters. */
Swaps *swaps_new(long n, const double law[8], double nonadditivity, double largest, int positive, int isa)
{
    Swaps *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->n = n;
    w->positive = positive;
    w->nonadditivity = nonadditivity, w->largest = largest, w->cutoff = sqrt(law[2]);
    for (int k = 0; k < 32; k++) w->law[k] = law[k / 4];
    w->isa = pairs_isa(isa);
    w->size = malloc((size_t)n * 8), w->energy = malloc((size_t)n * 8), w->occupant = malloc((size_t)n * sizeof(long));
    w->begin = malloc((size_t)(n + 1) * sizeof(long));
    if (w->size && w->energy && w->occupant && w->begin) return w;
    swaps_free(w);
    return NULL;
}

/* Cells along each edge; fewer than three would meet their neighbours twice. */
static long cells(double edge, double reach) { return edge >= 3 * reach ? (long)(edge / reach) : 1; }

/* Neighbours r2, near [many] of a site go to their places in its row, nearer shells first. */
static void arrange(Swaps *w, long begin, const double *r2, const int *near, long many)
{
    long next[SHELLS + 1] = {0};
    for (long k = 0; k < many; k++) next[(int)(r2[k] / w->shell) + 1]++;
    for (int b = 0; b < SHELLS; b++) next[b + 1] += next[b];
    for (long k = 0; k < many; k++) {
        const long at = begin + next[(int)(r2[k] / w->shell)]++;
        w->r2[at] = r2[k], w->near[at] = near[k];
    }
}

/* Sites at x [n, 3] in a box from the origin, atoms of diameters sizes [n] on them. Edges are at least two of the longest
   cutoffs. Returns 0 where there is no memory. */
int swaps_place(Swaps *w, const double *x, const double edge[3], const double *sizes)
{
    const double reach = w->cutoff * w->largest, reach2 = reach * reach;
    long many[3], total = 1;
    w->shell = reach2 / SHELLS * (1 + 1e-12);
    for (int d = 0; d < 3; d++) total *= many[d] = cells(edge[d], reach);
    for (int d = 0; d < 3; d++) /* of a thin gas, fewer than there is space for */
        while (many[d] >= 6 && total > 8 * w->n) total /= many[d], many[d] /= 2, total *= many[d];
    const long padded = (w->n + 3) / 4 * 4 + 4;
    double *sorted[3] = {NULL}; /* in the order of cells, so that four are near each other */
    double *away = malloc((size_t)w->n * sizeof(double)); /* neighbours as they are found */
    int *met = malloc((size_t)w->n * sizeof(int));
    long *first = calloc((size_t)total + 1, sizeof(long)), *cell = malloc((size_t)w->n * 4 * sizeof(long));
    long *order = malloc((size_t)w->n * sizeof(long));
    int whole = first && cell && order && away && met;
    for (int d = 0; d < 3; d++) whole = (sorted[d] = calloc((size_t)padded, sizeof(double))) && whole;
    for (long i = 0; whole && i < w->n; i++) {
        long *at = cell + 4 * i;
        for (int d = 0; d < 3; d++) {
            at[d] = (long)(x[3 * i + d] / edge[d] * (double)many[d]);
            at[d] = at[d] < 0 ? 0 : at[d] >= many[d] ? many[d] - 1 : at[d];
        }
        at[3] = (at[0] * many[1] + at[1]) * many[2] + at[2];
        first[at[3] + 1]++;
    }
    for (long c = 0; whole && c < total; c++) first[c + 1] += first[c];
    for (long i = w->n - 1; whole && i >= 0; i--) order[--first[cell[4 * i + 3] + 1]] = i;
    /* Now first[c + 1] is where cell c begins. */
    for (long k = 0; whole && k < w->n; k++)
        for (int d = 0; d < 3; d++) sorted[d][k] = x[3 * order[k] + d];
    long found = 0;
    for (long i = 0; whole && i < w->n; i++) {
        const long *at = cell + 4 * i, begin = w->begin[i] = found;
        const int shells[3] = {many[0] > 1, many[1] > 1, many[2] > 1};
        long count = 0;
        for (int a = -shells[0]; a <= shells[0]; a++)
            for (int b = -shells[1]; b <= shells[1]; b++)
                for (int c = -shells[2]; c <= shells[2]; c++) {
                    const long near = ((at[0] + a + many[0]) % many[0] * many[1] + (at[1] + b + many[1]) % many[1]) * many[2]
                        + (at[2] + c + many[2]) % many[2];
                    const long from = first[near + 1], to = near + 1 < total ? first[near + 2] : w->n;
                    for (long k = from; k < to; k += 4) {
                        double r2[4];
                        w->isa->squares(x + 3 * i, edge, sorted, k, r2);
                        for (int l = 0; l < 4 && k + l < to; l++)
                            if (r2[l] < reach2 && order[k + l] != i) away[count] = r2[l], met[count++] = (int)order[k + l];
                    }
                }
        whole = room((void **)&w->r2, &w->have_r2, found + count + 4, sizeof(double))
            && room((void **)&w->near, &w->have_near, found + count + 4, sizeof(int));
        if (whole) arrange(w, begin, away, met, count);
        found += count;
        while (whole && (found - begin) % 4) w->r2[found] = 1e30, w->near[found++] = 0;
        w->size[i] = sizes[i];
        w->occupant[i] = i;
    }
    w->begin[w->n] = found;
    free(away), free(met), free(first), free(cell), free(order), free(sorted[0]), free(sorted[1]), free(sorted[2]);
    if (whole) w->isa->site_energies(w);
    return whole;
}

double swaps_total(const Swaps *w)
{
    double total = 0;
    for (long i = 0; i < w->n; i++) total += w->energy[i];
    return 0.5 * total;
}

double swaps_change(Swaps *w, long i, long j) { return w->isa->change(w, i, j); }

/* Metropolis at inverse temperature beta. state: of the random numbers. occupant [n]: whose atom sits on each site.
   Returns how many were accepted; *total: the sum of their energies. */
long swaps_exchange(
    Swaps *w, uint64_t state[4], long attempts, double beta, double width, long *occupant, double *total)
{
    *total = 0;
    const long accepted = w->isa->exchange(w, state, attempts, beta, width, total);
    memcpy(occupant, w->occupant, (size_t)w->n * sizeof(long));
    return accepted;
}
