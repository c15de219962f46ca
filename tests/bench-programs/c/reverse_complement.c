#include <stdio.h>
#include <stdlib.h>
static unsigned char complement(unsigned char b) { switch (b) { case 65: return 84; case 84: return 65; case 67: return 71; case 71: return 67; } return b; }
static void reverse(unsigned char *s, long n) {
    long lo = 0, hi = n - 1;
    while (lo < hi) { unsigned char t = complement(s[lo]); s[lo++] = complement(s[hi]); s[hi--] = t; }
    if (lo == hi) s[lo] = complement(s[lo]);
}
int main(void) {
    long n = 4000001, seed = 42, sum = 0;
    unsigned char *dna = malloc(n);
    for (long i = 0; i < n; i++) { seed = (seed * 3877 + 29573) % 139968; dna[i] = "ACGT"[seed & 3]; }
    for (int r = 0; r < 9; r++) reverse(dna, n);
    for (long i = 0; i < n; i++) sum = (sum * 31 + dna[i]) % 1000003;
    printf("%ld\n", sum);
}
