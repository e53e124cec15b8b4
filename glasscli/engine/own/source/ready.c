/* Exchanges of atoms of unlike species at the sites of a sample, partners drawn by how well each would fit where the
   other is: the rule is in simulation/partners.py. What goes over many atoms is in ready.inc.

   Of energies only differences between species count: "gains". An attempt is made, and taken back where it is refused: with i
   changed already, what j then gains is the rest of the energy, whether the two see each other or not. */

#include <math.h>
#include <stdlib.h>

#include "ready.h"
#include "swaps.h"

void ready_free(Ready *w)
{
    if (!w) return;
    for (int v = 0; v < 2; v++) free(w->visit[v].cluster), free(w->visit[v].r2), free(w->visit[v].gain), free(w->visit[v].ready);
    free(w->occupant), free(w->stamp), free(w->gain), free(w->ready), free(w->sums), free(w->summed), free(w->kind);
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
    w->stamp = calloc((size_t)w->blocks, sizeof(long));
    w->gain = malloc((size_t)(more * s->padded) * 8), w->ready = malloc((size_t)(more * s->padded) * 8);
    w->sums = malloc((size_t)(kinds * more * w->blocks) * 8), w->summed = malloc((size_t)(kinds * more * w->blocks) * 8);
    w->here = calloc((size_t)(more * kinds), sizeof(Combined)), w->step = calloc((size_t)(more * kinds * kinds), sizeof(Combined));
    w->behind = malloc((size_t)(s->clusters + 1) * sizeof(long));
    if (!(w->occupant && w->kind && w->stamp && w->gain && w->ready && w->sums && w->summed && w->here && w->step && w->behind)) {
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

/* The sums of blocks in which two visits changed something. */
static void refresh(Ready *w)
{
    w->now++;
    for (int v = 0; v < 2; v++)
        for (long p = 0; p < w->visit[v].count; p++) {
            const long block = w->visit[v].cluster[p] >> w->shift;
            if (w->stamp[block] == w->now) continue;
            w->stamp[block] = w->now;
            w->s->isa->ready_sums(w, block);
        }
}

/* Z; parts [kinds, kinds]: the readiness of all atoms of a for b. */
static double sum_up(const Ready *w, const double *shares, double *parts)
{
    const int kinds = w->s->kinds;
    for (int a = 0; a < kinds; a++)
        for (int m = 0; m < kinds - 1; m++) {
            const double *sums = w->sums + (a * (kinds - 1) + m) * w->blocks;
            double quarter[4] = {0};
            for (long k = 0; k < w->blocks; k++) quarter[k % 4] += sums[k];
            parts[a * kinds + m + (m >= a)] = (quarter[0] + quarter[1]) + (quarter[2] + quarter[3]);
        }
    double total = 0;
    for (int a = 0; a < kinds; a++)
        for (int b = a + 1; b < kinds; b++) total += shares[a * kinds + b] * parts[a * kinds + b] * parts[b * kinds + a];
    return total;
}

/* How ready the atom of species a at a place is to be one of b: of the species other than a the m-th. */
static double *ready_for(const Ready *w, int a, int b) { return w->ready + (b - (b > a)) * w->s->padded; }

/* The place of species a at which the readiness for another has added up to `left`; -1 where nobody is ready. */
static long draw(const Ready *w, double left, int a, int b)
{
    const double *sums = w->sums + (a * (w->s->kinds - 1) + b - (b > a)) * w->blocks, *ready = ready_for(w, a, b);
    for (long k = 0; k < w->blocks; k++) {
        if (left >= sums[k]) {
            left -= sums[k];
            continue;
        }
        const long end = (k + 1) << (w->shift + 2), last = end < w->s->n ? end : w->s->n;
        for (long i = k << (w->shift + 2); i < last; i++)
            if (w->kind[i] == a && (left -= ready[i]) < 0) return i;
    }
    for (long i = w->s->n - 1; i >= 0; i--) /* rounding took it past the last */
        if (w->kind[i] == a && ready[i] > 0) return i;
    return -1;
}

/* How much more energy an atom of species b has at a place than one of a. */
static double more(const Ready *w, long i, int a, int b)
{
    const long padded = w->s->padded;
    return (b ? w->gain[(b - 1) * padded + i] : 0) - (a ? w->gain[(a - 1) * padded + i] : 0);
}

/* The atoms of places i and j, of species a and b, exchange; by how much the energy changes. */
static double trade(Ready *w, long i, long j, int a, int b)
{
    const Sample *s = w->s;
    const double first = more(w, i, a, b);
    s->isa->ready_become[s->family](w, i, b, w->visit);
    const double change = first + more(w, j, b, a);
    s->isa->ready_become[s->family](w, j, a, w->visit + 1);
    return change;
}

/* The atom of a place was one of species a before a visit. */
static void restore(Ready *w, long i, int a, const Visit *from)
{
    const int others = w->s->kinds - 1;
    w->kind[i] = a;
    for (long p = from->count - 1; p >= 0; p--) /* a cluster at two images is there twice */
        for (int m = 0; m < others; m++) {
            const long at = m * w->s->padded + 4 * from->cluster[p];
            memcpy(w->gain + at, from->gain + 4 * (p * others + m), 32);
            memcpy(w->ready + at, from->ready + 4 * (p * others + m), 32);
        }
}

static void trade_back(Ready *w, long i, long j, int a, int b)
{
    restore(w, j, b, w->visit + 1);
    restore(w, i, a, w->visit);
}

static double attempts_at(
    Ready *w, double beta, uint64_t state[4], long attempts, const double *shares, long *tried, long *accepted)
{
    const int kinds = w->s->kinds;
    const size_t sums = (size_t)(kinds * (kinds - 1) * w->blocks) * sizeof(double);
    double total = 0, parts[MOST_KINDS * MOST_KINDS], parts_then[MOST_KINDS * MOST_KINDS];
    double whole = sum_up(w, shares, parts);
    for (long t = 0; t < attempts; t++) {
        double left = swaps_random(state) * whole;
        int a = 0, b = 1;
        for (int p = 0; p < kinds * kinds; p++) {
            const int c = p / kinds, d = p % kinds;
            if (c >= d || !(shares[p] > 0)) continue;
            a = c, b = d;
            left -= shares[p] * parts[p] * parts[b * kinds + a];
            if (left < 0) break;
        }
        const long i = draw(w, swaps_random(state) * parts[a * kinds + b], a, b);
        const long j = draw(w, swaps_random(state) * parts[b * kinds + a], b, a);
        const double drawn = swaps_random(state), *for_b = ready_for(w, a, b), *for_a = ready_for(w, b, a);
        tried[a * kinds + b]++;
        if (i < 0 || j < 0) continue;
        const double forth = for_b[i] * for_a[j] / whole;
        const double change = trade(w, i, j, a, b), gained = -beta * change;
        memcpy(w->summed, w->sums, sums);
        refresh(w);
        const double then = sum_up(w, shares, parts_then), back = for_a[i] * for_b[j] / then;
        if (drawn * forth < exp(gained > LARGEST ? LARGEST : gained) * back) {
            const long moved = w->occupant[i];
            w->occupant[i] = w->occupant[j], w->occupant[j] = moved;
            accepted[a * kinds + b]++;
            total += change;
            whole = then;
            memcpy(parts, parts_then, sizeof parts);
        } else {
            trade_back(w, i, j, a, b);
            memcpy(w->sums, w->summed, sums);
        }
    }
    return total;
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
    s->isa->ready_prepare[s->family](w);
    for (long k = 0; k < w->blocks; k++) s->isa->ready_sums(w, k);
    *total = attempts_at(w, beta, state, attempts, shares, tried, accepted);
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
    i = places[0], j = places[1];
    const int a = (int)w->kind[i], b = (int)w->kind[j];
    if (a == b) return 0;
    const double change = trade(w, i, j, a, b);
    trade_back(w, i, j, a, b);
    return change;
}

/* The order [n] in which sites are drawn. */
void ready_order(const Ready *w, long *order)
{
    for (long k = 0; k < w->s->n; k++) order[k] = w->s->order[k];
}
