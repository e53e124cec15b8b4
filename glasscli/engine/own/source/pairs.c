#pragma GCC diagnostic ignored "-Wpsabi"
/* Forces between atoms of a pairwise potential in a periodic rectangular box.

   Atoms are sorted into clusters of four neighbours by recursive bisection; a list holds the pairs of clusters that
   have atoms within reach (cutoff and skin), and the image at which they are. More often it is pruned to pairs of an
   atom and a cluster that are nearer (cutoff and `inner`): forces go through those. See kernel.inc for the loop itself.
   What comes out is a function of what is given since the last pairs_reset: same inputs, same bits. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pairs.h"
#include "swaps.h"

/* ---- memory ---------------------------------------------------------------------------------------------------- */

int room(void **block, long *have, long want, size_t size)
{
    if (want <= *have) return 1;
    const long more = want + want / 2 + 64;
    void *moved = realloc(*block, (size_t)more * size);
    if (!moved) return 0;
    *block = moved;
    *have = more;
    return 1;
}

static void *aligned(long count, size_t size)
{
    const size_t bytes = ((size_t)count * size + 63) / 64 * 64;
    void *block = aligned_alloc(64, bytes ? bytes : 64);
    if (block) memset(block, 0, bytes);
    return block;
}

/* ---- instruction sets ------------------------------------------------------------------------------------------ */

const ivec lanes[16] = {
    {0, 0, 0, 0},  {-1, 0, 0, 0},  {0, -1, 0, 0},  {-1, -1, 0, 0},  {0, 0, -1, 0},  {-1, 0, -1, 0},
    {0, -1, -1, 0}, {-1, -1, -1, 0}, {0, 0, 0, -1}, {-1, 0, 0, -1}, {0, -1, 0, -1}, {-1, -1, 0, -1},
    {0, 0, -1, -1}, {-1, 0, -1, -1}, {0, -1, -1, -1}, {-1, -1, -1, -1},
};

const int first[6] = {0, 1, 2, 0, 0, 1}, second[6] = {0, 1, 2, 1, 2, 2};

#define ISA plain
static inline vec fused(vec a, vec b, vec c)
{
    for (int l = 0; l < 4; l++) c[l] = __builtin_fma(a[l], b[l], c[l]);
    return c;
}
#define FMA(a, b, c) fused((a), (b), (c))
#define ANY(v) (((v)[0] | (v)[1] | (v)[2] | (v)[3]) != 0)
#include "kernel.inc"
#include "swaps.inc"
#undef ISA
#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE 1
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#undef FMA
#define FMA(a, b, c) __builtin_ia32_vfmaddpd256((a), (b), (c))
#undef ANY
#define ANY(v) (!__builtin_ia32_ptestz256((v), (v)))
#define ISA avx2
#include "kernel.inc"
#include "swaps.inc"
#undef ISA
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512vl,avx512dq")
#define ISA avx512
#include "kernel.inc"
#include "swaps.inc"
#undef ISA
#pragma GCC pop_options
#endif

#define TABLE(isa) \
    { \
        {{kernel_POWERS_FORCES_##isa, kernel_POWERS_ENERGY_##isa, kernel_POWERS_VIRIAL_##isa}, \
         {kernel_POLYNOMIAL_FORCES_##isa, kernel_POLYNOMIAL_ENERGY_##isa, kernel_POLYNOMIAL_VIRIAL_##isa}, \
         {kernel_TABLED_FORCES_##isa, kernel_TABLED_ENERGY_##isa, kernel_TABLED_VIRIAL_##isa}, \
         {kernel_SCALED_FORCES_##isa, kernel_SCALED_ENERGY_##isa, kernel_SCALED_VIRIAL_##isa}}, \
         {sites_POWERS_##isa, sites_POLYNOMIAL_##isa, sites_TABLED_##isa}, \
         nearby_##isa, prune_##isa, squares_##isa, site_energies_##isa, exchange_##isa, change_##isa \
    }
static const Isa isas[] = {
    TABLE(plain),
#ifdef WIDE
    TABLE(avx2),
    TABLE(avx512),
#endif
};

const Isa *pairs_isa(int isa) { return &isas[isa]; }

/* Whether this processor fuses products and sums; otherwise the C library computes what it would give, slowly. */
int pairs_fused(void)
{
#if defined(WIDE)
    return pairs_instruction_sets() > 1;
#elif defined(__FP_FAST_FMA) || defined(FP_FAST_FMA)
    return 1;
#else
    return 0;
#endif
}

int pairs_instruction_sets(void)
{
#ifdef WIDE
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("fma"))
        return 3;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 2;
#endif
    return 1;
}

/* ---- a sample -------------------------------------------------------------------------------------------------- */

Sample *pairs_new(long n, int kinds, int family, double skin, int isa)
{
    if (n < 1 || kinds < 1 || family < 0 || family >= FAMILIES || isa < 0 || isa >= pairs_instruction_sets()) return NULL;
    Sample *s = aligned(1, sizeof(Sample));
    if (!s) return NULL;
    s->n = n;
    s->kinds = kinds;
    s->family = family;
    s->skin = skin;
    s->inner = INNER * skin;
    s->isa = &isas[isa];
    s->clusters = (n + 3) / 4;
    s->padded = 4 * s->clusters;
    s->row_length = 8 * s->padded;
    s->at = aligned(3 * s->padded, 8), s->force = aligned(3 * s->padded, 8);
    s->laws_of = aligned(kinds * s->row_length, 8);
    s->kind = aligned(s->padded, sizeof(int)), s->species = aligned(n, sizeof(int));
    s->order = aligned(n, sizeof(int));
    s->size = aligned(s->padded, 8), s->sizes = aligned(n, 8);
    s->reference = aligned(3 * n, 8), s->image = aligned(3 * n, 8), s->wrapped = aligned(3 * n, 8);
    s->pruned = aligned(3 * n, 8);
    s->own.begin = aligned(s->clusters + 1, sizeof(long)), s->others.begin = aligned(s->clusters + 1, sizeof(long));
    s->all.begin = aligned(s->padded + 1, sizeof(long));
    s->laws = aligned((long)kinds * kinds * 8, 8), s->spread = aligned((long)kinds * kinds * 32, 8);
    s->site = aligned(kinds * s->padded, 8);
    long nodes = 0, places = 0, width = 1;
    for (long m = s->clusters; s->levels < LEVELS; m = (m + FAN - 1) / FAN, width *= FAN) {
        s->start[s->levels] = places;
        s->width[s->levels] = width;
        s->level[s->levels++] = nodes;
        nodes += m;
        places += (m + 3) / 4 * 4;
        if (m == 1) break;
    }
    s->level[s->levels] = nodes;
    int whole = 1;
    for (int d = 0; d < 3; d++) {
        s->centre[d] = aligned(places, 8), s->half[d] = aligned(places, 8);
        whole = whole && s->centre[d] && s->half[d];
    }
    if (!(s->at && s->force && s->laws_of && s->kind && s->species && s->order && s->size && s->sizes
          && s->reference && s->image && s->wrapped && s->pruned && s->own.begin && s->others.begin
          && s->all.begin && s->laws && s->spread && s->site && whole)) {
        pairs_free(s);
        return NULL;
    }
    return s;
}

void pairs_free(Sample *s)
{
    if (!s) return;
    void *blocks[] = {
        s->at, s->force, s->laws_of, s->kind, s->species, s->order, s->size, s->sizes, s->reference, s->image,
        s->wrapped, s->pruned, s->laws, s->spread, s->site, s->table, s->shift, s->times, s->found,
        s->centre[0], s->centre[1], s->centre[2], s->half[0], s->half[1], s->half[2],
    };
    Pairs *pairs[] = {&s->own, &s->others, &s->all};
    for (int k = 0; k < 3; k++) free(pairs[k]->entries), free(pairs[k]->masks), free(pairs[k]->begin);
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++) free(blocks[k]);
    free(s);
}

/* law: of two species (from 0): 12 a12, 6 a6, cutoff^2, a12, a6, c0, c2, c4 for powers; -, -, cutoff^2, first term
   of its table, ... for tables. Where lengths count in those of pairs, the cutoff follows from pairs_sizes. */
void pairs_law(Sample *s, int a, int b, const double law[8])
{
    for (int k = 0; k < 8; k++)
        s->laws[8 * (a * s->kinds + b) + k] = s->laws[8 * (b * s->kinds + a) + k] = law[k];
    for (int t = 0; t < 32; t++)
        s->spread[32 * (a * s->kinds + b) + t] = s->spread[32 * (b * s->kinds + a) + t] = law[t / 4];
    if (law[2] > s->longest * s->longest) s->longest = sqrt(law[2]);
    if (s->family != SCALED) s->cutoff = s->longest;
    s->fresh = 0;
}

int pairs_table(Sample *s, const double *terms, long count, double scale, long first_cell, long cells, double inner2)
{
    double *table = aligned(count, 8);
    if (!table) return 0;
    memcpy(table, terms, (size_t)count * 8);
    free(s->table);
    s->table = table;
    s->table_scale = scale;
    s->half_over_scale = 0.5 / scale;
    s->first_cell = first_cell;
    s->last_cell = cells - 1;
    s->inner2 = inner2;
    return 1;
}

/* sizes [n]: diameters, after all laws. No pair is longer than that of two of the largest. */
void pairs_sizes(Sample *s, const double *sizes, double nonadditivity)
{
    double largest = 0;
    memcpy(s->sizes, sizes, (size_t)s->n * sizeof(double));
    for (long k = 0; k < s->n; k++) largest = sizes[k] > largest ? sizes[k] : largest;
    s->nonadditivity = nonadditivity;
    s->cutoff = s->longest * largest;
    s->fresh = 0;
}

static void fill_laws(Sample *s);

/* species [n], from 0 */
void pairs_species(Sample *s, const int *species)
{
    memcpy(s->species, species, (size_t)s->n * sizeof(int));
    s->fresh = 0;
}

/* The same where atoms stay: what is listed does not depend on what they are. */
void pairs_relabel(Sample *s, const int *species)
{
    memcpy(s->species, species, (size_t)s->n * sizeof(int));
    if (!s->fresh) return;
    for (long k = 0; k < s->n; k++) s->kind[k] = species[s->order[k]];
    fill_laws(s);
}

void pairs_reset(Sample *s) { s->fresh = 0; }

long pairs_lists(const Sample *s) { return s->lists; }

/* How many vectors of four pairs one evaluation goes through. */
long pairs_rows(const Sample *s) { return s->all.begin[s->padded] + 4 * s->own.n; }

/* ---- the list -------------------------------------------------------------------------------------------------- */

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

static void place(Sample *s, const double *x)
{
    for (long k = 0; k < s->n; k++) {
        const double *r = x + 3 * (long)s->order[k], *m = s->image + 3 * (long)s->order[k];
        for (int d = 0; d < 3; d++) s->at[PLACE(k) + 4 * d] = r[d] - m[d] * s->edge[d];
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
        const int ahead = shift[0] > 0 || (shift[0] == 0 && (shift[1] > 0 || (shift[1] == 0 && shift[2] > 0)));
        s->own.masks[s->own.n] = ahead ? BELOW | SELF : BELOW;
        s->own.entries[s->own.n++] = near;
    }
    if (found > s->most_near) s->most_near = found;
    return 1;
}

static void move_shifts(Sample *s)
{
    for (long k = 0; k < s->n_shifts; k++)
        for (int d = 0; d < 3; d++) s->shift[k][d] = s->times[k][d] * s->edge[d];
    for (int d = 0; d < 3; d++) s->per_edge[d] = 1 / s->edge[d];
}

/* The images at which some atom may be within reach of another. */
static int shifts(Sample *s)
{
    const double reach = s->cutoff + s->skin;
    long *most = s->most, count = 1;
    for (int d = 0; d < 3; d++) {
        if (!(reach < 32 * s->edge[d])) return 0;
        const double extent = 2 * s->half[d][s->start[s->levels - 1]]; /* of all atoms */
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
    move_shifts(s);
    return 1;
}

/* What each species makes of each cluster: the laws' numbers side by side, for vectors. The cutoff of what fills the
   last cluster up is never reached. */
static void fill_laws(Sample *s)
{
    for (int a = 0; a < s->kinds; a++)
        for (long k = 0; k < s->padded; k++) {
            double *law = s->laws_of + a * s->row_length + 32 * (k / 4) + k % 4;
            const double *of = s->laws + 8 * (a * s->kinds + s->kind[k]);
            for (int t = 0; t < 8; t++) law[4 * t] = t == 2 && k >= s->n ? -1 : of[t];
        }
}

/* Atoms into clusters, each where it is in the box. */
static void sort(Sample *s, const double *x)
{
    for (long k = 0; k < s->n; k++) {
        s->order[k] = (int)k;
        for (int d = 0; d < 3; d++) {
            s->image[3 * k + d] = floor(x[3 * k + d] / s->edge[d]);
            s->wrapped[3 * k + d] = x[3 * k + d] - s->image[3 * k + d] * s->edge[d];
        }
    }
    bisect(s, 0, s->n);
    for (long k = 0; k < s->padded; k++) s->kind[k] = k < s->n ? s->species[s->order[k]] : 0;
    for (long k = 0; k < s->padded; k++) s->size[k] = k < s->n ? s->sizes[s->order[k]] : 1;
    fill_laws(s);
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

/* ---- energy and forces ----------------------------------------------------------------------------------------- */

/* Whether pairs within `reach` now may have been beyond `listed` when atoms were at `then`, in a box of `edge`. Where the
   box has changed, atoms are thought to have gone with it: what is listed are then pairs within `listed` times its
   smallest stretch. */
static int stale(const Sample *s, const double *x, const double *then, const double edge[3], double reach, double listed)
{
    double stretch[3], least = 1;
    for (int d = 0; d < 3; d++) {
        stretch[d] = s->edge[d] / edge[d];
        if (stretch[d] < least) least = stretch[d];
    }
    const double may = 0.5 * (least * listed - reach);
    if (!(may > 0)) return 1;
    double most = 0;
    for (long k = 0; k < s->n; k++) {
        const double dx = x[3 * k] - then[3 * k] * stretch[0], dy = x[3 * k + 1] - then[3 * k + 1] * stretch[1],
                     dz = x[3 * k + 2] - then[3 * k + 2] * stretch[2];
        const double moved = dx * dx + dy * dy + dz * dz;
        most = moved > most ? moved : most;
    }
    return !(most < may * may);
}

/* Whether an atom is so far away, or nowhere, that the boxes which it is away are not counted any more. */
static int lost(const Sample *s, const double *x)
{
    for (long k = 0; k < 3 * s->n; k++)
        if (!(fabs(x[k]) < FARTHEST * s->edge[k % 3])) return 1;
    return 0;
}

/* Atoms to their places, and what is listed made to hold all pairs within the cutoff; 0 without memory, or LOST. */
static int update(Sample *s, const double *x)
{
    const double near = s->cutoff + s->inner;
    if (s->fresh && !stale(s, x, s->pruned, s->pruned_edge, s->cutoff, near)) {
        place(s, x);
        return 1;
    }
    if (!s->fresh || stale(s, x, s->reference, s->listed_edge, near, s->cutoff + s->skin)) {
        if (lost(s, x)) return LOST;
        if (!list(s, x)) return 0;
    } else
        place(s, x);
    s->isa->prune(s);
    memcpy(s->pruned, x, (size_t)s->n * 24);
    memcpy(s->pruned_edge, s->edge, sizeof s->edge);
    return 1;
}

/* Energy of the sample, forces [n, 3] and virial (xx yy zz xy xz yz) at positions [n, 3] in a box from the origin.

   tally: FORCES, ENERGY or VIRIAL; what is not asked for is left alone. Returns 0 when there is no memory, -1 where
   atoms are closer than a table goes, LOST where they are nowhere near the box. */
int pairs_evaluate(Sample *s, const double *x, const double edge[3], int tally, double *f, double *energy, double *virial)
{
    const int moved = memcmp(edge, s->edge, sizeof s->edge) != 0;
    memcpy(s->edge, edge, sizeof s->edge);
    if (moved && s->fresh) move_shifts(s);
    const int listed = update(s, x);
    if (listed < 1) return listed;
    memset(s->force, 0, (size_t)s->padded * 3 * sizeof(double));
    s->isa->kernel[s->family][tally](s);
    for (long k = 0; k < s->n; k++)
        for (int d = 0; d < 3; d++) f[3 * (long)s->order[k] + d] = s->force[PLACE(k) + 4 * d];
    if (energy && tally) *energy = s->energy;
    if (virial && tally == VIRIAL) memcpy(virial, s->virial, sizeof s->virial);
    return s->close ? -1 : 1;
}

/* Energies [n, kinds] that an atom of each species would have at each place with all others as they are; each energy of
   a pair counts whole. Returns as pairs_evaluate; -2 for more species than this is made for, and
   where diameters vary. */
int pairs_sites(Sample *s, const double *x, const double edge[3], double *sites)
{
    if (s->kinds > MOST_KINDS || s->family == SCALED) return -2;
    const int moved = memcmp(edge, s->edge, sizeof s->edge) != 0;
    memcpy(s->edge, edge, sizeof s->edge);
    if (moved && s->fresh) move_shifts(s);
    const int listed = update(s, x);
    if (listed < 1) return listed;
    memset(s->site, 0, (size_t)(s->kinds * s->padded) * sizeof(double));
    s->isa->sites[s->family](s);
    for (long k = 0; k < s->n; k++)
        for (int a = 0; a < s->kinds; a++) sites[(long)s->order[k] * s->kinds + a] = s->site[a * s->padded + k];
    return 1;
}
