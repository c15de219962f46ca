#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#define N 1000
static double a(long i, long j) { return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }
static void times(const double *v, double *out) {
    for (long i = 0; i < N; i++) { double s = 0; for (long j = 0; j < N; j++) s += a(i, j) * v[j]; out[i] = s; }
}
static void transposed(const double *v, double *out) {
    for (long i = 0; i < N; i++) { double s = 0; for (long j = 0; j < N; j++) s += a(j, i) * v[j]; out[i] = s; }
}
int main(void) {
    double *u = malloc(N * 8), *v = malloc(N * 8), *t = malloc(N * 8);
    for (int i = 0; i < N; i++) u[i] = 1;
    for (int k = 0; k < 10; k++) { times(u, t); transposed(t, v); times(v, t); transposed(t, u); }
    double uv = 0, vv = 0;
    for (int i = 0; i < N; i++) { uv += u[i] * v[i]; vv += v[i] * v[i]; }
    printf("%lld\n", (long long)(sqrt(uv / vv) * 1000000000.0));
}
