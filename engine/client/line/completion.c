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

/* NULL: the words are not known beforehand. */
static const char *words_offered(const char *name)
{
    static const struct {
        const char *name, *words;
    } known[] = {
        {"--lang", "en fr pt"},
        {"--format", "caret gcc json"},
        {"-o", "svg dot"},
        {"--outcome", "done failed again"},
        {"completion", "bash zsh fish"},
        {"admin keys add-slot", "key-file passphrase credential recovery"},
        {"api", "GET POST PUT PATCH DELETE"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].words;
    return NULL;
}

/* Whether what the help calls `takes`, as in "CASE FILE", is a file. */
static bool is_file(struct text takes)
{
    static const char *const files[] = {"FILE", "DIR", "FOLDER", "BEFORE"};
    bool is_one = text_is(takes, "PATH");

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        is_one = is_one || memmem(takes.bytes, takes.size, files[i], strlen(files[i]));
    return is_one;
}

static bool option_takes_file(const char *text)
{
    bool takes_value;
    struct text name = option_name(text, &takes_value);
    const char *takes = text + name.size + 1;

    return takes_value && is_file((struct text){takes, strcspn(takes, " ")});
}

static const char *option_words_offered(struct client *client, const char *text)
{
    bool takes_value;
    struct text name = option_name(text, &takes_value);

    return words_offered(arena_copy(client->arena, name.bytes, name.size));
}

enum which { ANY, WITH_VALUE, WITH_FILE };

static void add_name(struct text_buffer *buffer, const char *text, enum which which)
{
    bool takes_value;
    struct text name = option_name(text, &takes_value);
    bool fits = which == WITH_FILE ? option_takes_file(text) : which == ANY || takes_value;

    if (fits)
        text_append_printf(buffer, "%s%.*s", buffer->size > 0 ? " " : "", TEXT_ARG(name));
}

/* The options of a command (NULL: of any), with those of all. */
static struct text options_of(struct client *client, const struct client_command *command,
                              enum which which)
{
    const struct client_option_text *option;
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (!command || command_takes(command, option->name))
            add_name(&buffer, option->text, which);
    for (size_t i = 0; command_global_option(i); i++)
        add_name(&buffer, command_global_option(i), which);
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
    printf("        '%.*s') list='%.*s' ;;\n", TEXT_ARG(group),
           TEXT_ARG(words_after(client, group)));
}

static void print_bash_value(struct client *client, const char *text)
{
    bool takes_value;
    struct text name = option_name(text, &takes_value);
    const char *words = option_words_offered(client, text);

    if (words)
        printf("        %.*s) list='%s' ;;\n", TEXT_ARG(name), words);
}

static void print_bash_values(struct client *client)
{
    const struct client_option_text *option;

    for (size_t i = 0; (option = command_option_text(i)); i++)
        print_bash_value(client, option->text);
    for (size_t i = 0; command_global_option(i); i++)
        print_bash_value(client, command_global_option(i));
}

static void print_bash_arguments(struct client *client)
{
    const struct client_command *command;

    print_bash_group(client, TEXT(""));
    each_group(client, print_bash_group);
    for (size_t i = 0; (command = command_at(i)); i++) {
        const char *words = words_offered(command->name);
        if (words)
            printf("        '%s') list='%s' ;;\n", command->name, words);
        if (is_file(text_from(command->arguments)))
            printf("        '%s' | '%s '*) file=1 ;;\n", command->name, command->name);
    }
}

static void print_bash(struct client *client)
{
    static const struct client_command no_command = {.options = ""};
    const struct client_command *command;

    puts("# Completion of sankofa, made by `sankofa completion`.\n"
         "_sankofa() {\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} typed= word= value= list= file= i");
    printf("    local values=' %.*s '\n", TEXT_ARG(options_of(client, NULL, WITH_VALUE)));
    printf("    local files=' %.*s '\n", TEXT_ARG(options_of(client, NULL, WITH_FILE)));
    puts("    COMPREPLY=()\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        word=${COMP_WORDS[i]}\n"
         "        if [[ $word == '=' ]]; then value=${value:-=}; continue; fi\n"
         "        if [[ -n $value ]]; then value=; continue; fi\n"
         "        case $word in\n"
         "        -*) [[ $values == *\" $word \"* ]] && value=$word ;;\n"
         "        *) typed=${typed:+$typed }$word ;;\n"
         "        esac\n"
         "    done\n"
         "    if [[ $cur == '=' ]]; then cur= value=${value:-=}; fi\n"
         "    if [[ -n $value ]]; then\n"
         "        case $value in");
    print_bash_values(client);
    puts("        *) [[ $files == *\" $value \"* ]] && file=1 ;;\n"
         "        esac\n"
         "    elif [[ $cur == -* ]]; then\n"
         "        case \"$typed \" in");
    for (size_t i = 0; (command = command_at(i)); i++)
        printf("        \"%s \"*) list='%.*s' ;;\n", command->name,
               TEXT_ARG(options_of(client, command, ANY)));
    printf("        *) list='%.*s' ;;\n", TEXT_ARG(options_of(client, &no_command, ANY)));
    puts("        esac\n"
         "    else\n"
         "        case $typed in");
    print_bash_arguments(client);
    puts("        esac\n"
         "    fi\n"
         "    if [[ -n $list ]]; then COMPREPLY=($(compgen -W \"$list\" -- \"$cur\")); return; fi\n"
         "    local IFS=$'\\n'\n"
         "    if [[ -n $file ]]; then COMPREPLY=($(compgen -f -- \"$cur\")); fi\n"
         "}\n"
         "complete -o filenames -F _sankofa sankofa");
}

/* zsh reads the file when it completes for the first time, and then it should. */
static void print_zsh(struct client *client)
{
    puts("#compdef sankofa\nautoload -U +X bashcompinit && bashcompinit");
    print_bash(client);
    puts("if (( ${+compstate} )); then _bash_complete -o filenames -F _sankofa; fi");
}

/* ---- fish. ---- */

/* In double quotes. */
static void print_fish_words(const char *words)
{
    putchar('"');
    for (; *words; words++) {
        if (strchr("\"\\$", *words))
            putchar('\\');
        putchar(*words);
    }
    putchar('"');
}

/* `condition`: empty, everywhere. */
static void print_fish_option(struct client *client, const char *condition, const char *text)
{
    bool takes_value;
    struct text name = option_name(text, &takes_value);
    bool is_long = name.size > 2;
    const char *words = option_words_offered(client, text);

    printf("complete -c sankofa%s %s %.*s", condition, is_long ? "-l" : "-s",
           (int)name.size - (is_long ? 2 : 1), name.bytes + (is_long ? 2 : 1));
    if (takes_value)
        fputs(option_takes_file(text) ? " -rF" : " -x", stdout);
    if (words)
        printf(" -a '%s'", words);
    fputs(" -d ", stdout);
    print_fish_words(option_words(_(text)));
    putchar('\n');
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
    (void)client;
    printf("complete -c sankofa -n \"__sankofa_at '%.*s'\" -a %.*s\n",
           TEXT_ARG(all_but_last(group)), TEXT_ARG(last_of(group)));
}

static void print_fish_command(struct client *client, const struct client_command *command)
{
    const struct client_option_text *option;
    struct text name = text_from(command->name);
    const char *within =
        text_printf(client->arena, " -n \"__sankofa_in '%s'\"", command->name).bytes;
    const char *words = words_offered(command->name);

    printf("complete -c sankofa -n \"__sankofa_at '%.*s'\" -a %.*s -d ",
           TEXT_ARG(all_but_last(name)), TEXT_ARG(last_of(name)));
    print_fish_words(_(command->summary));
    putchar('\n');
    if (words)
        printf("complete -c sankofa -n \"__sankofa_at '%s'\" -a '%s'\n", command->name, words);
    if (is_file(text_from(command->arguments)))
        printf("complete -c sankofa%s -F\n", within);
    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (command_takes(command, option->name))
            print_fish_option(client, within, option->text);
}

static void print_fish(struct client *client)
{
    const struct client_command *command;

    puts("# Completion of sankofa, made by `sankofa completion`.\n"
         "function __sankofa_typed\n"
         "    set -l typed\n"
         "    set -l value\n"
         "    for word in (commandline -opc)[2..-1]\n"
         "        if test -n \"$value\"\n"
         "            set value\n"
         "        else if string match -q -- '-*' $word");
    printf("            contains -- $word %.*s; and set value $word\n",
           TEXT_ARG(options_of(client, NULL, WITH_VALUE)));
    puts("        else\n"
         "            set -a typed $word\n"
         "        end\n"
         "    end\n"
         "    echo \"$typed\"\n"
         "end\n"
         "function __sankofa_at\n"
         "    test (__sankofa_typed) = \"$argv\"\n"
         "end\n"
         "function __sankofa_in\n"
         "    string match -q -- \"$argv *\" (__sankofa_typed)' '\n"
         "end\n"
         "complete -c sankofa -f");
    each_group(client, print_fish_group);
    for (size_t i = 0; command_global_option(i); i++)
        print_fish_option(client, "", command_global_option(i));
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
