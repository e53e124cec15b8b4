/* A sample of atoms whose forces are summed over pairs, and what the instruction sets share. */

#ifndef GLASSCLI_PAIRS_H
#define GLASSCLI_PAIRS_H

#include <stdint.h>
#include <string.h>

typedef double vec __attribute__((vector_size(32)));
typedef long long ivec __attribute__((vector_size(32)));
typedef unsigned long long uvec __attribute__((vector_size(32)));

#define LOAD(p) ({ vec v_; memcpy(&v_, (p), sizeof v_); v_; })
#define STORE(p, v) do { const vec v_ = (v); memcpy((p), &v_, sizeof v_); } while (0)
#define SPREAD(a) ({ const double a_ = (a); (vec){a_, a_, a_, a_}; })
#define TERM(law, t) LOAD((law) + 4 * (t))
#define PLACE(i) (12 * ((i) / 4) + (i) % 4) /* of the x of an atom */
#define SUM(v) (((v)[0] + (v)[1]) + ((v)[2] + (v)[3]))

/* Adding and taking it away rounds to a whole number. */
#define ROUNDING 6755399441055744.0
#define ABSOLUTE 0x7FFFFFFFFFFFFFFFLL

enum { POWERS, POLYNOMIAL, TABLED, SCALED, FAMILIES };  /* of pair energies */
enum { FORCES, ENERGY, VIRIAL };      /* what is summed */
enum { NOTHING, SPECIES, ANY_SPECIES }; /* of which pairs a list holds those within the cutoff */
#define INNER 0.14 /* of the skin: how far beyond the cutoff pairs are that are looked at every time */
enum { LOST = -4 };            /* said of atoms that flew away */
#define FARTHEST 1e9           /* in edges of the box */
enum { MOST_KINDS = 32 };      /* of which energies of sites are summed */
enum { CELL_BITS = 7, CELL_TERMS = 8, FAN = 8, LEVELS = 12, KEPT = 8 };
enum { LAW_TERMS = 8, REACH2 = 8, LAW_LENGTH = 36 }; /* of pairs_law, and the square of how far pairs are listed that are looked at */

/* A cluster near something, at an image. */
typedef struct { int shift, cluster; } Near;
/* What is near each atom or cluster k: entries[begin[k] ... begin[k + 1]), with the lanes that count where there are masks. */
typedef struct {
    Near *entries;
    int *masks;
    long *begin;
    long n, have, have_masks;
} Pairs;
typedef struct Isa Isa;

/* n atoms in `clusters` clusters; arrays over atoms are in the order of clusters unless they are the caller's. */
typedef struct {
    long n, clusters, padded, row_length;
    int kinds, family, fresh, levels, age;  /* lists since atoms were sorted */
    long close, lists;
    double cutoff, skin, inner, edge[6], listed_edge[6], pruned_edge[6]; /* see pairs_evaluate */
    double *at, *force;                     /* x of a cluster's four atoms, then y, then z */
    double *laws_of;                        /* for each species and each pattern: terms of its laws, four of each */
    long *pattern, *keys;                   /* where in these a cluster's begin; what makes a pattern */
    int *slots, slot_bits;                  /* patterns by their keys */
    int *kind, *order;                      /* species in the order of clusters; whose place each is */
    int *species;                           /* the caller's order, as are these */
    double *reference, *image, *wrapped;    /* positions when the list was made, boxes they were away, in the box */
    double *pruned;                         /* positions when the list was pruned */
    int pruned_for;                         /* whose cutoffs the pruned list holds */
    double *laws, *spread;                  /* spread: the terms of each pair of species, four of each */
    double *site;                           /* energy that each species would have at each place */
    double *size, *sizes;                   /* diameters in the order of clusters, in the caller's */
    double nonadditivity, longest;          /* of lengths of pairs; the longest cutoff in these */
    double *table, table_scale, half_over_scale, inner2;
    long first_cell, last_cell;
    double (*shift)[12], (*times)[3];       /* of images: x four times, then y, then z; in vectors of the box */
    long n_shifts, have_shifts, have_times;
    Pairs own, others, all;                 /* of clusters and themselves; of clusters; pruned, of atoms and clusters */
    long level[LEVELS + 1], start[LEVELS], width[LEVELS]; /* of the tree: nodes before a level, places, clusters a node */
    double *centre[3], *half[3], per_edge[3];
    Near *found;
    long most[3], have_found, most_near;
    double energy, virial[6];
    const Isa *isa;
} Sample;

struct Swaps; /* see swaps.h */
struct Ready; /* see ready.h */
struct Visit;
struct Isa {
    void (*kernel[FAMILIES][3])(Sample *);
    void (*sites[3])(Sample *);
    long (*nearby)(Sample *, long);
    void (*prune)(Sample *);
    void (*squares)(const double *, const double *, double *const *, long, double *);
    void (*site_energies)(struct Swaps *);
    long (*exchange)(struct Swaps *, uint64_t *, long, double, double, double *);
    double (*change)(struct Swaps *, long, long);
    void (*ready_prepare[3])(struct Ready *);
    void (*ready_become[3])(struct Ready *, long, int, struct Visit *);
    void (*ready_sums)(struct Ready *, long);
};

extern const ivec lanes[16];         /* a lane is all ones where the number's bit is set */
extern const int first[6], second[6]; /* xx yy zz xy xz yz */
int room(void **block, long *have, long want, size_t size);

const Isa *pairs_isa(int isa);
int pairs_fused(void);
int pairs_instruction_sets(void);
Sample *pairs_new(long n, int kinds, int family, double skin, int isa);
void pairs_free(Sample *s);
void pairs_law(Sample *s, int a, int b, const double law[8]);
int pairs_table(Sample *s, const double *terms, long count, double scale, long first_cell, long cells, double inner2);
void pairs_sizes(Sample *s, const double *sizes, double nonadditivity);
void pairs_species(Sample *s, const int *species);
void pairs_relabel(Sample *s, const int *species);
void pairs_reset(Sample *s);
long pairs_lists(const Sample *s);
int pairs_tilted(const Sample *s);
void lists_laws(Sample *s);
void lists_stretch(Sample *s);
int lists_update(Sample *s, const double *x, int wanted);
#define FIX "own" /* the name of the fix in LAMMPS */

int pairs_place(Sample *s, const double *x, const double edge[6], int wanted);
int pairs_evaluate(
    Sample *s, const double *x, const double edge[6], int tally, double *f, double *energy, double *virial);

#endif
