/* What kind of crystal an atom's surroundings are: common neighbours with a cutoff of each atom's own
   (A. Stukowski, Model. Simul. Materials Sci. Eng. 20, 045021 (2012)). */

#include <math.h>
#include <stdlib.h>

#include "cells.h"

enum { OTHER, FCC, HCP, BCC, ICOSAHEDRON }; /* as OVITO numbers them */
enum { FEW = 12, MANY = 14 };

/* For each of the first `count` vectors the bits of those within the cutoff of it. */
ALWAYS void bonds(double (*apart)[3], int count, double cutoff2, unsigned *near)
{
    for (int a = 0; a < count; a++) near[a] = 0;
    for (int a = 0; a < count; a++)
        for (int b = a + 1; b < count; b++) {
            const double x = apart[a][0] - apart[b][0], y = apart[a][1] - apart[b][1], z = apart[a][2] - apart[b][2];
            const unsigned in = x * x + y * y + z * z <= cutoff2;
            near[a] |= in << b, near[b] |= in << a;
        }
}

/* The signature of the atom and its neighbour a: how many neighbours they have in common, how many bonds are among these,
   and how many of the bonds hang together; 0 for one that no crystal here has. */
static int signature(const unsigned *near, int count, int a)
{
    const unsigned common = near[a];
    const int members = __builtin_popcount(common);
    unsigned bonded = 0, reached = 0;
    int ends = 0, most = 0;
    for (int b = 0; b < count; b++) {
        const int here = common >> b & 1 ? __builtin_popcount(common & near[b]) : 0;
        if (here) bonded |= 1u << b;
        ends += here, most = here > most ? here : most;
    }
    if (members == 4 && ends == 4) return most == 1 ? 421 : 422;
    if (ends != 2 * members) return 0;
    for (unsigned grown = bonded & -bonded; grown != reached;) {
        reached = grown;
        for (int b = 0; b < count; b++)
            if (reached >> b & 1) grown |= bonded & near[b];
    }
    return reached == bonded ? 111 * members : 0;
}

/* apart, lengths: of the nearest 14, nearest first. */
static int kind(double (*apart)[3], const double *lengths)
{
    unsigned near[MANY];
    int layered = 0, bent = 0, round = 0, square = 0, hexagonal = 0;
    double scale = 0;
    for (int k = 0; k < FEW; k++) scale += lengths[k];
    double cutoff = scale / FEW * (1 + sqrt(2.0)) / 2;
    bonds(apart, FEW, cutoff * cutoff, near);
    for (int k = 0; k < FEW; k++) {
        const int is = signature(near, FEW, k);
        layered += is == 421, bent += is == 422, round += is == 555;
        if (layered + bent + round <= k) break;
    }
    if (layered == 12) return FCC;
    if (layered == 6 && bent == 6) return HCP;
    if (round == 12) return ICOSAHEDRON;
    scale = 0;
    for (int k = 0; k < 8; k++) scale += lengths[k] / sqrt(0.75);
    for (int k = 8; k < MANY; k++) scale += lengths[k];
    cutoff = scale / MANY * 1.207; /* what OVITO takes for (1 + sqrt(2)) / 2 here */
    bonds(apart, MANY, cutoff * cutoff, near);
    for (int k = 0; k < MANY; k++) {
        const int is = signature(near, MANY, k);
        square += is == 444, hexagonal += is == 666;
        if (square + hexagonal <= k) return OTHER;
    }
    return square == 6 && hexagonal == 8 ? BCC : OTHER;
}

/* kinds [n] of the surroundings of atoms at positions [n, 3] in a box as of voronoi_cells. Returns 1, 0 without memory, -1
   where neighbours are too far away. */
int surroundings(long n, const double *positions, const double vectors[9], int *kinds)
{
    Searches searches;
    searches_begin(&searches, n, positions, vectors);
    for (long i = 0; i < n; i++)
        for (int k = 0;; k++) {
            const Search *s = searches_get(&searches, k);
            if (!s) {
                searches_end(&searches);
                return searches.too_far ? -1 : 0;
            }
            const long at = s->grid.place[i], around = grid_near(&s->grid, i, s->near, s->squares);
            if (around < MANY) continue;
            double apart[MANY][3], lengths[MANY];
            for (int m = 0; m < MANY; m++) { /* the nearest of what is left */
                long nearest = m;
                for (long j = m + 1; j < around; j++)
                    if (s->squares[j] < s->squares[nearest]) nearest = j;
                const long place = s->near[nearest];
                lengths[m] = sqrt(s->squares[nearest]);
                s->near[nearest] = s->near[m], s->squares[nearest] = s->squares[m];
                apart[m][0] = s->grid.x[place] - s->grid.x[at];
                apart[m][1] = s->grid.y[place] - s->grid.y[at];
                apart[m][2] = s->grid.z[place] - s->grid.z[at];
            }
            kinds[i] = kind(apart, lengths);
            break;
        }
    searches_end(&searches);
    return 1;
}
