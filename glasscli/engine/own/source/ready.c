/* Exchanges of atoms of unlike species at the sites of a sample, partners drawn by how well each would fit where the
   other is: the rule is in simulation/partners.py, the attempts in ready.inc.

   Of energies only differences between species count. An attempt is made, and taken back where it is refused: with i
   changed already, what j then gains is the rest of the energy, whether the two see each other or not. */

#include <stdlib.h>

#include "ready.h"

void ready_free(Ready *w)
{
    if (!w) return;
    for (int v = 0; v < 2; v++) free(w->visit[v].cluster), free(w->visit[v].r2), free(w->visit[v].gain), free(w->visit[v].ready);
    free(w->occupant), free(w->stamp), free(w->dirty), free(w->gain), free(w->ready), free(w->sums), free(w->summed), free(w->kind);
    free(w->here), free(w->step), free(w->back), free(w->behind), free(w);
}

/* The pair energy of two species goes so many times into a sum: what shares a cutoff, or is the same table, is one piece. */
static void add(const Sample *s, Combined *to, int a, int b, double times)
{
    const double *law = s->spread + 32 * (a * s->kinds + b);
    const int tabled = s->family == TABLED, key = tabled ? 12 : 8;
    long p = 0;
    while (p < to->pieces && to->terms[p][key] != law[key]) p++;
    if (p == to->pieces) to->pieces++;
    double *terms = to->terms[p];
    for (int t = 0; t < 32; t++) {
        if (t / 4 == 2 || (tabled && t / 4 == 3)) terms[t] = law[t];
        else terms[t] += tabled ? (t / 4 == 4) * times : times * law[t];
    }
}

/* Of a sample whose laws are known. NULL without memory, for more species than this is made for, for less than two, and
   where diameters vary. */
Ready *ready_new(Sample *s)
{
    if (s->kinds > MOST_KINDS || s->kinds < 2 || s->family == SCALED) return NULL;
    Ready *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    const int kinds = s->kinds, more = kinds - 1;
    w->s = s, w->listed = -1;
    while (8L << 2 * w->shift < s->clusters) w->shift++; /* drawing looks at blocks, then at clusters of one */
    w->blocks = (s->clusters + (1L << w->shift) - 1) >> w->shift;
    w->occupant = malloc((size_t)s->padded * sizeof(long)), w->kind = malloc((size_t)s->padded * sizeof(long long));
    w->stamp = calloc((size_t)w->blocks, sizeof(long)), w->dirty = malloc((size_t)w->blocks * sizeof(long));
    w->gain = malloc((size_t)(more * s->padded) * 8), w->ready = malloc((size_t)(more * s->padded) * 8);
    w->sums = malloc((size_t)(kinds * more * w->blocks) * 8), w->summed = malloc((size_t)(kinds * more * w->blocks) * 8);
    w->here = calloc((size_t)(more * kinds), sizeof(Combined)), w->step = calloc((size_t)(more * kinds * kinds), sizeof(Combined));
    w->behind = malloc((size_t)(s->clusters + 1) * sizeof(long));
    if (!(w->occupant && w->kind && w->stamp && w->dirty && w->gain && w->ready && w->sums && w->summed && w->here && w->step && w->behind)) {
        ready_free(w);
        return NULL;
    }
    for (int m = 0; m < more; m++)
        for (int b = 0; b < kinds; b++) {
            add(s, w->here + m * kinds + b, m + 1, b, 1), add(s, w->here + m * kinds + b, 0, b, -1);
            for (int a = 0; a < kinds; a++) {
                Combined *step = w->step + (m * kinds + a) * kinds + b;
                add(s, step, m + 1, b, 1), add(s, step, 0, b, -1), add(s, step, m + 1, a, -1), add(s, step, 0, a, 1);
            }
        }
    return w;
}

/* The list of clusters has each pair once: here is the other way round, and room for the surroundings of any site. */
static int turn(Ready *w)
{
    const Sample *s = w->s;
    if (w->listed == s->lists) return 1;
    if (!room((void **)&w->back, &w->have_back, s->others.n, sizeof(Near))) return 0;
    memset(w->behind, 0, (size_t)(s->clusters + 1) * sizeof(long));
    for (long p = 0; p < s->others.n; p++) w->behind[s->others.entries[p].cluster + 1]++;
    for (long c = 0; c < s->clusters; c++) w->behind[c + 1] += w->behind[c];
    for (long I = s->clusters - 1; I >= 0; I--) /* behind[c + 1] goes down to where c begins */
        for (long p = s->others.begin[I + 1] - 1; p >= s->others.begin[I]; p--) {
            const Near near = s->others.entries[p];
            w->back[--w->behind[near.cluster + 1]] = (Near){(int)s->n_shifts - 1 - near.shift, (int)I};
        }
    for (long c = 0; c < s->clusters; c++) w->behind[c] = w->behind[c + 1];
    w->behind[s->clusters] = s->others.n;
    long most = 0;
    for (long c = 0; c < s->clusters; c++) {
        const long near = s->own.begin[c + 1] - s->own.begin[c] + s->others.begin[c + 1] - s->others.begin[c]
            + w->behind[c + 1] - w->behind[c];
        most = near > most ? near : most;
    }
    const long vectors = (most + 1) * (s->kinds - 1);
    for (int v = 0; v < 2; v++) {
        Visit *to = w->visit + v;
        if (!room((void **)&to->cluster, &w->have[v][0], most + 1, sizeof(long)) || !room((void **)&to->r2, &w->have[v][1], most + 1, 32)
            || !room((void **)&to->gain, &w->have[v][2], vectors, 32) || !room((void **)&to->ready, &w->have[v][3], vectors, 32))
            return 0;
    }
    w->listed = s->lists;
    return 1;
}

/* Attempts at positions x [n, 3] in a box (see pairs_evaluate) of edges of at least two cutoffs, at inverse temperature
   beta. shares [kinds, kinds], of which a < b counts: weights of pairs of species, at least one of which is there.
   state: of the random numbers. tried, accepted [kinds, kinds] (a < b) are added to; occupant [n]: the atom that then
   sits on each site; *total: the sum of accepted changes of energy. Returns as pairs_sites. */
int ready_exchange(
    Ready *w, const double *x, const double edge[6], long attempts, double beta, const double *shares, uint64_t state[4],
    long *tried, long *accepted, long *occupant, double *total)
{
    Sample *s = w->s;
    const int listed = pairs_place(s, x, edge, ANY_SPECIES);
    if (listed < 1) return listed;
    if (!turn(w)) return 0;
    for (long k = 0; k < s->padded; k++) w->occupant[k] = k, w->kind[k] = k < s->n ? s->kind[k] : -1;
    w->beta = beta;
    *total = s->isa->ready_exchange[s->family](w, state, attempts, shares, tried, accepted);
    for (long k = 0; k < s->n; k++) occupant[s->order[k]] = s->order[w->occupant[k]];
    return 1;
}

/* Energy of exchanging the atoms that now sit on sites i and j, as long as the sample was asked of no other positions. */
double ready_change(Ready *w, long i, long j)
{
    const Sample *s = w->s;
    long places[2] = {0, 0};
    for (long k = 0; k < s->n; k++)
        for (int v = 0; v < 2; v++)
            if (s->order[k] == (v ? j : i)) places[v] = k;
    return s->isa->ready_change[s->family](w, places[0], places[1]);
}

/* The order [n] in which sites are drawn. */
void ready_order(const Ready *w, long *order)
{
    for (long k = 0; k < w->s->n; k++) order[k] = w->s->order[k];
}
