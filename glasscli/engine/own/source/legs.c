/* The dynamics of a trial, whose end somebody else accepts or not. */

#include <stddef.h>

#include "pairs.h"

/* The first of three kicks in two stages, in units of both stages: the mean error of an oscillator's energy is then the
   smallest for all stages up to 1/omega (S. Blanes, F. Casas, J. M. Sanz-Serna, SIAM J. Sci. Comput. 36, A1556 (2014)). */
#define KICK 0.21178

typedef struct {
    Sample *sample;
    double *x, *v, *f;
    const double *per_mass, *edge;
    double step, *energy;
    long left; /* forces that are still to come: of the last ones the energy is wanted too */
} Leg;

static void kick(const Leg *leg, double share)
{
    const double step = share * leg->step;
    for (long k = 0; k < 3 * leg->sample->n; k++) leg->v[k] += step * leg->per_mass[k / 3] * leg->f[k];
}

static int drift(Leg *leg)
{
    for (long k = 0; k < 3 * leg->sample->n; k++) leg->x[k] += leg->step * leg->v[k];
    return pairs_evaluate(leg->sample, leg->x, leg->edge, --leg->left ? FORCES : ENERGY, leg->f, leg->energy, NULL);
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

/* Positions x and velocities v [n, 3] go so many steps of `step`, each with forces f [n, 3] of its own, which are worked
   out first; per_mass [n]: acceleration of a unit force. Steps are taken by twos, a single one or three in the middle,
   so that backwards is the same way. energies: potential energy of the sample before and after. Returns the first
   complaint of pairs_evaluate, or 1. */
int pairs_leg(
    Sample *s, double *x, double *v, const double *per_mass, const double edge[3], double step, long steps, double *f,
    double energies[2])
{
    Leg leg = {s, x, v, f, per_mass, edge, step, energies + 1, steps};
    const long ends = steps / 4, middle = steps % 4;
    int said = pairs_evaluate(s, x, edge, ENERGY, f, energies, NULL);
    for (long t = 0; t < ends && said == 1; t++) said = two(&leg);
    if (middle == 2 && said == 1) said = two(&leg);
    for (long t = 0; t < middle && middle != 2 && said == 1; t++) said = one(&leg);
    for (long t = 0; t < ends && said == 1; t++) said = two(&leg);
    return said;
}
