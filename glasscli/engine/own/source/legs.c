/* Velocity Verlet: the dynamics of a trial, whose end somebody else accepts or not. */

#include <stddef.h>
#include <stdlib.h>

#include "pairs.h"

/* Forces f [n, 3] at x: each part's times its weight, and springs', weights[count], to anchors where there are any.
   tally: what pairs_evaluate sums. energies [count + 1]: of each part by itself and of all springs, without weights;
   parts of no weight are looked at only where energies are wanted. other: room for forces. */
static int forces(
    Sample *const *parts, const double *weights, int count, const double *spring, const double *anchor, const double *x,
    const double edge[3], int tally, double *f, double *other, double *energies)
{
    const long m = 3 * parts[0]->n;
    int fresh = 1;
    for (int p = 0; p < count; p++) {
        if (weights[p] == 0.0 && tally != ENERGY) continue;
        const int said = pairs_evaluate(parts[p], x, edge, tally, fresh ? f : other, energies + p, NULL);
        if (said != 1) return said;
        if (!fresh) {
            for (long k = 0; k < m; k++) f[k] += weights[p] * other[k];
        } else if (weights[p] != 1.0) {
            for (long k = 0; k < m; k++) f[k] *= weights[p];
        }
        fresh = 0;
    }
    if (fresh) memset(f, 0, m * sizeof *f);
    if (!spring) return 1;
    double sum = 0.0;
    for (long k = 0; k < m; k++) {
        const double away = x[k] - anchor[k];
        f[k] -= weights[count] * spring[k / 3] * away;
        sum += 0.5 * spring[k / 3] * away * away;
    }
    energies[count] = sum;
    return 1;
}

/* Positions x and velocities v [n, 3] go so many steps of `step` under these forces f [n, 3], which are worked out
   first; per_mass [n]: acceleration of a unit force; spring [n] and anchor [n, 3] or NULL. energies [2, count + 1]:
   before and after. Returns the first complaint of pairs_evaluate, or 1. */
int pairs_leg(
    Sample *const *parts, const double *weights, int count, const double *spring, const double *anchor, double *x,
    double *v, const double *per_mass, const double edge[3], double step, long steps, double *f, double *energies)
{
    const long m = 3 * parts[0]->n;
    double *other = count > 1 ? malloc(m * sizeof *other) : NULL;
    if (count > 1 && !other) return 0;
    int said = forces(parts, weights, count, spring, anchor, x, edge, ENERGY, f, other, energies);
    for (long t = 0; t < steps && said == 1; t++) {
        for (long k = 0; k < m; k++) {
            v[k] += 0.5 * step * per_mass[k / 3] * f[k];
            x[k] += step * v[k];
        }
        said = forces(
            parts, weights, count, spring, anchor, x, edge, t == steps - 1 ? ENERGY : FORCES, f, other,
            energies + count + 1);
        for (long k = 0; k < m; k++) v[k] += 0.5 * step * per_mass[k / 3] * f[k];
    }
    free(other);
    return said;
}
