#include <stdio.h>
#define N 600
static long escapes(double cx, double cy) {
    double x = 0, y = 0;
    for (long i = 0; i < 50; i++) {
        double x2 = x * x, y2 = y * y;
        if (x2 + y2 > 4.0) return i;
        y = 2.0 * x * y + cy;
        x = x2 - y2 + cx;
    }
    return 50;
}
int main(void) {
    long sum = 0;
    for (long py = 0; py < N; py++) for (long px = 0; px < N; px++)
        sum += escapes(px * 3.0 / N - 2.0, py * 2.0 / N - 1.0);
    printf("%ld\n", sum);
}
