#pragma GCC diagnostic ignored "-Wpsabi"
/* Forces between atoms of a pairwise potential in a periodic box, which may be tilted.

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
    s->isa = pairs_isa(isa);
    s->clusters = (n + 3) / 4;
    s->padded = 4 * s->clusters;
    s->row_length = LAW_LENGTH * s->clusters;
    s->at = aligned(3 * s->padded, 8), s->force = aligned(3 * s->padded, 8);
    s->laws_of = aligned(kinds * s->row_length, 8);
    for (s->slot_bits = 1; 1L << s->slot_bits < 2 * s->clusters; s->slot_bits++) continue;
    s->pattern = aligned(s->clusters, sizeof(long)), s->keys = aligned(s->clusters, sizeof(long));
    s->slots = aligned(1L << s->slot_bits, sizeof(int));
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
    if (!(s->at && s->force && s->laws_of && s->pattern && s->keys && s->slots && s->kind && s->species && s->order && s->size && s->sizes
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
        s->at, s->force, s->laws_of, s->pattern, s->keys, s->slots, s->kind, s->species, s->order, s->size, s->sizes, s->reference, s->image,
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

/* species [n], from 0 */
void pairs_species(Sample *s, const int *species)
{
    memcpy(s->species, species, (size_t)s->n * sizeof(int));
    s->fresh = 0;
}

/* The same where atoms stay: which clusters are listed does not depend on what they are. */
void pairs_relabel(Sample *s, const int *species)
{
    memcpy(s->species, species, (size_t)s->n * sizeof(int));
    if (!s->fresh) return;
    for (long k = 0; k < s->n; k++) s->kind[k] = species[s->order[k]];
    if (s->pruned_for == SPECIES) s->pruned_for = NOTHING;
    lists_laws(s);
}

void pairs_reset(Sample *s) { s->fresh = 0; }

long pairs_lists(const Sample *s) { return s->lists; }

int pairs_tilted(const Sample *s) { return s->edge[3] != 0 || s->edge[4] != 0 || s->edge[5] != 0; }

/* How many vectors of four pairs one evaluation goes through. */
long pairs_rows(const Sample *s) { return s->all.begin[s->padded] + 4 * s->own.n; }

/* Atoms go to their places in a box, and what is listed holds all pairs within the cutoff; returns as lists_update. */
int pairs_place(Sample *s, const double *x, const double edge[6], int wanted)
{
    const int moved = memcmp(edge, s->edge, sizeof s->edge) != 0;
    memcpy(s->edge, edge, sizeof s->edge);
    if (moved && s->fresh) lists_stretch(s);
    return lists_update(s, x, wanted);
}

/* ---- energy and forces ----------------------------------------------------------------------------------------- */

/* Energy of the sample, forces [n, 3] and virial (xx yy zz xy xz yz) at positions [n, 3] in a box from the origin.

   edge: of the box, a along x, b in the xy plane: lengths along x, y, z, then how much b leans along x, c along x and y.

   tally: FORCES, ENERGY or VIRIAL; what is not asked for is left alone. Returns 0 when there is no memory, -1 where
   atoms are closer than a table goes, LOST where they are nowhere near the box. */
int pairs_evaluate(Sample *s, const double *x, const double edge[6], int tally, double *f, double *energy, double *virial)
{
    const int listed = pairs_place(s, x, edge, SPECIES);
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
int pairs_sites(Sample *s, const double *x, const double edge[6], double *sites)
{
    if (s->kinds > MOST_KINDS || s->family == SCALED) return -2;
    const int listed = pairs_place(s, x, edge, ANY_SPECIES);
    if (listed < 1) return listed;
    memset(s->site, 0, (size_t)(s->kinds * s->padded) * sizeof(double));
    s->isa->sites[s->family](s);
    for (long k = 0; k < s->n; k++)
        for (int a = 0; a < s->kinds; a++) sites[(long)s->order[k] * s->kinds + a] = s->site[a * s->padded + k];
    return 1;
}
