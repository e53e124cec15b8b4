/* The same code for each instruction set, and which of them this processor has. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "pairs.h"
#include "ready.h"
#include "swaps.h"

#pragma GCC diagnostic ignored "-Wpsabi"

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(name) JOIN(name, ISA)
#define ALWAYS static inline __attribute__((always_inline))

const ivec lanes[16] = {
    {0, 0, 0, 0},  {-1, 0, 0, 0},  {0, -1, 0, 0},  {-1, -1, 0, 0},  {0, 0, -1, 0},  {-1, 0, -1, 0},
    {0, -1, -1, 0}, {-1, -1, -1, 0}, {0, 0, 0, -1}, {-1, 0, 0, -1}, {0, -1, 0, -1}, {-1, -1, 0, -1},
    {0, 0, -1, -1}, {-1, 0, -1, -1}, {0, -1, -1, -1}, {-1, -1, -1, -1},
};

const int first[6] = {0, 1, 2, 0, 0, 1}, second[6] = {0, 1, 2, 1, 2, 2};

#define ISA plain
static inline vec fused(vec a, vec b, vec c)
{
    for (int l = 0; l < 4; l++) c[l] = __builtin_fma(a[l], b[l], c[l]);
    return c;
}
#define FMA(a, b, c) fused((a), (b), (c))
#define ANY(v) (((v)[0] | (v)[1] | (v)[2] | (v)[3]) != 0)
#include "kernel.inc"
#include "lists.inc"
#include "swaps.inc"
#include "ready.inc"
#undef ISA
#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE 1
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#undef FMA
#define FMA(a, b, c) __builtin_ia32_vfmaddpd256((a), (b), (c))
#undef ANY
#define ANY(v) (!__builtin_ia32_ptestz256((v), (v)))
#define ISA avx2
#include "kernel.inc"
#include "lists.inc"
#include "swaps.inc"
#include "ready.inc"
#undef ISA
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512vl,avx512dq")
#define ISA avx512
#include "kernel.inc"
#include "lists.inc"
#include "swaps.inc"
#include "ready.inc"
#undef ISA
#pragma GCC pop_options
#endif

#define TABLE(isa) \
    { \
        {{kernel_POWERS_FORCES_##isa, kernel_POWERS_ENERGY_##isa, kernel_POWERS_VIRIAL_##isa}, \
         {kernel_POLYNOMIAL_FORCES_##isa, kernel_POLYNOMIAL_ENERGY_##isa, kernel_POLYNOMIAL_VIRIAL_##isa}, \
         {kernel_TABLED_FORCES_##isa, kernel_TABLED_ENERGY_##isa, kernel_TABLED_VIRIAL_##isa}, \
         {kernel_SCALED_FORCES_##isa, kernel_SCALED_ENERGY_##isa, kernel_SCALED_VIRIAL_##isa}}, \
         {sites_POWERS_##isa, sites_POLYNOMIAL_##isa, sites_TABLED_##isa}, \
         nearby_##isa, prune_##isa, squares_##isa, site_energies_##isa, exchange_##isa, change_##isa, \
        {prepare_POWERS_##isa, prepare_POLYNOMIAL_##isa, prepare_TABLED_##isa}, \
        {become_POWERS_##isa, become_POLYNOMIAL_##isa, become_TABLED_##isa}, add_up_##isa \
    }
static const Isa isas[] = {
    TABLE(plain),
#ifdef WIDE
    TABLE(avx2),
    TABLE(avx512),
#endif
};

const Isa *pairs_isa(int isa) { return &isas[isa]; }

/* Whether this processor fuses products and sums; otherwise the C library computes what it would give, slowly. */
int pairs_fused(void)
{
#if defined(WIDE)
    return pairs_instruction_sets() > 1;
#elif defined(__FP_FAST_FMA) || defined(FP_FAST_FMA)
    return 1;
#else
    return 0;
#endif
}

int pairs_instruction_sets(void)
{
#ifdef WIDE
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("fma"))
        return 3;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 2;
#endif
    return 1;
}
