#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    long n = 5000000, found = 0;
    for (int r = 0; r < 4; r++) {
        bool *flags = calloc(n, 1);
        found = 0;
        for (long i = 2; i < n; i++) if (!flags[i]) { found++; for (long j = i * i; j < n; j += i) flags[j] = true; }
        free(flags);
    }
    printf("%ld\n", found);
}
