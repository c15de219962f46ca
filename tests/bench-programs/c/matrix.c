#include <stdio.h>
#include <stdlib.h>
#define N 300
static double *filled(long k) { double *m = malloc(N * N * 8); for (long i = 0; i < N * N; i++) m[i] = (i * k) % 17; return m; }
static void multiply(const double *a, const double *b, double *c) {
    for (long i = 0; i < N; i++) for (long j = 0; j < N; j++) {
        double s = 0;
        for (long k = 0; k < N; k++) s += a[i * N + k] * b[k * N + j];
        c[i * N + j] = s;
    }
}
int main(void) {
    double *a = filled(3), *b = filled(5), *c = filled(0), t = 0;
    for (int r = 0; r < 5; r++) multiply(a, b, c);
    for (int i = 0; i < N; i++) t += c[i * N + i];
    printf("%lld\n", (long long)t);
}
