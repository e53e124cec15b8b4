/* Atoms and their images in cells. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"

/* Images that a search may take, whatever the number of atoms, and of each. */
#define MOST_IMAGES 2e6
#define MOST_OF_EACH 64
#define FARTHEST 1e6 /* in boxes */

void grid_free(Grid *g)
{
    free(g->begin), free(g->place), free(g->cell), free(g->x), free(g->y), free(g->z), free(g->atom), free(g->image);
    memset(g, 0, sizeof *g);
}

static long floored(long a, long b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/* vectors: a along x, b in the xy plane, c, as rows. Returns 1, 0 without memory, and -1 where there would be far more images than
   atoms, or atoms are nowhere near the box. */
int grid_make(Grid *g, long n, const double *positions, const double v[9], double radius)
{
    memset(g, 0, sizeof *g);
    g->n = n, g->radius = radius;
    /* Heights of the box above each pair of vectors: how wide layers of cells are. */
    const double volume = v[0] * v[4] * v[8];
    const double bc[3] = {v[4] * v[8], -v[3] * v[8], v[3] * v[7] - v[4] * v[6]};
    const double heights[3] = {
        volume / sqrt(bc[0] * bc[0] + bc[1] * bc[1] + bc[2] * bc[2]), v[4] * v[8] / sqrt(v[7] * v[7] + v[8] * v[8]), v[8]};
    long inside = 1, all = 1;
    double copies = 1;
    int said = 0;
    for (int d = 0; d < 3; d++) {
        const double fit = floor(heights[d] / radius);
        g->own[d] = fit < 1 ? 1 : fit > 1024 ? 1024 : (long)fit;
        g->reach[d] = (long)ceil(radius * (double)g->own[d] / heights[d]);
        g->size[d] = g->own[d] + 2 * g->reach[d];
        inside *= g->own[d], all *= g->size[d];
        copies *= (double)g->size[d] / (double)g->own[d];
    }
    if (!(copies * (double)n < MOST_IMAGES + MOST_OF_EACH * (double)n)) return -1;
    long *first = calloc(inside + 1, sizeof *first), *cell = malloc(n * sizeof *cell), *sorted = malloc(n * sizeof *sorted);
    int(*home)[3] = malloc(n * sizeof *home);
    g->begin = malloc((all + 1) * sizeof *g->begin), g->place = malloc(n * sizeof *g->place), g->cell = malloc(n * sizeof *g->cell);
    if (!(first && cell && sorted && home && g->begin && g->place && g->cell)) goto failed;
    for (long i = 0; i < n; i++) {
        const double *at = positions + 3 * i;
        double part[3];
        part[2] = at[2] / v[8];
        part[1] = (at[1] - part[2] * v[7]) / v[4];
        part[0] = (at[0] - part[1] * v[3] - part[2] * v[6]) / v[0];
        long where[3];
        for (int d = 0; d < 3; d++) {
            const double whole = floor(part[d]);
            if (!(fabs(whole) < FARTHEST)) {
                said = -1;
                goto failed;
            }
            home[i][d] = (int)whole;
            where[d] = (long)((part[d] - whole) * (double)g->own[d]);
            if (where[d] >= g->own[d]) where[d] = g->own[d] - 1; /* rounded up to the end */
        }
        cell[i] = (where[2] * g->own[1] + where[1]) * g->own[0] + where[0];
        first[cell[i] + 1]++;
    }
    for (long c = 0; c < inside; c++) first[c + 1] += first[c];
    for (long i = n - 1; i >= 0; i--) sorted[--first[cell[i] + 1]] = i; /* leaves first[c + 1] where cell c begins */
    memmove(first, first + 1, (size_t)inside * sizeof *first);
    first[inside] = n;
    for (int pass = 0; pass < 2; pass++) { /* count, then put */
        long put = 0, padded = 0;
        for (long c = -g->reach[2]; c < g->own[2] + g->reach[2]; c++)
            for (long b = -g->reach[1]; b < g->own[1] + g->reach[1]; b++)
                for (long a = -g->reach[0]; a < g->own[0] + g->reach[0]; a++, padded++) {
                    const long s0 = floored(a, g->own[0]), s1 = floored(b, g->own[1]), s2 = floored(c, g->own[2]);
                    const long of = ((c - s2 * g->own[2]) * g->own[1] + b - s1 * g->own[1]) * g->own[0] + a - s0 * g->own[0];
                    if (!pass) {
                        put += first[of + 1] - first[of];
                        continue;
                    }
                    g->begin[padded] = put;
                    for (long k = first[of]; k < first[of + 1]; k++, put++) {
                        const long i = sorted[k], e0 = s0 - home[i][0], e1 = s1 - home[i][1], e2 = s2 - home[i][2];
                        const double *at = positions + 3 * i;
                        g->x[put] = at[0] + ((double)e0 * v[0] + (double)e1 * v[3] + (double)e2 * v[6]);
                        g->y[put] = at[1] + ((double)e1 * v[4] + (double)e2 * v[7]);
                        g->z[put] = at[2] + (double)e2 * v[8];
                        g->atom[put] = (int)i;
                        g->image[put][0] = (int)s0, g->image[put][1] = (int)s1, g->image[put][2] = (int)s2;
                        if (!s0 && !s1 && !s2) g->place[i] = put, g->cell[i] = padded;
                    }
                }
        if (!pass) {
            g->total = put;
            g->x = malloc(put * 8), g->y = malloc(put * 8), g->z = malloc(put * 8);
            g->atom = malloc(put * sizeof *g->atom), g->image = malloc(put * sizeof *g->image);
            if (!(g->x && g->y && g->z && g->atom && g->image)) goto failed;
        }
        g->begin[padded] = put;
    }
    /* Images so far count from where the box has its atoms; the caller's may be outside. */
    for (long k = 0; k < g->total; k++)
        for (int d = 0; d < 3; d++) g->image[k][d] -= home[g->atom[k]][d];
    free(first), free(cell), free(sorted), free(home);
    return 1;
failed:
    free(first), free(cell), free(sorted), free(home);
    grid_free(g);
    return said;
}

long grid_most(const Grid *g)
{
    long most = 0;
    const long across = 2 * g->reach[0] + 1, rows = g->size[1] * g->size[2];
    for (long row = 0; row < rows; row++)
        for (long a = 0; a + across <= g->size[0]; a++) {
            const long run = g->begin[row * g->size[0] + a + across] - g->begin[row * g->size[0] + a];
            most = run > most ? run : most;
        }
    return most * (2 * g->reach[1] + 1) * (2 * g->reach[2] + 1);
}

WIDE long grid_near(const Grid *g, long i, long *near, double *squares)
{
    const long at = g->place[i];
    const double x = g->x[at], y = g->y[at], z = g->z[at], furthest = g->radius * g->radius;
    const long cell = g->cell[i], a = cell % g->size[0] - g->reach[0], row = cell / g->size[0];
    const long b = row % g->size[1] - g->reach[1], c = row / g->size[1] - g->reach[2];
    const long across = 2 * g->reach[0] + 1;
    long found = 0;
    for (long e = c; e <= c + 2 * g->reach[2]; e++)
        for (long d = b; d <= b + 2 * g->reach[1]; d++) {
            const long from = (e * g->size[1] + d) * g->size[0] + a, first = g->begin[from];
            const long count = g->begin[from + across] - first;
            const double *gx = g->x + first, *gy = g->y + first, *gz = g->z + first;
            double *out = squares + found;
            for (long k = 0; k < count; k++) {
                const double dx = gx[k] - x, dy = gy[k] - y, dz = gz[k] - z;
                out[k] = dx * dx + dy * dy + dz * dz;
            }
            long kept = found;
            for (long k = 0; k < count; k++) { /* written always, kept when near: no branch to mispredict */
                const double square = out[k];
                near[kept] = first + k;
                squares[kept] = square;
                kept += square < furthest && first + k != at;
            }
            found = kept;
        }
    return found;
}

void searches_begin(Searches *s, long n, const double *positions, const double vectors[9])
{
    memset(s, 0, sizeof *s);
    s->n = n, s->positions = positions, s->vectors = vectors;
    s->spacing = cbrt(vectors[0] * vectors[4] * vectors[8] / (double)n);
}

Search *searches_get(Searches *s, int k)
{
    if (k < s->made) return s->of + k;
    Search *one = s->of + k;
    const int said = k == SEARCHES ? -1
        : grid_make(&one->grid, s->n, s->positions, s->vectors, SEARCH * s->spacing * pow(FURTHER, k));
    s->too_far = said < 0;
    if (said < 1) return NULL;
    s->made++;
    const size_t most = (size_t)grid_most(&one->grid);
    one->near = malloc(most * sizeof *one->near), one->squares = malloc(most * sizeof *one->squares);
    return one->near && one->squares ? one : NULL;
}

void searches_end(Searches *s)
{
    for (int k = 0; k < s->made; k++) grid_free(&s->of[k].grid), free(s->of[k].near), free(s->of[k].squares);
}
