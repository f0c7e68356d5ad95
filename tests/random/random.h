/* Numbers that look random and are the same for the same seed, on every machine. */
#ifndef PHX_TESTS_RANDOM_RANDOM_H
#define PHX_TESTS_RANDOM_RANDOM_H

#include <stdint.h>

typedef struct Random {
    uint64_t state;
} Random;

/* The next 64 bits (splitmix64). */
static inline uint64_t random_next(Random *random) {
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* From 0 up to, but without, [limit], which is not 0. */
static inline uint32_t random_below(Random *random, uint32_t limit) {
    return (uint32_t)(random_next(random) >> 33) % limit;
}

/* Yes in so many of a hundred cases. */
static inline int random_chance(Random *random, uint32_t percent) {
    return random_below(random, 100) < percent;
}

#endif
