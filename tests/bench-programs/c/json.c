#include <stdio.h>
#include <stdlib.h>
#include <string.h>
enum { NIL, NUMBER, WORD, ARRAY, OBJECT };
typedef struct Json { int kind; long n; char *word; char **keys; struct Json *items; } Json;
static const char *at;
static void skip(void) { while (*at == ' ' || *at == '\n') at++; }
static char *word(void) {
    const char *start = ++at;
    while (*at != '"') at++;
    char *s = malloc(at - start + 1);
    memcpy(s, start, at - start);
    s[at++ - start] = 0;
    return s;
}
static Json value(void) {
    Json j = {0};
    skip();
    if (*at == '[' || *at == '{') {
        long room = 0;
        char end = *at == '[' ? ']' : '}';
        j.kind = *at++ == '[' ? ARRAY : OBJECT;
        for (skip(); *at != end; skip()) {
            if (j.n == room) {
                room = room ? 2 * room : 4;
                j.items = realloc(j.items, room * sizeof *j.items);
                if (j.kind == OBJECT) j.keys = realloc(j.keys, room * sizeof *j.keys);
            }
            if (j.kind == OBJECT) { skip(); j.keys[j.n] = word(); skip(); at++; }
            j.items[j.n] = value();
            j.n++;
            skip();
            if (*at == ',') at++;
        }
        at++;
    } else if (*at == '"') { j.kind = WORD; j.word = word(); }
    else if (*at == 'n') at += 4;
    else { j.kind = NUMBER; while (*at >= '0' && *at <= '9') j.n = j.n * 10 + *at++ - '0'; }
    return j;
}
static long total(const Json *j) {
    if (j->kind == NIL) return 1;
    if (j->kind == NUMBER) return j->n;
    if (j->kind == WORD) return strlen(j->word);
    long sum = 0;
    for (long i = 0; i < j->n; i++) sum += total(&j->items[i]) + (j->keys ? (long)strlen(j->keys[i]) : 0);
    return sum;
}
static void end(Json *j) {
    if (j->kind == ARRAY || j->kind == OBJECT)
        for (long i = 0; i < j->n; i++) { end(&j->items[i]); if (j->keys) free(j->keys[i]); }
    free(j->word); free(j->items); free(j->keys);
}
int main(void) {
    char *text = malloc(4000000), *p = text;
    *p++ = '[';
    for (int i = 0; i < 20000; i++) {
        if (i) *p++ = ',';
        p += sprintf(p, "{\"id\": %d, \"name\": \"somebody\", \"tags\": [1, 2, null, \"x\"], \"in\": {\"deep\": [[3]]}}", i);
    }
    *p++ = ']'; *p = 0;
    long sum = 0;
    for (int r = 0; r < 5; r++) { at = text; Json j = value(); sum += total(&j); end(&j); }
    printf("%ld\n", sum);
}
