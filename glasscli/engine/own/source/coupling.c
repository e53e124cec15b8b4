/* Inside LAMMPS: the function that its `fix external` calls at every step. */

#include <stdint.h>
#include <stdlib.h>

#include "pairs.h"

typedef void (*SetEnergy)(void *, const char *, double);
typedef void (*SetVirial)(void *, const char *, double *);
typedef void (*GetBox)(void *, double *, double *, double *, double *, double *, int *, int *);

typedef struct {
    Sample *sample;
    void *lammps;
    SetEnergy set_energy;
    SetVirial set_virial;
    GetBox box;
    double *x, *f;
    long every, begin, end;  /* energies are wanted at multiples of `every`, at `begin` and `end`; always before a run */
    int failed;       /* what pairs_evaluate said, 1 when all is well; -2 for atoms that are not those of the sample */
} Coupling;

Coupling *coupling_new(Sample *sample, void *lammps, SetEnergy set_energy, SetVirial set_virial, GetBox box)
{
    Coupling *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    *c = (Coupling){sample, lammps, set_energy, set_virial, box, NULL, NULL, 0, 0, -1, 1};
    c->x = malloc((size_t)sample->n * 24), c->f = malloc((size_t)sample->n * 24);
    if (c->x && c->f) return c;
    free(c->x), free(c->f), free(c);
    return NULL;
}

void coupling_free(Coupling *c)
{
    if (c) free(c->x), free(c->f), free(c);
}

/* From now on energies at multiples of `every`, at steps `begin` and `end` only; at every step where `end` is negative. */
void coupling_wanted(Coupling *c, long every, long begin, long end) { c->every = every, c->begin = begin, c->end = end; }

int coupling_failed(const Coupling *c) { return c->failed; }

void coupling_call(void *pointer, int64_t step, int atoms, int *tag, double **x, double **f)
{
    Coupling *c = pointer;
    Sample *s = c->sample;
    double low[3], high[3], edge[6], xy, yz, xz, energy = 0, virial[6] = {0};
    int periodic[3], changes;
    if (atoms != s->n) {
        c->failed = -2;
        return;
    }
    c->box(c->lammps, low, high, &xy, &yz, &xz, periodic, &changes);
    for (int d = 0; d < 3; d++) edge[d] = high[d] - low[d];
    edge[3] = xy, edge[4] = xz, edge[5] = yz;
    for (int i = 0; i < atoms; i++) {
        if (tag[i] < 1 || tag[i] > s->n) {
            c->failed = -2;
            return;
        }
        double *to = c->x + 3 * ((long)tag[i] - 1);
        const double *of = x[0] + 3 * (long)i; /* LAMMPS keeps its atoms in one block */
        for (int d = 0; d < 3; d++) to[d] = of[d] - low[d];
    }
    const int wanted = c->end < 0 || step == c->begin || step == c->end || (c->every > 0 && step % c->every == 0);
    const int tally = wanted ? VIRIAL : FORCES;
    const int found = pairs_evaluate(s, c->x, edge, tally, c->f, &energy, virial);
    if (found < 1) c->failed = found;
    for (int i = 0; i < atoms; i++)
        for (int d = 0; d < 3; d++) f[0][3 * (long)i + d] = c->f[3 * ((long)tag[i] - 1) + d];
    if (tally) {
        c->set_energy(c->lammps, FIX, energy);
        c->set_virial(c->lammps, FIX, virial);
    }
}
