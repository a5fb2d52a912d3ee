/* Options, wherever they stand among the words. Own reading instead of getopt: options belong to
 * commands, and the refusal of one should name its command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/client.h"

enum option_kind { TAKES_TEXT, TAKES_FIELD, IS_FLAG, IS_HELP };

struct option {
    const char *name;       /* "-f" or "--form" */
    const char *belongs_to; /* as in client_command.options; NULL: every command */
    enum option_kind kind;
    size_t offset; /* of a const char *, bool or struct client_fields in struct client */
};

static const struct option options[] = {
    {"--socket", NULL, TAKES_TEXT, offsetof(struct client, socket)},
    {"--as", NULL, TAKES_TEXT, offsetof(struct client, as)},
    {"--lang", NULL, TAKES_TEXT, offsetof(struct client, language)},
    {"--json", NULL, IS_FLAG, offsetof(struct client, json)},
    {"-q", NULL, IS_FLAG, offsetof(struct client, quiet)},
    {"--no-color", NULL, IS_FLAG, offsetof(struct client, no_color)},
    {"--help", NULL, IS_HELP, 0},
    {"-h", NULL, IS_HELP, 0},
    {"-f", "f", TAKES_FIELD, offsetof(struct client, fields)},
    {"-a", "a", TAKES_FIELD, offsetof(struct client, answers)},
    {"--secret", "secret", TAKES_FIELD, offsetof(struct client, secrets)},
    {"--input", "input", TAKES_TEXT, offsetof(struct client, form)},
    {"--read", "read", TAKES_TEXT, offsetof(struct client, read)},
    {"--write", "write", TAKES_TEXT, offsetof(struct client, write)},
    {"--program", "program", TAKES_TEXT, offsetof(struct client, program)},
    {"--network", "network", IS_FLAG, offsetof(struct client, network)},
    {"--gdb", "gdb", IS_FLAG, offsetof(struct client, gdb)},
    {"--now", "now", TAKES_TEXT, offsetof(struct client, now)},
    {"--pdf", "pdf", TAKES_TEXT, offsetof(struct client, pdf)},
    {"--form", "form", TAKES_TEXT, offsetof(struct client, form)},
    {"--comment", "comment", TAKES_TEXT, offsetof(struct client, comment)},
    {"--config", "config", TAKES_TEXT, offsetof(struct client, config)},
    {"--identity", "identity", TAKES_TEXT, offsetof(struct client, identity)},
    {"--old", "old", TAKES_TEXT, offsetof(struct client, old)},
    {"--approve", "approve", IS_FLAG, offsetof(struct client, approve)},
    {"--certificate", "certificate", IS_FLAG, offsetof(struct client, certificate)},
    {"--reason", "reason", TAKES_TEXT, offsetof(struct client, reason)},
    {"--outcome", "outcome", TAKES_TEXT, offsetof(struct client, outcome)},
    {"--key", "key", TAKES_TEXT, offsetof(struct client, key)},
    {"--revision", "revision", TAKES_TEXT, offsetof(struct client, revision)},
    {"--format", "format", TAKES_TEXT, offsetof(struct client, format)},
    {"--plugins", "plugins", TAKES_TEXT, offsetof(struct client, plugins)},
    {"--state", "state", TAKES_TEXT, offsetof(struct client, state)},
    {"--workflow", "workflow", TAKES_TEXT, offsetof(struct client, workflow)},
    {"--limit", "limit", TAKES_TEXT, offsetof(struct client, limit)},
    {"--cursor", "cursor", TAKES_TEXT, offsetof(struct client, cursor)},
    {"--mine", "mine", IS_FLAG, offsetof(struct client, mine)},
    {"--overdue", "overdue", IS_FLAG, offsetof(struct client, overdue)},
    {"--open", "open", IS_FLAG, offsetof(struct client, open)},
    {"--closed", "closed", IS_FLAG, offsetof(struct client, closed)},
    {"--all", "all", IS_FLAG, offsetof(struct client, all)},
    {"--against", "against", TAKES_TEXT, offsetof(struct client, against)},
    {"-o", "o", TAKES_TEXT, offsetof(struct client, output)},
    {"--layers", "layers", IS_FLAG, offsetof(struct client, layers)},
    {"--coverage", "coverage", IS_FLAG, offsetof(struct client, coverage)},
    {"--case", "case", TAKES_TEXT, offsetof(struct client, case_name)},
    {"--after", "after", TAKES_TEXT, offsetof(struct client, after)},
    {"--once", "once", IS_FLAG, offsetof(struct client, once)},
    {"--role", "role", TAKES_TEXT, offsetof(struct client, role)},
    {"--pool", "pool", TAKES_TEXT, offsetof(struct client, pool)},
    {"--lower", "lower", IS_FLAG, offsetof(struct client, lower)},
    {"--unlink", "unlink", IS_FLAG, offsetof(struct client, unlink)},
    {"--label", "label", TAKES_TEXT, offsetof(struct client, label)},
    {"--passphrase-file", "passphrase-file", TAKES_TEXT, offsetof(struct client, passphrase_file)},
    {"--shares", "shares", TAKES_TEXT, offsetof(struct client, shares)},
    {"--recipient", "recipient", TAKES_TEXT, offsetof(struct client, recipient)},
    {"--name", "name", TAKES_TEXT, offsetof(struct client, name)},
    {"--type", "type", TAKES_TEXT, offsetof(struct client, media_type)},
    {"--force", "force", IS_FLAG, offsetof(struct client, force)},
    {"-d", "d", TAKES_TEXT, offsetof(struct client, body)},
    {"--watch", "watch", IS_FLAG, offsetof(struct client, watch)},
};

enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static const struct option *find(const char *word, size_t size)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (strlen(options[i].name) == size && strncmp(options[i].name, word, size) == 0)
            return &options[i];
    return NULL;
}

/* What may be meant is one that the command takes, where the words before it name one. */
static void refuse_unknown(const char *word, const struct client_words *words)
{
    struct text names[OPTION_COUNT];
    size_t count = 0;
    int used;
    const struct client_command *command = command_named(words->words, words->count, &used);

    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (!command || !options[i].belongs_to || command_takes(command, options[i].belongs_to))
            names[count++] = text_from(options[i].name);
    struct text nearest = text_nearest((struct text){word, strcspn(word, "=")}, names, count);
    complain("There is no option %s.", word);
    if (!text_is_empty(nearest))
        complain("Did you mean %.*s?", TEXT_ARG(nearest));
    else if (command)
        complain("`sankofa %s --help` lists those it takes.", command->name);
    else
        complain("`sankofa COMMAND --help` lists those of a command.");
}

static bool add_field(struct client_fields *fields, const struct option *option, const char *field)
{
    const char *equals = strchr(field, '=');

    if (!equals || equals == field) {
        complain("%s takes NAME=VALUE, not \"%s\".", option->name, field);
        complain("Write, for instance, -f found_place=Dakar");
        return false;
    }
    fields->items[fields->count++] = (struct client_field){
        .name = {field, (size_t)(equals - field)}, .value = text_from(equals + 1)};
    return true;
}

/* Of `--name=value`; NULL where there is none. */
static const char *attached_value(const char *word)
{
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;

    return equals ? equals + 1 : NULL;
}

static bool refuse_value(const struct option *option)
{
    complain("The option %s takes no value.", option->name);
    complain("Write it alone.");
    return false;
}

static bool take(struct client *client, const struct option *option, int argc, char **argv,
                 int *index, struct client_words *words)
{
    char *place = (char *)client + option->offset;
    const char *value = attached_value(argv[*index]);

    switch (option->kind) {
    case IS_HELP:
        words->help = true;
        return value ? refuse_value(option) : true;
    case IS_FLAG:
        *(bool *)(void *)place = true;
        return value ? refuse_value(option) : true;
    case TAKES_TEXT:
    case TAKES_FIELD:
        if (!value && *index + 1 < argc)
            value = argv[++*index];
        if (!value) {
            complain("The option %s needs a value.", option->name);
            complain("`sankofa COMMAND --help` tells which.");
            return false;
        }
        if (option->kind == TAKES_FIELD)
            return add_field((struct client_fields *)(void *)place, option, value);
        *(const char **)(void *)place = value;
        return true;
    }
    return false;
}

bool options_read(struct client *client, int argc, char **argv, struct client_words *words_out)
{
    bool only_words = false;

    *words_out = (struct client_words){0};
    words_out->words = ARENA_ARRAY(client->arena, char *, (size_t)argc + 1);
    words_out->given = ARENA_ARRAY(client->arena, const char *, (size_t)argc + 1);
    struct client_fields *const lists[] = {&client->fields, &client->answers, &client->secrets};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        *lists[i] = (struct client_fields){
            ARENA_ARRAY(client->arena, struct client_field, (size_t)argc), 0};
    for (int i = 1; i < argc; i++) {
        if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
            words_out->words[words_out->count++] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            only_words = true;
            continue;
        }
        const struct option *option =
            find(argv[i], strncmp(argv[i], "--", 2) == 0 ? strcspn(argv[i], "=") : strlen(argv[i]));
        if (!option) {
            refuse_unknown(argv[i], words_out);
            return false;
        }
        if (option->belongs_to)
            words_out->given[words_out->given_count++] = option->belongs_to;
        if (!take(client, option, argc, argv, &i, words_out))
            return false;
    }
    return true;
}
