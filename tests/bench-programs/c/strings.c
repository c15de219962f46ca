#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char *text; static long len, room;
static void push(const char *s) {
    long n = strlen(s);
    if (len + n > room) { room = 2 * (len + n); text = realloc(text, room); }
    memcpy(text + len, s, n); len += n;
}
int main(void) {
    char buf[32]; long sum = 0;
    for (int i = 0; i < 400000; i++) { push("item "); snprintf(buf, sizeof buf, "%d", i); push(buf); push(", "); }
    for (long i = 0; i < len; i++) sum = (sum * 31 + (unsigned char)text[i]) % 1000003;
    printf("%ld %ld\n", len, sum);
}
