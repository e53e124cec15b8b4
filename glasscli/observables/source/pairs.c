/* Histograms of the distances of pairs of atoms, by their kinds: found [kinds, kinds, bins + 1], the last bin for whatever
   is too far. Distances of a row of atoms come first, several at a time; then they are counted, without a branch. */

#include <math.h>
#include <stdlib.h>

#include "cells.h"

typedef struct {
    const double *x, *y, *z;
    const long *kinds;
    long n, bins, *found;
    double scale; /* bins a length */
    int *spot;    /* of a row of atoms */
    long n_kinds;
} Pairs;

static int pairs_begin(Pairs *p, long n, const double *x, const long *kinds, long n_kinds, double scale, long bins, long *found)
{
    *p = (Pairs){x, x + n, x + 2 * n, kinds, n, bins, found, scale, malloc((size_t)(n ? n : 1) * sizeof(int)), n_kinds};
    return p->spot != NULL;
}

ALWAYS int bin_of(double square, double scale, double most)
{
    const double at = sqrt(square) * scale;
    return (int)(at < most ? at : most);
}

static void count(const Pairs *p, long kind, long begin, long end)
{
    long *found = p->found + kind * p->n_kinds * (p->bins + 1);
    for (long j = begin; j < end; j++) found[p->kinds[j] * (p->bins + 1) + p->spot[j - begin]]++;
}

/* All pairs in a rectangular, periodic box. x: [3, n]. Returns 0 without memory. */
WIDE int pairs_all(
    long n, const double *x, const double edges[3], const long *kinds, long n_kinds, double scale, long bins, long *found)
{
    Pairs p;
    if (!pairs_begin(&p, n, x, kinds, n_kinds, scale, bins, found)) return 0;
    const double a = edges[0], b = edges[1], c = edges[2], most = (double)bins;
    const double *restrict px = p.x, *restrict py = p.y, *restrict pz = p.z;
    int *restrict spot = p.spot;
    for (long i = 0; i < n; i++) {
        const double x0 = px[i], y0 = py[i], z0 = pz[i];
        for (long j = 0; j < i; j++) {
            double dx = fabs(px[j] - x0), dy = fabs(py[j] - y0), dz = fabs(pz[j] - z0);
            dx = a - dx < dx ? a - dx : dx;
            dy = b - dy < dy ? b - dy : dy;
            dz = c - dz < dz ? c - dz : dz;
            spot[j] = bin_of(dx * dx + dy * dy + dz * dz, scale, most);
        }
        count(&p, kinds[i], 0, i);
    }
    free(p.spot);
    return 1;
}

/* Pairs of atoms and of all copies that may be near, points [3, copies] of owners: of two atoms' at most one is nearer than
   half the box's width. Returns 0 without memory. */
WIDE int pairs_copies(
    long n, const double *x, const long *kinds, long n_kinds, double scale, long bins, long copies, const double *points,
    const long *owners, long *found)
{
    Pairs p;
    long *of = malloc((size_t)(copies ? copies : 1) * sizeof *of);
    if (!of || !pairs_begin(&p, copies, points, of, n_kinds, scale, bins, found)) {
        free(of);
        return 0;
    }
    for (long k = 0; k < copies; k++) of[k] = kinds[owners[k]];
    const double *restrict px = p.x, *restrict py = p.y, *restrict pz = p.z;
    const double most = (double)bins;
    int *restrict spot = p.spot;
    for (long i = 0; i < n; i++) {
        const double x0 = x[i], y0 = x[n + i], z0 = x[2 * n + i];
        for (long k = 0; k < copies; k++) {
            const double dx = px[k] - x0, dy = py[k] - y0, dz = pz[k] - z0;
            spot[k] = owners[k] >= i ? (int)bins : bin_of(dx * dx + dy * dy + dz * dz, scale, most);
        }
        count(&p, kinds[i], 0, copies);
    }
    free(p.spot), free(of);
    return 1;
}

/* Pairs among atoms sorted by cells that are half a cutoff wide: two of them on each side hold every pair, half of the
   shell counts each once. The cells of a row along the third vector lie one after the other in memory, cut where the box
   ends. vectors: a along x, b in the xy plane, c, as rows; begin: [cells + 1]. Returns 0 without memory. */
WIDE int pairs_near(
    long n, const double *x, const double vectors[9], const long *kinds, long n_kinds, double scale, long bins,
    const long *begin, const long cells[3], long *found)
{
    Pairs p;
    if (!pairs_begin(&p, n, x, kinds, n_kinds, scale, bins, found)) return 0;
    const double *a = vectors, *b = vectors + 3, *c = vectors + 6, most = (double)bins;
    const double *restrict px = p.x, *restrict py = p.y, *restrict pz = p.z;
    int *restrict spot = p.spot;
    for (long c0 = 0; c0 < cells[0]; c0++)
        for (long c1 = 0; c1 < cells[1]; c1++)
            for (long e0 = 0; e0 < 3; e0++)
                for (long e1 = e0 ? -2 : 0; e1 < 3; e1++) {
                    const long t0 = c0 + e0 >= cells[0], t1 = c1 + e1 >= cells[1] ? 1 : c1 + e1 < 0 ? -1 : 0;
                    const long row = ((c0 + e0 - t0 * cells[0]) * cells[1] + c1 + e1 - t1 * cells[1]) * cells[2];
                    const int own = !e0 && !e1;
                    for (long c2 = 0; c2 < cells[2]; c2++) {
                        const long here = (c0 * cells[1] + c1) * cells[2] + c2;
                        const long first = own ? c2 : c2 - 2, last = c2 + 2;
                        for (long turn = -1; turn < 2; turn++) {
                            const long low = first - turn * cells[2] > 0 ? first - turn * cells[2] : 0;
                            const long end = last - turn * cells[2] < cells[2] - 1 ? last - turn * cells[2] : cells[2] - 1;
                            if (low > end) continue;
                            /* Of a rectangular box these are its edges, to the last bit. */
                            const double s0 = (double)t0 * a[0] + (double)t1 * b[0] + (double)turn * c[0];
                            const double s1 = (double)t1 * b[1] + (double)turn * c[1], s2 = (double)turn * c[2];
                            for (long i = begin[here]; i < begin[here + 1]; i++) {
                                const double x0 = px[i] - s0, y0 = py[i] - s1, z0 = pz[i] - s2;
                                const long from = own && !turn ? i + 1 : begin[row + low], to = begin[row + end + 1];
                                const double *restrict gx = px + from, *restrict gy = py + from, *restrict gz = pz + from;
                                for (long j = 0; j < to - from; j++) {
                                    const double dx = gx[j] - x0, dy = gy[j] - y0, dz = gz[j] - z0;
                                    spot[j] = bin_of(dx * dx + dy * dy + dz * dz, scale, most);
                                }
                                count(&p, kinds[i], from, to);
                            }
                        }
                    }
                }
    free(p.spot);
    return 1;
}
