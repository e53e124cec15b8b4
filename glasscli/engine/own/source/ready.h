/* Sites of a sample at which atoms of unlike species sit, and exchange when they are ready for it. */

#ifndef GLASSCLI_READY_H
#define GLASSCLI_READY_H

#include "pairs.h"

/* Largest exponents: of a readiness, so that a few ready ones do not drown the others' digits in a sum, and of the rule. */
#define STEEPEST 18.0
#define LARGEST 500.0
enum { PIECES = 4 };
/* A sum of pair energies, each times a whole number: as many pieces as it has cutoffs, each as in `spread`. Of tables
   one for each pair of species, term 4 what it counts. */
typedef struct { double terms[PIECES][32]; long pieces; } Combined;

/* The surroundings of a site: clusters with atoms in reach, their squared distances (those of atoms beyond are there
   too), and what was known of them before. */
typedef struct Visit { long count, *cluster; double *r2, *gain, *ready; } Visit;

/* Places are in the order of clusters; kinds - 1 numbers belong to each.

   gain    [kinds - 1][padded] how much more energy an atom of species m + 1 would have at each place than one of 0
   ready   [kinds - 1][padded] how ready who is there is to become another: of the other species the m-th
   sums    [kinds][kinds - 1][blocks] of that, over atoms of each species, in blocks of 2^shift clusters
   kind    [padded] from 0; -1 where nobody is
   here    [kinds - 1][kinds] u(m + 1, b) - u(0, b): what a neighbour b adds to a gain
   step    [kinds - 1][kinds][kinds] the same of b less that of a: where the neighbour a becomes b */
typedef struct Ready {
    Sample *s;
    long blocks, shift, *occupant, *stamp, now, listed;
    double beta, *gain, *ready, *sums, *summed; /* summed: before an attempt */
    long long *kind;
    Combined *here, *step;
    Near *back; /* clusters before each one that list it, as it sees them: from behind[k] to behind[k + 1] */
    long *behind, have_back, have[2][4];
    Visit visit[2];
} Ready;

#endif
