/* sankofa: the client of staff, administrators and plugin developers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "client/client.h"

/* Options that the command does not take are mistakes, not decoration. */
static bool takes_all(const struct client_command *command, const struct client_words *words)
{
    for (size_t i = 0; i < words->given_count; i++)
        if (!command_takes(command, words->given[i])) {
            const char *name = words->given[i];
            complain("`sankofa %s` takes no option %s%s.", command->name,
                     strlen(name) == 1 ? "-" : "--", name);
            complain("`sankofa %s --help` lists those it takes.", command->name);
            return false;
        }
    return true;
}

static bool has_arguments(const struct client_command *command, char **arguments, int count)
{
    for (int i = 0; i < count; i++)
        if (arguments[i][0] == '\0') {
            complain("An argument of `sankofa %s` is empty.", command->name);
            complain("Is a variable of your script unset?");
            return false;
        }
    if (count >= command->argument_min && count <= command->argument_max)
        return true;
    if (command->arguments[0])
        complain("`sankofa %s` takes %s%s", command->name, command->arguments,
                 text_ends(text_from(command->arguments), "...") ? "" : ".");
    else
        complain("`sankofa %s` takes no arguments.", command->name);
    complain("For instance: %s", command->example);
    return false;
}

static bool may_print_json(const struct client *client, const struct client_command *command)
{
    const char *prints = command_prints(command);

    if (!client->json || !prints)
        return true;
    complain("`sankofa %s` has no --json: it prints %s.", command->name, prints);
    complain("Leave --json out.");
    return false;
}

static int run(struct client *client, const struct client_words *words)
{
    int word_count = 0;

    if (words->count == 0) {
        command_help(NULL);
        return words->help ? CLIENT_DONE : CLIENT_WRONG_USE;
    }
    const struct client_command *command = command_find(words->words, words->count, &word_count);
    if (!command)
        return CLIENT_WRONG_USE;
    if (words->help) {
        command_help(command);
        return CLIENT_DONE;
    }
    client->arguments = words->words + word_count;
    client->argument_count = words->count - word_count;
    if (strncmp(command->arguments, "CASE", 4) == 0 && client->argument_count > 0)
        client->case_code = client->arguments[0];
    /* Reports have formats of their own: for programs it is one of them. */
    if (client->json && !client->format && command_takes(command, "format"))
        client->format = "json";
    if (!takes_all(command, words) || !may_print_json(client, command) ||
        !has_arguments(command, client->arguments, client->argument_count))
        return CLIENT_WRONG_USE;
    int result = command->run(client);
    if (fflush(stdout) != 0 && result == CLIENT_DONE) {
        complain("The answer could not be written to the standard output.");
        complain("Is the disk full, or the pipe closed?");
        return EXIT_FAILURE;
    }
    return result;
}

/* What is typed names children. Whoever is on this machine may list its processes with their words,
 * so ours stand where only we look, and no core dump keeps them. */
static void hide(struct arena *arena, int argc, char **argv)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none); /* to less than before: it cannot fail */
    for (int i = 1; i < argc; i++) {
        size_t size = strlen(argv[i]);
        char *copy = arena_copy(arena, argv[i], size);
        explicit_bzero(argv[i], size);
        argv[i] = copy;
    }
}

/* What --lang says, before the options are read: their refusals are words, too. NULL: nothing. */
static const char *language_asked(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--lang") == 0)
            return i + 1 < argc ? argv[i + 1] : NULL;
        if (strncmp(argv[i], "--lang=", 7) == 0)
            return argv[i] + 7;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    ARENA_SCOPED struct arena *arena = arena_create("command");
    struct client client = {.arena = arena};
    struct client_words words;

    hide(arena, argc, argv);
    client.language = language_asked(argc, argv);
    if (!words_begin(&client))
        return CLIENT_WRONG_USE;
    const char *language = client.language;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts(SANKOFA_VERSION);
        return CLIENT_DONE;
    }
    if (!options_read(&client, argc, argv, &words))
        return CLIENT_WRONG_USE;
    client.language = language;
    return run(&client, &words);
}
