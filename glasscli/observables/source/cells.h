#ifndef GLASSCLI_CELLS_H
#define GLASSCLI_CELLS_H

#include <stddef.h>

/* The same code for each width of vectors; sums keep their order, so all give the same bits. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif
#define ALWAYS static inline __attribute__((always_inline))

/* Atoms of a periodic box and their images around it, sorted into cells of the box, those along its first vector beside
   each other: what is near an atom lies in few runs of memory. */
typedef struct {
    long n, size[3], own[3], reach[3], total; /* cells along each vector; in the box itself; how far a search goes */
    long *begin;                              /* of each cell; one more */
    long *place, *cell;                       /* where each atom itself is, and in which cell */
    double *x, *y, *z, radius;                /* everything within the radius is found */
    int *atom, (*image)[3];                   /* whose image this is: boxes from where the caller's atom is */
} Grid;

/* Radii of searches, in spacings of the atoms: the first, and by how much each is longer than the one before. Most atoms
   are done with the first. */
#define SEARCH 1.75
#define FURTHER 1.4

int grid_make(Grid *g, long n, const double *positions, const double vectors[9], double radius);
void grid_free(Grid *g);

/* Those within the radius of atom i, itself left out: places in the grid and squared distances, by no order. There is
   room for grid_most(g). */
long grid_near(const Grid *g, long i, long *near, double *squares);
long grid_most(const Grid *g);

/* A grid with room for what is near an atom; and those of ever larger radii, made when they are first wanted. */
typedef struct {
    Grid grid;
    long *near;
    double *squares;
} Search;
enum { SEARCHES = 16 };
typedef struct {
    long n;
    const double *positions, *vectors;
    double spacing;
    int made, too_far;
    Search of[SEARCHES];
} Searches;

void searches_begin(Searches *s, long n, const double *positions, const double vectors[9]);
Search *searches_get(Searches *s, int k); /* NULL without memory, or where it is too far */
void searches_end(Searches *s);

#endif
