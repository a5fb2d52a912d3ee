/* The help as a page for man, made of the table of commands. */
#include <stdio.h>
#include <string.h>

#include "client/client.h"

/* Text as roff shows it, each sign as it is typed: what is copied from the page must run. */
static void print_text(const char *text)
{
    static const char *const signs[] = {
        ['-'] = "\\-",   ['\\'] = "\\e",  ['\''] = "\\(aq",
        ['`'] = "\\(ga", ['^'] = "\\(ha", ['~'] = "\\(ti",
    };
    static const size_t count = sizeof(signs) / sizeof(signs[0]);

    if (*text == '.')
        fputs("\\&", stdout);
    for (; *text; text++) {
        const char *sign = (unsigned char)*text < count ? signs[(unsigned char)*text] : NULL;
        if (sign)
            fputs(sign, stdout);
        else
            putchar(*text);
    }
}

/* "--form FILE        fields ...": the option, then what it is for. */
static void print_option(const char *text)
{
    size_t size = strcspn(text, " ");

    if (text[size] == ' ' && text[size + 1] != ' ')
        size += 1 + strcspn(text + size + 1, " ");
    printf(".TP\n.B ");
    for (size_t i = 0; i < size; i++)
        fputs((char[]){text[i] == '-' ? '\\' : text[i], text[i] == '-' ? '-' : '\0', '\0'}, stdout);
    putchar('\n');
    print_text(text + size + strspn(text + size, " "));
    putchar('\n');
}

static void print_command(const struct client_command *command)
{
    const struct client_option_text *option;

    printf(".SS sankofa ");
    print_text(command->name);
    if (command->arguments[0])
        putchar(' ');
    print_text(command->arguments);
    putchar('\n');
    print_text(_(command->summary));
    puts(".");
    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (command_takes(command, option->name))
            print_option(_(option->text));
    printf(".PP\n%s\n.PP\n.nf\n.RS\n", _("For instance:"));
    print_text(command->example);
    puts("\n.RE\n.fi");
}

static void print_statuses(void)
{
    static const struct {
        int status;
        const char *words;
    } statuses[] = {
        {0, N_("done")},
        {1, N_("given up by whoever was asked, or the answer could not be written")},
        {2, N_("wrong use")},
        {3, N_("refused by a check of fields or of the workflow")},
        {4, N_("not permitted")},
        {5, N_("not found")},
        {6, N_("conflict: look, and repeat")},
        {7, N_("busy, sealed or full: repeat later")},
        {8, N_("an error inside")},
        {9, N_("a plugin failed")},
        {10, N_("there is no daemon")},
    };

    printf(".SH %s\n", _("EXIT STATUS"));
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        printf(".TP\n.B %d\n", statuses[i].status);
        print_text(_(statuses[i].words));
        putchar('\n');
    }
}

int manual(struct client *client)
{
    const struct client_command *command;

    (void)client;
    printf(".TH SANKOFA 1 \"\" \"sankofa %s\" \"Sankofa\"\n", SANKOFA_VERSION);
    printf(".SH %s\nsankofa \\- ", _("NAME"));
    print_text(_("cases about people, brought from one state to the next"));
    printf("\n.SH %s\n.B sankofa\n.I %s\n[\\fI%s\\fR] [\\fI%s\\fR]\n", _("SYNOPSIS"), _("COMMAND"),
           _("ARGUMENTS"), _("OPTIONS"));
    printf(".SH %s\n", _("DESCRIPTION"));
    print_text(_("The client of staff, administrators and plugin developers. It asks the daemon, "
                 "sankofad, over a local socket; what checks and tests files needs no daemon. Data "
                 "goes to the standard output, words to the standard error."));
    printf("\n.SH %s\n", _("OPTIONS OF EVERY COMMAND"));
    for (size_t i = 0; command_global_option(i); i++)
        print_option(_(command_global_option(i)));
    printf(".SH %s\n", _("COMMANDS"));
    for (size_t i = 0; (command = command_at(i)); i++)
        print_command(command);
    print_statuses();
    return CLIENT_DONE;
}
