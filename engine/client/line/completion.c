/* What bash, zsh and fish need to complete the commands: words of them, options. Made of the
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

/* How much of the name is before its word of that number; 0: it has no such word. */
static size_t before_word(const char *name, size_t number)
{
    const char *at = name;

    for (; number > 0 && at; number--)
        at = strchr(at + (at > name), ' ');
    return at ? (size_t)(at - name) : 0;
}

/* Whether the command goes on behind these words. */
static bool goes_on(const char *name, struct text words)
{
    return strncmp(name, words.bytes, words.size) == 0 &&
           (words.size == 0 || name[words.size] == ' ');
}

/* What may come behind the words, each once. */
static struct text words_after(struct client *client, struct text words)
{
    const struct client_command *command;
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    text_append(&buffer, TEXT(" "));
    for (size_t i = 0; (command = command_at(i)); i++) {
        if (!goes_on(command->name, words))
            continue;
        const char *word = command->name + words.size + (words.size > 0);
        struct text found = text_printf(client->arena, " %.*s ", (int)strcspn(word, " "), word);
        struct text list = text_buffer_text(&buffer);
        if (!memmem(list.bytes, list.size, found.bytes, found.size))
            text_append(&buffer, (struct text){found.bytes + 1, found.size - 1});
    }
    struct text list = text_buffer_text(&buffer);
    return list.size < 2 ? TEXT_NONE : (struct text){list.bytes + 1, list.size - 2};
}

/* The words before the last ones, of commands of several: "case", "admin", "admin keys", each once.
 * `each` is called with all of it. */
static void each_group(struct client *client,
                       void (*each)(struct client *client, struct text group))
{
    const struct client_command *command;

    for (size_t i = 0; (command = command_at(i)); i++)
        for (size_t number = 1, size; (size = before_word(command->name, number)) > 0; number++) {
            struct text group = {command->name, size};
            bool is_new = true;
            for (size_t j = 0; j < i && is_new; j++)
                is_new = !goes_on(command_at(j)->name, group);
            if (is_new)
                each(client, group);
        }
}

/* ---- bash and zsh, which can run the same. ---- */

static void print_bash_group(struct client *client, struct text group)
{
    printf("    '%.*s') list='%.*s' ;;\n", TEXT_ARG(group), TEXT_ARG(words_after(client, group)));
}

static void print_bash(struct client *client)
{
    const struct client_command *command;

    puts("# Completion of sankofa, made by `sankofa completion`.\n"
         "_sankofa() {\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} typed= word= value= list= i");
    printf("    local values=' %.*s '\n", TEXT_ARG(options_of(client, NULL, true)));
    puts("    COMPREPLY=()\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        word=${COMP_WORDS[i]}\n"
         "        if [[ -n $value ]]; then value=; continue; fi\n"
         "        case $word in\n"
         "        -*) [[ $values == *\" $word \"* ]] && value=1 ;;\n"
         "        *) typed=${typed:+$typed }$word ;;\n"
         "        esac\n"
         "    done\n"
         "    if [[ -n $value ]]; then COMPREPLY=($(compgen -f -- \"$cur\")); return; fi\n"
         "    case \"$typed \" in");
    for (size_t i = 0; (command = command_at(i)); i++)
        printf("    \"%s \"*) list='%.*s' ;;\n", command->name,
               TEXT_ARG(options_of(client, command, false)));
    puts("    esac\n"
         "    if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$list\" -- \"$cur\")); return; "
         "fi\n"
         "    case $typed in");
    print_bash_group(client, TEXT(""));
    each_group(client, print_bash_group);
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

/* That these words were typed; none: that no command was. */
static struct text fish_condition(struct client *client, struct text words)
{
    struct text_buffer buffer;

    if (words.size == 0)
        return TEXT("-n __fish_use_subcommand");
    text_buffer_init(&buffer, client->arena);
    text_append(&buffer, TEXT("-n '"));
    for (size_t at = 0; at < words.size;) {
        size_t size = strcspn(words.bytes + at, " ");
        size = size < words.size - at ? size : words.size - at;
        text_append_printf(&buffer, "%s__fish_seen_subcommand_from %.*s", at > 0 ? "; and " : "",
                           (int)size, words.bytes + at);
        at += size + 1;
    }
    text_append(&buffer, TEXT("'"));
    return text_buffer_text(&buffer);
}

/* What comes before the last of the words. */
static struct text all_but_last(struct text words)
{
    size_t size = words.size;

    while (size > 0 && words.bytes[size - 1] != ' ')
        size--;
    return (struct text){words.bytes, size > 0 ? size - 1 : 0};
}

static struct text last_of(struct text words)
{
    size_t skip = all_but_last(words).size;

    skip += skip > 0;
    return (struct text){words.bytes + skip, words.size - skip};
}

static void print_fish_group(struct client *client, struct text group)
{
    printf("complete -c sankofa -f %.*s -a %.*s\n",
           TEXT_ARG(fish_condition(client, all_but_last(group))), TEXT_ARG(last_of(group)));
}

static void print_fish_command(struct client *client, const struct client_command *command)
{
    const struct client_option_text *option;
    struct text name = text_from(command->name);

    printf("complete -c sankofa -f %.*s -a %.*s -d \"%s\"\n",
           TEXT_ARG(fish_condition(client, all_but_last(name))), TEXT_ARG(last_of(name)),
           _(command->summary));
    struct text condition = fish_condition(client, name);
    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (command_takes(command, option->name))
            print_fish_option(condition.bytes, _(option->text));
}

static void print_fish(struct client *client)
{
    const struct client_command *command;

    puts("# Completion of sankofa, made by `sankofa completion`.");
    each_group(client, print_fish_group);
    for (size_t i = 0; command_global_option(i); i++)
        print_fish_option("", _(command_global_option(i)));
    for (size_t i = 0; (command = command_at(i)); i++)
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
