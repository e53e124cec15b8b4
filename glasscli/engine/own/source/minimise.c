/* Conjugate gradients (Polak and Ribiere) to the inherent structure, by the steps that LAMMPS takes.

   Along each direction the step is halved from the longest allowed until the energy falls enough (Armijo), or, where
   it looks quadratic, taken to where the force along it vanishes. A configuration thus falls into the minimum that
   `min_style cg` would find, up to round-off. Energies and slopes are per atom, as there where a deck normalises. */

#include <math.h>
#include <stdlib.h>

#include "pairs.h"

enum { CONVERGED, ITERATIONS, EVALUATIONS, STUCK, NO_MEMORY = -1, TOO_CLOSE = -2 };

typedef struct {
    Sample *s;
    const double *edge;
    long m, evaluations;
    double *x, *x0, *f, *g, *h;
    int said;  /* the first complaint of pairs_evaluate, or 1 */
} Search;

static double dot(const double *a, const double *b, long m)
{
    double sums[4] = {0};
    long k = 0;
    for (; k + 4 <= m; k += 4)
        for (int l = 0; l < 4; l++) sums[l] += a[k + l] * b[k + l];
    for (; k < m; k++) sums[0] += a[k] * b[k];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static double largest(const double *a, long m)
{
    double most = 0;
    for (long k = 0; k < m; k++) most = fabs(a[k]) > most ? fabs(a[k]) : most;
    return most;
}

static double at(Search *r, double alpha)
{
    double energy = 0;
    for (long k = 0; k < r->m; k++) r->x[k] = r->x0[k] + alpha * r->h[k];
    const int said = pairs_evaluate(r->s, r->x, r->edge, ENERGY, r->f, &energy, NULL);
    if (said < 1 && r->said == 1) r->said = said;
    r->evaluations++;
    return energy / (double)r->s->n;
}

/* A step along h, longest 0.1 for any coordinate; the energy there, or STUCK in *end and all as it was. */
static double line(Search *r, double energy, int *end)
{
    const double along = dot(r->f, r->h, r->m) / (double)r->s->n, most = largest(r->h, r->m);
    *end = STUCK;
    if (!(along > 0) || most == 0) return energy;
    const double longest = fmin(1.0, 0.1 / most);
    double alpha = longest, before = 0, slope_before = along, energy_before = energy;
    for (long k = 0; k < r->m; k++) r->x0[k] = r->x[k];
    for (;;) {
        double now = at(r, alpha);
        const double slope = dot(r->f, r->h, r->m) / (double)r->s->n, change = slope - slope_before;
        if (r->said < 1 || fabs(slope) < 1e-28 || fabs(change) < 1e-28) break;
        const double unlike = fabs(1 - (0.5 * (alpha - before) * (slope + slope_before) + now) / energy_before);
        const double root = alpha - (alpha - before) * slope / change;
        if (unlike <= 0.1 && root > 0 && root < longest) {
            now = at(r, root);
            if (now - energy < 1e-8) {
                *end = CONVERGED;
                return now;
            }
        }
        const double ideal = -0.4 * alpha * along;
        if (now - energy <= ideal) {
            *end = CONVERGED;
            return now;
        }
        slope_before = slope, energy_before = now, before = alpha;
        alpha *= 0.5;
        if (alpha <= 0 || ideal >= -1e-8) break;
    }
    return at(r, 0.0);
}

/* Positions x [n, 3] become those of the minimum; forces f [n, 3] and energy there. Returns why it ended. */
int pairs_minimise(Sample *s, double *x, const double edge[6], double tolerance, long iterations, long evaluations,
                   double *f, double *energy, long *taken)
{
    Search r = {s, edge, 3 * s->n, 0, x, NULL, f, NULL, NULL, 1};
    const size_t bytes = (size_t)r.m * sizeof(double);
    int end = ITERATIONS;
    *taken = 0;
    r.x0 = malloc(bytes), r.g = malloc(bytes), r.h = calloc((size_t)r.m, sizeof(double));
    if (!(r.x0 && r.g && r.h)) end = NO_MEMORY;
    else {
        for (long k = 0; k < r.m; k++) r.x0[k] = x[k];
        *energy = at(&r, 0.0);
        for (long k = 0; k < r.m; k++) r.g[k] = r.h[k] = f[k];
        double gg = dot(f, f, r.m);
        if (largest(f, r.m) < tolerance && r.said == 1) end = CONVERGED;
        while (end == ITERATIONS && *taken < iterations) {
            int stuck;
            *energy = line(&r, *energy, &stuck);
            ++*taken;
            if (r.said < 1) break;
            if (stuck) {
                end = STUCK;
                break;
            }
            if (largest(f, r.m) < tolerance) {
                end = CONVERGED;
                break;
            }
            if (r.evaluations >= evaluations) {
                end = EVALUATIONS;
                break;
            }
            const double ff = dot(f, f, r.m), fg = dot(f, r.g, r.m);
            const double beta = *taken % r.m ? fmax(0.0, (ff - fg) / gg) : 0.0;
            gg = ff;
            for (long k = 0; k < r.m; k++) r.g[k] = f[k], r.h[k] = f[k] + beta * r.h[k];
            if (dot(r.g, r.h, r.m) <= 0)
                for (long k = 0; k < r.m; k++) r.h[k] = r.g[k];
        }
        *energy *= (double)s->n;
        if (r.said < 1) end = r.said == 0 ? NO_MEMORY : TOO_CLOSE;
    }
    free(r.x0), free(r.g), free(r.h);
    return end;
}
