/* What the parts of the configuration share: one table per map of the file, each key with how it is
 * read and where it goes. */
#ifndef SANKOFA_DAEMON_CONFIG_PARTS_H
#define SANKOFA_DAEMON_CONFIG_PARTS_H

#include "daemon/config.h"

struct key;

/* What the readers share. */
struct reader {
    struct config *config;
    struct diag_list *diags;
    const char *folder;    /* of the file */
    const struct key *key; /* being read */
};

struct key {
    const char *name;
    void (*read)(struct reader *reader, const struct yaml_node *node, void *place);
    size_t offset; /* of the place in the struct that the map fills */
    bool is_required;
    int64_t least, most; /* of a number, or of a span's milliseconds */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* config.c */
struct diag *config_fault(struct reader *reader, const char *code, struct place place,
                          const char *message);
/* Reads a map by its keys; the entries' places count from `base`. */
void config_map(struct reader *reader, const struct yaml_node *node, const struct key *keys,
                size_t count, void *base);
/* Whether it is one value; else a fault. */
bool config_is_scalar(struct reader *reader, const struct yaml_node *node);
/* The path, relative to the file's folder. */
const char *config_absolute(struct reader *reader, struct text path);
/* Readers of keys: a path; a number into an unsigned. */
void config_path(struct reader *reader, const struct yaml_node *node, void *place);
void config_count(struct reader *reader, const struct yaml_node *node, void *place);

/* config_plugins.c */
void config_plugins(struct reader *reader, const struct yaml_node *node, void *place);
/* Once the whole file is read: what is granted must not hold what is the daemon's alone. */
void config_check_grants(struct reader *reader, const struct yaml_node *top);

#endif
