/* Voronoi and radical cells, each cut out of a cube by the planes between its atom and those around it, nearest first.

   A cell is kept by its corners, in each of which three planes meet (as N. Ray et al. do, ACM Trans. Graph. 37, 265
   (2018)). Where more planes meet, or nearly, rounding would decide what the cell is: such a sample is left to others. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"

enum { CORNERS = 128, PLANES = 512, COLUMNS = 32, CUBE = 6 };
/* Corners that are nearer to a further plane than this, in squares of the spacing, are of four planes. */
#define NEARLY 1e-9
enum { FINE, FURTHER_OFF, UNDECIDED, NO_MEMORY };

typedef struct {
    int corners;
    double x[CORNERS + 3], y[CORNERS + 3], z[CORNERS + 3], above[CORNERS];
    /* Planes in turn as seen from outside; edge k lies between planes k and k + 1 and leads to next[k]. */
    short plane[CORNERS][3], next[CORNERS][3];
} Cell;

static void cube(Cell *c, double half)
{
    c->corners = 8;
    for (int v = 0; v < 8; v++) {
        const int s[3] = {v & 1, v >> 1 & 1, v >> 2 & 1}, odd = (s[0] + s[1] + s[2]) & 1;
        c->x[v] = s[0] ? -half : half, c->y[v] = s[1] ? -half : half, c->z[v] = s[2] ? -half : half;
        const int axes[3] = {0, odd ? 2 : 1, odd ? 1 : 2};
        for (int k = 0; k < 3; k++) {
            c->plane[v][k] = (short)(2 * axes[k] + s[axes[k]]);
            c->next[v][k] = (short)(v ^ (1 << axes[(k + 2) % 3]));
        }
    }
}

/* How far corners lie above a plane: d . x - height, d not of unit length. Returns how many do. */
ALWAYS long raised(Cell *c, const double d[3], double height)
{
    long out = 0;
    for (int v = 0; v < c->corners; v++) {
        c->above[v] = d[0] * c->x[v] + d[1] * c->y[v] + d[2] * c->z[v] - height;
        out += c->above[v] > 0;
    }
    return out;
}

/* Cut off what lies above, `out` corners. Returns 0 where nothing would be left, the cell has no place for more, or
   rounding left corners above that do not hang together. starts: of each plane, for the cell to work with. */
ALWAYS int cut(Cell *c, int number, long out, short *starts)
{
    short gone[CORNERS], planes[CORNERS][2], far[CORNERS];
    double x[CORNERS], y[CORNERS], z[CORNERS];
    int removed = 0, made = 0;
    if (out == c->corners) return 0;
    for (short v = 0; v < c->corners; v++)
        if (c->above[v] > 0) gone[removed++] = v;
    for (int r = 0; r < removed; r++) {
        const short v = gone[r];
        for (int k = 0; k < 3; k++) {
            const short w = c->next[v][k];
            if (c->above[w] > 0) continue;
            if (made == CORNERS) return 0;
            const double t = c->above[v] / (c->above[v] - c->above[w]);
            x[made] = c->x[v] + (c->x[w] - c->x[v]) * t;
            y[made] = c->y[v] + (c->y[w] - c->y[v]) * t;
            z[made] = c->z[v] + (c->z[w] - c->z[v]) * t;
            planes[made][0] = c->plane[v][k], planes[made][1] = c->plane[v][(k + 1) % 3];
            starts[planes[made][0]] = (short)made;
            far[made++] = w;
        }
    }
    const int grown = c->corners + made - removed;
    if (grown > CORNERS) return 0;
    for (int m = 0; m < made; m++) { /* one way around the new face */
        const short start = starts[planes[m][1]];
        if (start >= made || planes[start][0] != planes[m][1]) return 0;
        if (starts[planes[m][0]] != m) return 0;
    }
    /* New corners take the places of those that are gone, then further ones; the last ones fill what is left. */
    short at[CORNERS];
    for (int m = 0; m < made; m++) at[m] = m < removed ? gone[m] : (short)(c->corners + m - removed);
    for (int m = 0; m < made; m++) {
        const short v = at[m], w = far[m];
        for (int k = 0; k < 3; k++)
            if (c->plane[w][k] == planes[m][1] && c->plane[w][(k + 1) % 3] == planes[m][0]) c->next[w][k] = v;
    }
    for (int m = 0; m < made; m++) {
        const short v = at[m];
        c->x[v] = x[m], c->y[v] = y[m], c->z[v] = z[m];
        c->plane[v][0] = planes[m][0], c->plane[v][1] = planes[m][1], c->plane[v][2] = (short)number;
        c->next[v][0] = far[m];
    }
    for (int m = 0; m < made; m++) { /* around the new face */
        const short v = at[m], w = at[starts[planes[m][1]]];
        c->next[v][1] = w, c->next[w][2] = v;
    }
    int last = c->corners > grown ? c->corners : grown;
    for (int r = removed - 1; r >= made; r--) { /* the highest first, so that the last one is never gone itself */
        const short hole = gone[r], from = (short)--last;
        if (hole == from) continue;
        c->x[hole] = c->x[from], c->y[hole] = c->y[from], c->z[hole] = c->z[from];
        for (int k = 0; k < 3; k++) {
            const short w = c->next[from][k];
            c->plane[hole][k] = c->plane[from][k], c->next[hole][k] = w;
            for (int l = 0; l < 3; l++)
                if (c->next[w][l] == from && c->plane[w][l] == c->plane[from][(k + 1) % 3]) c->next[w][l] = hole;
        }
    }
    c->corners = grown;
    return 1;
}

/* The square of how far the outermost corner is. */
ALWAYS double outermost(Cell *c)
{
    double most[4] = {0}; /* four at a time */
    for (int v = c->corners; v < c->corners + 3; v++) c->x[v] = c->y[v] = c->z[v] = 0;
    for (int v = 0; v < c->corners; v += 4)
        for (int k = 0; k < 4; k++) {
            const double r2 = c->x[v + k] * c->x[v + k] + c->y[v + k] * c->y[v + k] + c->z[v + k] * c->z[v + k];
            most[k] = r2 > most[k] ? r2 : most[k];
        }
    for (int k = 1; k < 4; k++) most[0] = most[k] > most[0] ? most[k] : most[0];
    return most[0];
}

/* How many corners a plane meets or nearly so; more than are its own, and rounding decides on which side some are. */
ALWAYS long met(const Cell *c, const double d[3], double height, double tolerance)
{
    long found = 0;
    for (int v = 0; v < c->corners; v++)
        found += fabs(d[0] * c->x[v] + d[1] * c->y[v] + d[2] * c->z[v] - height) < tolerance;
    return found;
}

typedef struct { double distance; long place; } Candidate;

static int before(const void *a, const void *b)
{
    const double p = ((const Candidate *)a)->distance, q = ((const Candidate *)b)->distance;
    return (p > q) - (p < q);
}

static void order(Candidate *list, long count)
{
    if (count > 64) {
        qsort(list, (size_t)count, sizeof *list, before);
        return;
    }
    for (long k = 1; k < count; k++) {
        const Candidate one = list[k];
        long at = k;
        for (; at && list[at - 1].distance > one.distance; at--) list[at] = list[at - 1];
        list[at] = one;
    }
}

/* What the cells are written into, and what counts: see voronoi_cells. */
typedef struct {
    int *indices, *coordination, (*faces)[5];
    double *volumes, edge, face, share;
    long room, count;
} Found;

typedef struct {
    double normals[PLANES][4];
    short starts[PLANES + CUBE], edges[PLANES + CUBE];
    double sides[PLANES + CUBE][3]; /* twice the area of each face, along its normal */
    Candidate *list;
    long room;
} Work;

/* The cell of atom i. */
WIDE static int one(const Search *s, long i, const double *weights, double heaviest, double tolerance, Work *w, Found *out)
{
    Cell c;
    const Grid *g = &s->grid;
    const long at = g->place[i], around = grid_near(g, i, s->near, s->squares);
    const double mine = weights ? weights[i] : 0, r = g->radius;
    /* The nearest plane of those that were not looked for. */
    const double beyond = 0.5 * (r + (weights ? mine - heaviest : 0) / r);
    if (beyond <= 0) return FURTHER_OFF;
    if (around > w->room) {
        Candidate *longer = realloc(w->list, (size_t)around * sizeof *longer);
        if (!longer) return NO_MEMORY;
        w->list = longer, w->room = around;
    }
    for (long k = 0; k < around; k++) {
        const double apart = sqrt(s->squares[k]), theirs = weights ? weights[g->atom[s->near[k]]] : 0;
        if (apart == 0) return UNDECIDED;
        w->list[k] = (Candidate){0.5 * (apart + (mine - theirs) / apart), s->near[k]};
    }
    order(w->list, around);
    cube(&c, r);
    double most = 3 * r * r;
    long used = 0;
    for (; used < around; used++) {
        const double distance = w->list[used].distance;
        if (distance > 0 && distance * distance > most * (1 + 1e-9)) break;
        if (used == PLANES) return UNDECIDED;
        const long other = w->list[used].place;
        double *d = w->normals[used];
        d[0] = g->x[other] - g->x[at], d[1] = g->y[other] - g->y[at], d[2] = g->z[other] - g->z[at];
        d[3] = distance * sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        const long cuts = raised(&c, d, d[3]);
        if (!cuts) continue;
        if (!cut(&c, (int)used + CUBE, cuts, w->starts)) return UNDECIDED;
        most = outermost(&c);
    }
    if (most * (1 + 1e-9) >= beyond * beyond) return FURTHER_OFF;
    short *edges = w->edges;
    memset(edges, 0, (size_t)(used + CUBE) * sizeof *edges);
    for (int v = 0; v < c.corners; v++)
        for (int k = 0; k < 3; k++) edges[c.plane[v][k]]++;
    for (int p = 0; p < CUBE; p++)
        if (edges[p]) return FURTHER_OFF;
    for (long p = 0; p < used; p++)
        if (met(&c, w->normals[p], w->normals[p][3], tolerance) != edges[p + CUBE]) return UNDECIDED;
    /* Twice a face is a sum over its edges, and so is a cell over those of all its faces. Edges that are too short are taken
       away again. */
    const int areas = out->face > 0 || out->share > 0;
    if (areas) memset(w->sides, 0, (size_t)(used + CUBE) * sizeof *w->sides);
    double six = 0;
    for (int v = 0; v < c.corners; v++)
        for (int k = 0; k < 3; k++) {
            const int u = c.next[v][k], ahead = c.plane[v][k], behind = c.plane[v][(k + 1) % 3];
            if (u < v) continue;
            const double *p = w->normals[ahead - CUBE], *q = w->normals[behind - CUBE];
            const double a = p[3] / (p[0] * p[0] + p[1] * p[1] + p[2] * p[2]), b = q[3] / (q[0] * q[0] + q[1] * q[1] + q[2] * q[2]);
            const double cross[3] = {
                c.y[v] * c.z[u] - c.z[v] * c.y[u], c.z[v] * c.x[u] - c.x[v] * c.z[u], c.x[v] * c.y[u] - c.y[v] * c.x[u]};
            for (int d = 0; d < 3; d++) {
                six += cross[d] * (a * p[d] - b * q[d]);
                if (areas) w->sides[ahead][d] += cross[d], w->sides[behind][d] -= cross[d];
            }
            if (out->edge > 0) {
                const double x = c.x[v] - c.x[u], y = c.y[v] - c.y[u], z = c.z[v] - c.z[u];
                if (x * x + y * y + z * z < out->edge * out->edge) edges[ahead]--, edges[behind]--;
            }
        }
    out->volumes[i] = fabs(six) / 6;
    out->coordination[i] = 0;
    double least = out->face, surface = 0;
    for (long p = CUBE; areas && p < used + CUBE; p++) {
        const double *side = w->sides[p];
        w->sides[p][0] = 0.5 * sqrt(side[0] * side[0] + side[1] * side[1] + side[2] * side[2]);
        surface += w->sides[p][0];
    }
    if (out->share * surface > least) least = out->share * surface;
    for (long p = 0; p < used; p++) {
        const int n = edges[p + CUBE];
        if (n < 3 || (areas && !(w->sides[p + CUBE][0] > least))) continue;
        if (n > COLUMNS) return UNDECIDED;
        const long place = w->list[p].place, j = g->atom[place];
        if (j == i) return UNDECIDED; /* a box so narrow that an atom meets itself */
        out->indices[i * COLUMNS + n - 1]++;
        out->coordination[i]++;
        if (j < i || !out->faces) continue;
        if (out->count < out->room) {
            int *face = out->faces[out->count];
            face[0] = (int)i, face[1] = (int)j;
            for (int d = 0; d < 3; d++) face[2 + d] = g->image[place][d] - g->image[at][d];
        }
        out->count++;
    }
    return FINE;
}

/* Cells of n atoms at positions [n, 3] in a box of vectors [3, 3] (a along x, b in the xy plane) that is periodic
   everywhere; weights [n]: squares of radii for radical cells, or NULL. limits: the least length of an edge that counts, the area
   of a face and its share of the cell's surface above which it does.

   indices [n, 32]: faces of 1, 2, ... edges, given as zeros; volumes [n]; coordination [n]: faces; faces [room, 5]: of
   each face between two atoms i < j these and the image of j, in order of i, or NULL. Returns how many faces there are, of which
   no more than `room` are written, -1 where rounding would decide, -2 without memory. */
long voronoi_cells(
    long n, const double *positions, const double vectors[9], const double *weights, const double limits[3],
    int *indices, double *volumes, int *coordination, int (*faces)[5], long room)
{
    const double spacing = cbrt(vectors[0] * vectors[4] * vectors[8] / (double)n), tolerance = NEARLY * spacing * spacing;
    double heaviest = 0;
    for (long i = 0; weights && i < n; i++) heaviest = weights[i] > heaviest ? weights[i] : heaviest;
    Found out = {indices, coordination, faces, volumes, limits[0], limits[1], limits[2], room, 0};
    Work *work = calloc(1, sizeof *work);
    Searches searches;
    searches_begin(&searches, n, positions, vectors);
    int said = work ? FINE : NO_MEMORY;
    for (long i = 0; i < n && said == FINE; i++) {
        said = FURTHER_OFF;
        for (int k = 0; said == FURTHER_OFF; k++) {
            const Search *s = searches_get(&searches, k);
            said = s ? one(s, i, weights, heaviest, tolerance, work, &out) : searches.too_far ? UNDECIDED : NO_MEMORY;
        }
    }
    searches_end(&searches);
    if (work) free(work->list);
    free(work);
    return said == FINE ? out.count : said == NO_MEMORY ? -2 : -1;
}
