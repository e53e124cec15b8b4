/* The dynamics of a trial, whose end somebody else accepts or not. */

#include <stddef.h>
#include <stdlib.h>

#include "pairs.h"

/* The first of three kicks in two stages, in units of both stages: the mean error of an oscillator's energy is then the
   smallest for all stages up to 1/omega (S. Blanes, F. Casas, J. M. Sanz-Serna, SIAM J. Sci. Comput. 36, A1556 (2014)). */
#define KICK 0.21178

/* Atoms at x with velocities v, both [n, 3], under forces f [n, 3] of `count` parts, each times its weight, and of
   springs [n], times weights[count], to anchors [n, 3], or NULL. */
typedef struct {
    Sample *const *parts;
    const double *weights, *spring, *anchor, *per_mass, *edge;
    int count;
    double *x, *v, *f, *other, step;
    double *energies; /* [count + 1]: of each part by itself and of all springs, without weights */
    long coordinates, left; /* forces that are still to come: with the last ones go energies */
} Leg;

/* Parts of no weight are looked at only where energies are wanted. */
static int forces(const Leg *leg, int tally)
{
    const long m = leg->coordinates;
    int fresh = 1;
    for (int p = 0; p < leg->count; p++) {
        const double weight = leg->weights[p];
        if (weight == 0.0 && tally != ENERGY) continue;
        double *to = fresh ? leg->f : leg->other;
        const int said = pairs_evaluate(leg->parts[p], leg->x, leg->edge, tally, to, leg->energies + p, NULL);
        if (said != 1) return said;
        if (!fresh) {
            for (long k = 0; k < m; k++) leg->f[k] += weight * to[k];
        } else if (weight != 1.0) {
            for (long k = 0; k < m; k++) to[k] *= weight;
        }
        fresh = 0;
    }
    if (fresh) memset(leg->f, 0, m * sizeof *leg->f);
    if (!leg->spring) return 1;
    double sum = 0.0;
    for (long k = 0; k < m; k++) {
        const double away = leg->x[k] - leg->anchor[k];
        leg->f[k] -= leg->weights[leg->count] * leg->spring[k / 3] * away;
        sum += 0.5 * leg->spring[k / 3] * away * away;
    }
    leg->energies[leg->count] = sum;
    return 1;
}

static void kick(const Leg *leg, double share)
{
    const double step = share * leg->step;
    for (long k = 0; k < leg->coordinates; k++) leg->v[k] += step * leg->per_mass[k / 3] * leg->f[k];
}

static int drift(Leg *leg)
{
    for (long k = 0; k < leg->coordinates; k++) leg->x[k] += leg->step * leg->v[k];
    return forces(leg, --leg->left ? FORCES : ENERGY);
}

/* Two steps in two stages, or one of Verlet's. */
static int two(Leg *leg)
{
    kick(leg, 2 * KICK);
    int said = drift(leg);
    kick(leg, 2 - 4 * KICK);
    if (said == 1) said = drift(leg);
    kick(leg, 2 * KICK);
    return said;
}

static int one(Leg *leg)
{
    kick(leg, 0.5);
    const int said = drift(leg);
    kick(leg, 0.5);
    return said;
}

/* Positions and velocities go so many steps of `step`, each with forces of its own, which are worked out first;
   per_mass [n]: acceleration of a unit force. Steps are taken by twos, a single one or three in the middle, so that
   backwards is the same way. energies [2, count + 1]: before and after. Returns the first complaint of pairs_evaluate,
   or 1. */
int pairs_leg(
    Sample *const *parts, const double *weights, int count, const double *spring, const double *anchor, double *x,
    double *v, const double *per_mass, const double edge[6], double step, long steps, double *f, double *energies)
{
    const long m = 3 * parts[0]->n, ends = steps / 4, middle = steps % 4;
    double *other = count > 1 ? malloc(m * sizeof *other) : NULL;
    if (count > 1 && !other) return 0;
    Leg leg = {parts, weights, spring, anchor, per_mass, edge, count, x, v, f, other, step, energies, m, steps};
    int said = forces(&leg, ENERGY);
    leg.energies = energies + count + 1;
    for (long t = 0; t < ends && said == 1; t++) said = two(&leg);
    if (middle == 2 && said == 1) said = two(&leg);
    for (long t = 0; t < middle && middle != 2 && said == 1; t++) said = one(&leg);
    for (long t = 0; t < ends && said == 1; t++) said = two(&leg);
    free(other);
    return said;
}
