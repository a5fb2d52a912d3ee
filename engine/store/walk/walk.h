/* The walker: reads a data file as LMDB lays it out, and trusts nothing that it says.
 *
 * Words: a *page* has a number and a kind: *meta* (0 and 1, the roots of the last commit and of the
 * one before), *branch* and *leaf* (the trees), *overflow* (a value longer than a page); a *node*
 * is one key in a branch or leaf, with a page's number or a value; the *free list* is a tree of
 * pages that nothing uses.
 *
 * LMDB's pages bear no checksum, and it follows what they say: a number that a flipped bit has
 * changed leads it beyond its map, or in circles. So before it opens a file every page that the
 * newest root reaches is read once: kinds, bounds, order of keys, counts, no page twice, none used
 * and free at once, none forgotten. Values are not looked into: the vault proves those. */
#ifndef SANKOFA_STORE_WALK_H
#define SANKOFA_STORE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/tables.h"

/* Where the bytes come from: a file, or what a sealed backup decrypts to. */
struct walk_source {
    void *self;
    uint64_t size;
    /* 0, or -errno. What is asked for lies within `size`. */
    int (*read)(void *self, uint64_t offset, void *bytes_out, size_t size);
};

enum { WALK_HEAD_BYTES = 256 };

/* One record of a table. Borrowed for the call. */
struct walk_record {
    enum table table;
    const void *key;
    size_t key_size;
    uint64_t size;    /* of the value */
    const void *head; /* its first WALK_HEAD_BYTES, or all of it */
};

struct walk_options {
    struct walk_source source;
    void *self;
    /* Each record of the tables, in order; false: it is damaged. May be NULL. */
    bool (*record)(void *self, const struct walk_record *record);
};

struct walk_result {
    uint64_t page_bytes, page_count; /* of a page; up to the last one ever used */
    uint64_t txn;                    /* the number of the last commit */
    uint64_t entries[TABLE_COUNT];
    uint64_t fault_page; /* -EBADMSG: where, and what, a literal */
    const char *fault;
};

/* 0; -EBADMSG: the file is damaged, see fault; or -errno of a read. */
int walk(const struct walk_options *options, struct walk_result *result_out);

/* Walks an open file, read-only. */
int walk_file(int fd, struct walk_result *result_out);
/* The same by a process of its own, in a jail: `program` is started with the arguments --walk, and
 * the file as its descriptor 0 (walk_serve). Its crash is -EBADMSG like any other damage, once it
 * has begun; where it could not look, that is another -errno. `why_out` gets a sentence without its
 * full stop; its buffer has WALK_WHY_BYTES. */
enum { WALK_WHY_BYTES = 256 };
int walk_apart(const char *program, const char *path, char *why_out);
/* In that process: enters the jail, walks descriptor 0, tells the outcome on descriptor 1. Returns
 * the exit status. */
int walk_serve(void);
/* "page 7: a node lies outside of its page" */
void walk_explain(const struct walk_result *result, int error, char *why_out);

#endif
