#include <stdio.h>
#include <stdlib.h>
typedef struct Node { struct Node *left, *right; } Node;
static Node *tree(long depth) {
    Node *n = malloc(sizeof *n);
    n->left = depth ? tree(depth - 1) : 0;
    n->right = depth ? tree(depth - 1) : 0;
    return n;
}
static long count(const Node *n) { return n ? 1 + count(n->left) + count(n->right) : 0; }
static void end(Node *n) { if (n) { end(n->left); end(n->right); free(n); } }
int main(void) {
    long total = 0;
    for (int i = 0; i < 40; i++) { Node *t = tree(14); total += count(t); end(t); }
    printf("%ld\n", total);
}
