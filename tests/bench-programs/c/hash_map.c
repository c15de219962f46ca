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
    Map m = {0};
    long x = 1, hits = 0;
    for (int i = 0; i < 1000000; i++) { x = (x * 1103515245 + 12345) & 0x7FFFFFFF; ++*at(&m, x % 200000, 1); }
    for (long i = 0; i < 1000000; i++) { long *v = at(&m, i, 0); if (v) hits += *v; }
    printf("%ld %ld\n", m.count, hits);
}
