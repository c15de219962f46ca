#include <stdio.h>
#include <stdlib.h>
static unsigned char *out; static long len, room;
static void push(unsigned char b) {
    if (len == room) { room = room ? 2 * room : 16; out = realloc(out, room); }
    out[len++] = b;
}
int main(void) {
    static const double limits[4] = {0.3029549426680, 0.5009432431601, 0.6984905497992, 1.0};
    long seed = 42, sum = 0;
    for (long i = 0; i < 5000000; i++) {
        seed = (seed * 3877 + 29573) % 139968;
        double r = seed / 139968.0;
        int k = 0;
        while (limits[k] < r) k++;
        push("ACGT"[k]);
        if (i % 60 == 59) push(10);
    }
    for (long i = 0; i < len; i++) sum = (sum * 31 + out[i]) % 1000003;
    printf("%ld %ld\n", len, sum);
}
