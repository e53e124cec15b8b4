/* Velocity Verlet: the dynamics of a trial, whose end somebody else accepts or not. */

#include <stddef.h>

#include "pairs.h"

/* Positions x and velocities v [n, 3] go so many steps of `step` under the forces f [n, 3], which are worked out first;
   per_mass [n]: acceleration of a unit force. energies: potential energy of the sample before and after. Returns the
   first complaint of pairs_evaluate, or 1. */
int pairs_leg(
    Sample *s, double *x, double *v, const double *per_mass, const double edge[6], double step, long steps, double *f,
    double energies[2])
{
    const long m = 3 * s->n;
    int said = pairs_evaluate(s, x, edge, ENERGY, f, energies, NULL);
    for (long t = 0; t < steps && said == 1; t++) {
        for (long k = 0; k < m; k++) {
            v[k] += 0.5 * step * per_mass[k / 3] * f[k];
            x[k] += step * v[k];
        }
        said = pairs_evaluate(s, x, edge, t == steps - 1 ? ENERGY : FORCES, f, energies + 1, NULL);
        for (long k = 0; k < m; k++) v[k] += 0.5 * step * per_mass[k / 3] * f[k];
    }
    return said;
}
