/* Sites at which atoms of unlike diameters sit, and exchange. */

#ifndef GLASSCLI_SWAPS_H
#define GLASSCLI_SWAPS_H

#include <math.h>
#include <stdint.h>

#include "pairs.h"

enum { SHELLS = 32 };

/* Neighbours of site i are those from begin[i] to begin[i + 1), by shells of the squared distance, nearer ones first,
   filled up to fours with what is far away. */
typedef struct Swaps {
    long n;
    int positive;                 /* whether no pair has a negative energy */
    double nonadditivity, largest, cutoff, shell, law[32]; /* cutoff in lengths of pairs; each term of the law four times */
    double *size, *energy;        /* diameter of the atom on each site, and its energy with all others */
    long *occupant;
    double *r2;
    int *near;
    long *begin, have_r2, have_near;
    const Isa *isa;
} Swaps;

/* Square of the distance of a neighbour behind whom an atom of this diameter sees none: the length of the two,
   (a + b)/2 - e |b^2 - a^2|/2, is the longest at b = 1/(2 e). */
static inline double swaps_reach2(const Swaps *w, double diameter)
{
    double other = w->nonadditivity > 0 ? 0.5 / w->nonadditivity : w->largest;
    other = other > w->largest ? w->largest : other < diameter ? diameter : other;
    const double half = 0.5 * (diameter + other);
    const double reach = w->cutoff * (half - half * (w->nonadditivity * fabs(other - diameter))) * (1 + 1e-12);
    return reach * reach + w->shell; /* within a shell there is no order */
}

/* Uniform in [0, 1): xoshiro256+ (Blackman and Vigna 2021), whose upper 53 bits are good. */
static inline double swaps_random(uint64_t s[4])
{
    const uint64_t result = s[0] + s[3], moved = s[1] << 17;
    s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3];
    s[2] ^= moved, s[3] = s[3] << 45 | s[3] >> 19;
    return (double)(result >> 11) * 0x1p-53;
}

#endif
