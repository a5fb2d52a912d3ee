/* What bash, zsh and fish need to complete the commands: words, second words, options. Made of the
 * table of commands, so that nothing is forgotten; a shell asks no daemon. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/client.h"

/* ---- What the table holds. ---- */

/* `--form` of "--form FILE        fields ..."; and whether a value follows. */
static struct text option_name(const char *text, bool *takes_value_out)
{
    size_t size = strcspn(text, " ");

    *takes_value_out = text[size] == ' ' && text[size + 1] != ' ';
    return (struct text){text, size};
}

static const char *option_words(const char *text)
{
    const char *gap = strstr(text, "  ");

    /* The longest names leave one space alone. */
    if (!gap) {
        gap = strchr(text, ' ');
        gap = gap ? strchr(gap + 1, ' ') : NULL;
    }
    return gap ? gap + strspn(gap, " ") : "";
}

static void add_name(struct text_buffer *buffer, const char *text, bool only_with_value)
{
    bool takes_value;
    struct text name = option_name(text, &takes_value);

    if (takes_value || !only_with_value)
        text_append_printf(buffer, "%s%.*s", buffer->size > 0 ? " " : "", TEXT_ARG(name));
}

/* The options of a command (NULL: of any), with those of all. */
static struct text options_of(struct client *client, const struct client_command *command,
                              bool only_with_value)
{
    const struct client_option_text *option;
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (!command || command_takes(command, option->name))
            add_name(&buffer, option->text, only_with_value);
    for (size_t i = 0; command_global_option(i); i++)
        add_name(&buffer, command_global_option(i), only_with_value);
    return text_buffer_text(&buffer);
}

static bool has_words(struct text list, const char *word, size_t size)
{
    for (size_t at = 0; at < list.size;) {
        size_t end = at;
        while (end < list.size && list.bytes[end] != ' ')
            end++;
        if (end - at == size && memcmp(list.bytes + at, word, size) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

/* The first words; or, of `first`, the second ones. */
static struct text words_of(struct client *client, const char *first)
{
    const struct client_command *command;
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; (command = command_at(i)); i++) {
        const char *word = command->name;
        size_t size = strcspn(word, " ");
        if (first && (strlen(first) != size || strncmp(word, first, size) != 0 || !word[size]))
            continue;
        if (first) {
            word += size + 1;
            size = strlen(word);
        }
        if (command->run && !has_words(text_buffer_text(&buffer), word, size))
            text_append_printf(&buffer, "%s%.*s", buffer.size > 0 ? " " : "", (int)size, word);
    }
    return text_buffer_text(&buffer);
}

/* Each first word that goes on with a second; NULL behind the last. */
static const char *group_at(struct client *client, size_t *index)
{
    struct text_buffer seen;
    const struct client_command *command;

    text_buffer_init(&seen, client->arena);
    for (size_t i = 0; (command = command_at(i)); i++) {
        size_t size = strcspn(command->name, " ");
        bool is_new = command->run && command->name[size] &&
                      !has_words(text_buffer_text(&seen), command->name, size);
        if (is_new)
            text_append_printf(&seen, "%s%.*s", seen.size > 0 ? " " : "", (int)size, command->name);
        if (is_new && i >= *index) {
            *index = i + 1;
            return text_copy(client->arena, (struct text){command->name, size}).bytes;
        }
    }
    return NULL;
}

/* ---- bash and zsh, which can run the same. ---- */

static void print_bash(struct client *client)
{
    const struct client_command *command;
    const char *group;
    size_t at = 0;

    puts("# Completion of sankofa, made by `sankofa completion`.\n"
         "_sankofa() {\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} first= second= word= value= list= i");
    printf("    local values=' %.*s '\n", TEXT_ARG(options_of(client, NULL, true)));
    puts("    COMPREPLY=()\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        word=${COMP_WORDS[i]}\n"
         "        if [[ -n $value ]]; then value=; continue; fi\n"
         "        case $word in\n"
         "        -*) [[ $values == *\" $word \"* ]] && value=1 ;;\n"
         "        *) if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then "
         "second=$word; fi ;;\n"
         "        esac\n"
         "    done\n"
         "    if [[ -n $value ]]; then COMPREPLY=($(compgen -f -- \"$cur\")); return; fi\n"
         "    case \"$first $second\" in");
    for (size_t i = 0; (command = command_at(i)); i++)
        if (command->run)
            printf("    \"%s%s list='%.*s' ;;\n", command->name,
                   strchr(command->name, ' ') ? "\")" : " \"*)",
                   TEXT_ARG(options_of(client, command, false)));
    puts("    esac\n"
         "    if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$list\" -- \"$cur\")); return; "
         "fi\n"
         "    case $first in");
    printf("    '') list='%.*s' ;;\n", TEXT_ARG(words_of(client, NULL)));
    while ((group = group_at(client, &at)))
        printf("    %s) [[ -n $second ]] && list= || list='%.*s' ;;\n", group,
               TEXT_ARG(words_of(client, group)));
    puts("    *) list= ;;\n"
         "    esac\n"
         "    if [[ -n $list ]]; then COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"));\n"
         "    else COMPREPLY=($(compgen -f -- \"$cur\")); fi\n"
         "}\n"
         "complete -o filenames -F _sankofa sankofa");
}

static void print_zsh(struct client *client)
{
    puts("#compdef sankofa\nautoload -U +X bashcompinit && bashcompinit");
    print_bash(client);
}

/* ---- fish. ---- */

static void print_fish_option(const char *condition, const char *text)
{
    bool takes_value;
    struct text name = option_name(text, &takes_value);
    bool is_long = name.size > 2;

    printf("complete -c sankofa %s %s %.*s%s -d \"%s\"\n", condition, is_long ? "-l" : "-s",
           (int)name.size - (is_long ? 2 : 1), name.bytes + (is_long ? 2 : 1),
           takes_value ? " -r" : "", option_words(text));
}

static struct text fish_condition(struct client *client, const char *name)
{
    const char *space = strchr(name, ' ');

    if (!space)
        return text_printf(client->arena, "-n '__fish_seen_subcommand_from %s'", name);
    return text_printf(client->arena,
                       "-n '__fish_seen_subcommand_from %.*s; and __fish_seen_subcommand_from %s'",
                       (int)(space - name), name, space + 1);
}

static void print_fish_command(struct client *client, const struct client_command *command)
{
    const char *space = strchr(command->name, ' ');
    const struct client_option_text *option;
    struct text condition = fish_condition(client, command->name);

    if (space)
        printf("complete -c sankofa -f -n '__fish_seen_subcommand_from %.*s' -a %s -d \"%s\"\n",
               (int)(space - command->name), command->name, space + 1, command->summary);
    else
        printf("complete -c sankofa -f -n __fish_use_subcommand -a %s -d \"%s\"\n", command->name,
               command->summary);
    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (command_takes(command, option->name))
            print_fish_option(condition.bytes, option->text);
}

static void print_fish(struct client *client)
{
    const struct client_command *command;
    const char *group;
    size_t at = 0;

    puts("# Completion of sankofa, made by `sankofa completion`.");
    while ((group = group_at(client, &at)))
        printf("complete -c sankofa -f -n __fish_use_subcommand -a %s\n", group);
    for (size_t i = 0; command_global_option(i); i++)
        print_fish_option("", command_global_option(i));
    for (size_t i = 0; (command = command_at(i)); i++)
        if (command->run)
            print_fish_command(client, command);
}

int completion(struct client *client)
{
    static const struct {
        const char *name;
        void (*print)(struct client *client);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(shells[i].name, client->arguments[0]) == 0) {
            shells[i].print(client);
            return CLIENT_DONE;
        }
    complain("There is no completion for \"%s\".", client->arguments[0]);
    complain("There is one for bash, for zsh and for fish.");
    return CLIENT_WRONG_USE;
}
