/* Clusters of chosen atoms, and along which vectors of a periodic box they lead from an atom to a copy of it. */

#include <stdlib.h>

/* members: [n] whether an atom is chosen; begin [n + 1], other, steps [bonds, 3]: the bonds of each atom, to whom and over
   how many boxes. label: [n] the cluster of each atom, -1 of none; around: [3]. Returns 0 without memory. */
int clusters_walk(
    long n, const unsigned char *members, const long *begin, const long *other, const long (*steps)[3], long *label, long around[3])
{
    /* How many boxes each atom lies from its cluster's first, by the way that was walked to it. */
    long(*place)[3] = calloc((size_t)(n ? n : 1), sizeof *place), *stack = malloc((size_t)(n ? n : 1) * sizeof *stack);
    long count = 0;
    if (!place || !stack) {
        free(place), free(stack);
        return 0;
    }
    for (long i = 0; i < n; i++) label[i] = -1;
    for (long seed = 0; seed < n; seed++) {
        if (!members[seed] || label[seed] >= 0) continue;
        label[seed] = count;
        stack[0] = seed;
        for (long top = 1; top;) {
            const long i = stack[--top];
            for (long k = begin[i]; k < begin[i + 1]; k++) {
                const long j = other[k], known = label[j] >= 0;
                for (int d = 0; d < 3; d++) {
                    const long there = place[i][d] + steps[k][d];
                    if (!known)
                        place[j][d] = there;
                    else if (place[j][d] != there)
                        around[d] = 1;
                }
                if (!known) {
                    label[j] = count;
                    stack[top++] = j;
                }
            }
        }
        count++;
    }
    free(place), free(stack);
    return 1;
}
