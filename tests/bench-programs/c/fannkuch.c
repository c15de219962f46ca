#include <stdio.h>
#define N 9
int main(void) {
    long perm[N], current[N], count[N], most = 0, checksum = 0, index = 0, r = N;
    for (long i = 0; i < N; i++) current[i] = i;
    for (;;) {
        while (r != 1) { count[r - 1] = r; r--; }
        for (long i = 0; i < N; i++) perm[i] = current[i];
        long flips = 0, first = perm[0];
        while (first != 0) {
            long lo = 0, hi = first;
            while (lo < hi) { long t = perm[lo]; perm[lo++] = perm[hi]; perm[hi--] = t; }
            flips++;
            first = perm[0];
        }
        if (flips > most) most = flips;
        checksum += index % 2 == 0 ? flips : -flips;
        for (;;) {
            if (r == N) { printf("%ld %ld\n", checksum, most); return 0; }
            long head = current[0];
            for (long i = 0; i < r; i++) current[i] = current[i + 1];
            current[r] = head;
            if (--count[r] > 0) break;
            r++;
        }
        index++;
    }
}
