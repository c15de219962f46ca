#include <stdio.h>
#include <stdlib.h>
/* Open addressing, doubled at three quarters. */
typedef struct { long *keys, *values; char *used; long room, count; } Map;
static unsigned long mix(unsigned long k) { k ^= k >> 32; k *= 0x9e3779b97f4a7c15ul; return k ^ k >> 29; }
static long *at(Map *m, long key, int make);
static void grow(Map *m) {
    Map old = *m;
    m->room = old.room ? 2 * old.room : 16; m->count = 0;
    m->keys = malloc(m->room * 8); m->values = malloc(m->room * 8); m->used = calloc(m->room, 1);
    for (long i = 0; i < old.room; i++) if (old.used[i]) *at(m, old.keys[i], 1) = old.values[i];
    free(old.keys); free(old.values); free(old.used);
}
static long *at(Map *m, long key, int make) {
    if (make && m->count * 4 >= m->room * 3) grow(m);
    long i = mix(key) & (m->room - 1);
    while (m->used[i]) { if (m->keys[i] == key) return &m->values[i]; i = (i + 1) & (m->room - 1); }
    if (!make) return 0;
    m->used[i] = 1; m->keys[i] = key; m->values[i] = 0; m->count++;
    return &m->values[i];
}
int main(void) {
    long n = 500000, seed = 42;
    unsigned char *dna = malloc(n);
    for (long i = 0; i < n; i++) { seed = (seed * 3877 + 29573) % 139968; dna[i] = seed >> 3 & 3; }
    for (int k = 1; k < 8; k++) {
        Map m = {0};
        long key = 0, mask = (1l << 2 * k) - 1, most = 0;
        for (long i = 0; i < n; i++) { key = (key << 2 | dna[i]) & mask; if (i >= k - 1) ++*at(&m, key, 1); }
        for (long key = 0; key < 1l << 2 * k; key++) { long *v = at(&m, key, 0); if (v && *v > most) most = *v; }
        printf("%d %ld %ld\n", k, m.count, most);
    }
}
