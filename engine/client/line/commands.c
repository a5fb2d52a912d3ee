/* The one table of commands: help, usage and did-you-mean come out of it. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/client.h"

#define NOT_YET(name, arguments, summary)                                                          \
    {                                                                                              \
        name, arguments, 0, INT_MAX, "", summary, NULL, NULL                                       \
    }

static const struct client_command commands[] = {
    {"inbox", "", 0, 0, "overdue limit", "what waits for you and what you are told, overdue first",
     "sankofa inbox", work_inbox},
    {"show", "CASE", 1, 1, "", "a case: its states, data, and what can be done now",
     "sankofa show SN-2026-00001-A", case_show},
    {"do", "CASE [EVENT]", 1, 2, "f form comment key revision",
     "trigger an event of a case; without EVENT: what is possible",
     "sankofa do SN-2026-00001-A register -f child_name=Awa", work_do},
    {"answer", "CASE STEP", 2, 2, "f form comment key revision",
     "answer a step that waits for a person",
     "sankofa answer SN-2026-00001-A laissez_passer -f granted=true", work_answer},
    {"approve", "CASE [PROPOSAL]", 1, 2, "comment key revision",
     "agree to a submission that waits; without PROPOSAL: the only one",
     "sankofa approve SN-2026-00001-A", work_approve},
    {"reject", "CASE [PROPOSAL]", 1, 2, "reason key revision",
     "refuse a submission that waits, with the reason",
     "sankofa reject SN-2026-00001-A 2 --reason unsafe", work_reject},
    {"case new", "WORKFLOW", 1, 1, "f form comment key", "open a case",
     "sankofa case new child-return -f found_place=Dakar", case_new},
    {"case list", "", 0, 0, "state workflow mine overdue closed open limit cursor all",
     "the cases you may see", "sankofa case list --overdue", case_list},
    {"case history", "CASE", 1, 1, "limit cursor", "what happened to a case, oldest first",
     "sankofa case history SN-2026-00001-A", case_history},
    {"case diagram", "CASE", 1, 1, "", "where a case is, as a picture on the standard output",
     "sankofa case diagram SN-2026-00001-A", care_diagram},
    {"search", "TEXT", 1, 1, "limit", "cases by a part of their code, or by names as they sound",
     "sankofa search jallow", care_search},
    {"case assign", "CASE [PERSON]", 1, 2, "role pool comment key revision",
     "give a case to somebody, or back to the pool of a role",
     "sankofa case assign SN-2026-00001-A moussa", care_assign},
    {"case correct", "CASE", 1, 1, "f form reason key revision",
     "correct what was entered; the old value stays in the history",
     "sankofa case correct SN-2026-00001-A -f child_name=Awa --reason misheard", care_correct},
    {"case flag", "CASE FLAG", 2, 2, "lower comment key revision",
     "a word on a case that lists show", "sankofa case flag SN-2026-00001-A missing", care_flag},
    {"case link", "CASE OTHER [KIND]", 2, 3, "unlink comment key revision",
     "what another case is to this one: sibling, mother, child, ...",
     "sankofa case link SN-2026-00002-M SN-2026-00001-A mother", care_link},
    {"case break-glass", "CASE", 1, 1, "reason key",
     "see a case that is not yours for an hour; it is told and reviewed",
     "sankofa case break-glass SN-2026-00001-A --reason emergency", care_break_glass},
    {"case review", "CASE NUMBER", 2, 2, "comment key",
     "you have looked into why the glass was broken", "sankofa case review SN-2026-00001-A 1",
     care_review},
    {"note", "CASE [TEXT]", 1, 2, "key revision", "a note; without TEXT: from the standard input",
     "sankofa note SN-2026-00001-A reached", care_note},
    {"watch", "", 0, 0, "case after once", "what happens, as it happens",
     "sankofa watch --after 0 --once", work_watch},
    {"case explain", "CASE", 1, 1, "", "why it waits: each way on, and each step",
     "sankofa case explain SN-2026-00001-A", case_explain_why},
    {"case settle", "CASE STEP", 2, 2, "outcome reason f form key revision",
     "say what became of a step that was lost or is quarantined",
     "sankofa case settle SN-2026-00001-A laissez_passer --outcome done -f number=LP-7 "
     "--reason registered",
     case_settle},
    {"case erase", "CASE", 1, 1, "reason approve key",
     "erase a case for good: one person asks with --reason, another approves",
     "sankofa case erase SN-2026-00001-A --approve", case_erase},
    {"workflow check", "FILE...", 1, INT_MAX, "format plugins",
     "check workflow files, without a daemon", "sankofa workflow check return.yaml",
     workflow_check_files},
    {"workflow test", "[PATH]...", 0, INT_MAX, "coverage format plugins",
     "run the tests of workflows, NAME.test.yaml beside NAME.yaml",
     "sankofa workflow test workflows", workflow_test},
    {"workflow show", "FILE|ID", 1, 1, "layers format", "a definition as it runs, overlays merged",
     "sankofa workflow show guinea-bissau.yaml --layers", workflow_show},
    {"workflow diff", "BEFORE AFTER", 2, 2, "format", "what changed between two files, in words",
     "sankofa workflow diff old.yaml new.yaml", workflow_diff},
    {"workflow draw", "FILE", 1, 1, "o format", "a workflow as a picture, on the standard output",
     "sankofa workflow draw return.yaml -o svg --lang fr", workflow_draw},
    {"workflow schema", "", 0, 0, "", "what editors know of workflow files, a JSON Schema",
     "sankofa workflow schema", workflow_schema},
    {"workflow explain", "FILE [STATE]", 1, 2, "format", "a workflow in words, state by state",
     "sankofa workflow explain return.yaml decision --lang fr", workflow_explain},
    {"workflow load", "FILE...", 1, INT_MAX, "", "give workflow files to the daemon",
     "sankofa workflow load return.yaml", workflow_load_files},
    {"workflow list", "", 0, 0, "", "the workflows that cases can be opened on",
     "sankofa workflow list", workflow_list},
    {"plugin inspect", "FILE.so", 1, 1, "", "what a plugin offers, without a daemon",
     "sankofa plugin inspect build/plugins/assessment.so", plugin_inspect},
    {"plugin run", "FILE.so STEP", 2, 2, "f input a secret now key read write program network gdb",
     "run one step or check in the foreground, on a clock of its own",
     "sankofa plugin run build/plugins/reintegration.so schedule -f counted_from=2026-03-01",
     plugin_run},
    {"plugin test", "[FILE.so|DIR]", 0, 1, "f input secret read write program network",
     "hold a plugin against the contract: strange inputs, little memory, nobody who waits",
     "sankofa plugin test build/plugins/reintegration.so", plugin_test},
    {"plugin list", "", 0, 0, "", "the plugins of the daemon", "sankofa plugin list", plugin_list},
    {"plugin new", "NAME", 1, 1, "", "begin a plugin: a folder that builds and passes at once",
     "sankofa plugin new visit_report", plugin_new},
    {"completion", "bash|zsh|fish", 1, 1, "", "what a shell needs to complete these commands",
     "sankofa completion bash", completion},
    {"manual", "", 0, 0, "", "this help as a page for man", "sankofa manual", manual},
    {"admin status", "", 0, 0, "", "how the daemon is", "sankofa admin status", admin_status},
    {"admin backup", "FILE", 1, 1, "key", "a copy of the store in use, for the backup key alone",
     "sankofa admin backup /media/stick/monday.backup", admin_backup},
    {"admin backup-key", "FILE", 1, 1, "",
     "make a backup key: FILE gets the private half, the public one is printed",
     "sankofa admin backup-key office.identity", admin_backup_key},
    {"admin restore", "FILE", 1, 1, "config identity reason old",
     "make a store from a backup, the daemon being stopped",
     "sankofa admin restore monday.backup --config sankofad.yaml --identity office.identity "
     "--reason fire",
     admin_restore},
    {"admin unlock", "", 0, 0, "passphrase-file shares",
     "open the sealed store, by a passphrase or recovery shares", "sankofa admin unlock",
     admin_unlock},
    {"admin keys list", "", 0, 0, "", "what opens the store", "sankofa admin keys list", keys_list},
    {"admin keys add-slot", "KIND [FILE]", 1, 2, "label passphrase-file",
     "one more: key-file FILE, passphrase, credential FILE, recovery",
     "sankofa admin keys add-slot recovery --label heads", keys_add_slot},
    {"admin keys remove-slot", "SLOT", 1, 1, "", "what it is of opens the store no more",
     "sankofa admin keys remove-slot 2", keys_remove_slot},
    {"admin keys rotate", "", 0, 0, "key", "new keys for everything, the old ones are destroyed",
     "sankofa admin keys rotate", keys_rotate},
    {"admin clock", "SPAN", 1, 1, "", "move the clock of a demo store on",
     "sankofa admin clock +31d", admin_clock},
    {"admin verify", "", 0, 0, "against", "check the tree, every checkpoint and every record",
     "sankofa admin verify --against checkpoint.txt", audit_verify},
    {"admin checkpoint", "", 0, 0, "old all",
     "a signed statement of the journal as it is; with --old SIZE for a witness",
     "sankofa admin checkpoint", audit_checkpoint},
    {"admin proof", "SEQ", 1, 1, "",
     "the proof that an entry is in the journal, with the entry, sealed", "sankofa admin proof 42",
     audit_proof},
    {"admin key", "", 0, 0, "", "the public key of the store's checkpoints", "sankofa admin key",
     audit_key},
    {"admin check", "FILE KEY...", 2, INT_MAX, "",
     "check a proof or a checkpoint by the keys of who signed it, without a daemon",
     "sankofa admin check 42.tlog-proof audit.pub", witness_check},
    {"admin witness", "FOLDER NAME KEY", 3, 3, "",
     "begin to be a witness of the store that has this public key",
     "sankofa admin witness stick bissau.example/audit audit.pub", witness_make},
    {"admin cosign", "FOLDER FILE", 2, 2, "",
     "as a witness: check that the journal only grew, and cosign its checkpoint",
     "sankofa admin cosign stick request.txt", witness_cosign},
    {"admin plugins", "", 0, 0, "", "the plugins, what they may do, and how they fare",
     "sankofa admin plugins", admin_plugins},
    {"admin reload", "", 0, 0, "", "have the configuration read anew; plugins are replaced",
     "sankofa admin reload", admin_reload},
    {"api", "METHOD PATH", 2, 2, "d key revision", "one request as it is, answered as JSON",
     "sankofa api GET /v1/status", api_call},
    NOT_YET("case export", "CASE", "a person's own record"),
    NOT_YET("case attach", "CASE FILE", "attach a document"),
    NOT_YET("admin replay", "", "run the journal through the core again"),
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static int word_count(const char *name)
{
    int count = 1;

    for (const char *at = name; *at; at++)
        count += *at == ' ';
    return count;
}

/* "list" and "history" are short for "case list" and "case history". */
static const char *const short_names[] = {"list", "history"};

static bool fits(const char *name, char **words, int count)
{
    if (count < word_count(name))
        return false;
    for (int i = 0; *name; i++) {
        size_t size = strcspn(name, " ");
        if (strlen(words[i]) != size || strncmp(words[i], name, size) != 0)
            return false;
        name += size + (name[size] == ' ');
    }
    return true;
}

/* "case" alone: what it goes on with. False: no command begins like this. */
static bool list_group(const char *word)
{
    size_t size = strlen(word), count = 0;

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *name = commands[i].name;
        if (!commands[i].run || strncmp(name, word, size) != 0 || name[size] != ' ')
            continue;
        if (count++ == 0)
            complain("`sankofa %s` goes on with another word:", word);
        complain("  sankofa %-22s %s", name, commands[i].summary);
    }
    return count > 0;
}

static void suggest(char **words, int count)
{
    ARENA_SCOPED struct arena *arena = arena_create("suggestion");
    struct text names[COMMAND_COUNT];
    struct text two = count > 1 ? text_printf(arena, "%s %s", words[0], words[1]) : TEXT_NONE;

    if (count == 1 && list_group(words[0]))
        return;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = text_from(commands[i].name);
    struct text nearest = text_nearest(two, names, COMMAND_COUNT);
    if (text_is_empty(nearest))
        nearest = text_nearest(text_from(words[0]), names, COMMAND_COUNT);
    complain("There is no command \"%s\".", text_is_empty(two) ? words[0] : two.bytes);
    if (text_is_empty(nearest))
        complain("`sankofa --help` lists them.");
    else
        complain("Did you mean `sankofa %.*s`?", TEXT_ARG(nearest));
}

const struct client_command *command_find(char **words, int count, int *word_count_out)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (!fits(commands[i].name, words, count))
            continue;
        *word_count_out = word_count(commands[i].name);
        return &commands[i];
    }
    for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++)
        if (strcmp(words[0], short_names[i]) == 0) {
            char *both[] = {"case", words[0]};
            const struct client_command *command = command_find(both, 2, word_count_out);
            *word_count_out = 1;
            return command;
        }
    suggest(words, count);
    return NULL;
}

const struct client_command *command_at(size_t index)
{
    return index < COMMAND_COUNT ? &commands[index] : NULL;
}

bool command_takes(const struct client_command *command, const char *option)
{
    size_t size = strlen(option);

    for (const char *at = command->options; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == size && strncmp(at, option, size) == 0)
            return true;
    return false;
}

const struct client_option_text *command_option_text(size_t index)
{
    static const struct client_option_text texts[] = {
        {"f", "-f FIELD=VALUE     a field of the form; FIELD= empties it; twice makes a list"},
        {"form", "--form FILE        fields from a YAML or JSON file"},
        {"input", "--input FILE       the inputs, as a YAML or JSON file"},
        {"a", "-a NAME=VALUE      what a person answers, where the step parks for it"},
        {"secret", "--secret NAME=FILE what the administrator gives the plugin under a name"},
        {"read", "--read PATH        a file or folder that it may read"},
        {"write", "--write PATH       one that it may write"},
        {"program", "--program PATH     a program that it may start"},
        {"network", "--network          it may use the network"},
        {"gdb", "--gdb              stop before each call, and attach gdb"},
        {"now", "--now TIME         when it begins (left out: now)"},
        {"comment", "--comment TEXT     kept with the entry"},
        {"approve", "--approve          carry out what somebody else asked for"},
        {"reason", "--reason TEXT      why; it stands in the history"},
        {"config",
         "--config FILE      the daemon's configuration: it says where the store shall be"},
        {"against",
         "--against FILE     a checkpoint that somebody kept, which must be of this store"},
        {"identity", "--identity FILE    the private half of the backup key"},
        {"old", "--old WHAT         restore: the store as it was, a folder; checkpoint: the size "
                "seen last"},
        {"outcome", "--outcome WORD     done: it happened; failed: it is given up; again: run it"},
        {"key", "--key KEY          the Idempotency-Key; made up where it is left out"},
        {"revision", "--revision N       only if the case is still at this revision"},
        {"state", "--state ID         only cases in this state"},
        {"workflow", "--workflow ID      only cases of this workflow"},
        {"mine", "--mine             only yours: assigned to you, or opened and nobody's"},
        {"role", "--role ROLE        for which role; needed where the person holds several"},
        {"pool", "--pool ROLE        back to all who hold it"},
        {"lower", "--lower            take the flag away"},
        {"unlink", "--unlink           take the link away"},
        {"case", "--case CASE        only of this case"},
        {"after", "--after SEQ        from behind this event on (left out: from now on)"},
        {"once", "--once             end at what has happened so far"},
        {"overdue", "--overdue          only cases past a deadline"},
        {"open", "--open             only cases that are not closed"},
        {"closed", "--closed           only cases that are closed"},
        {"limit", "--limit N          at most so many lines"},
        {"cursor", "--cursor TEXT      go on behind the page before"},
        {"all", "--all              every page"},
        {"format", "--format NAME      caret for people, gcc for editors, json for programs"},
        {"o", "-o KIND            svg for a browser (left out: this), dot for graphviz"},
        {"layers", "--layers           before each line the file and line that set it"},
        {"coverage", "--coverage         which states, transitions, guards and deadlines were met"},
        {"plugins", "--plugins DIR      where plugins are (left out: beside this program)"},
        {"d", "-d JSON            the body"},
        {"label", "--label TEXT       tells slots apart that are alike, at most 40 bytes"},
        {"passphrase-file",
         "--passphrase-file FILE  not from the terminal; - for the standard input"},
        {"shares",
         "--shares FILE      recovery shares, an empty line between two; - for the input"},
    };

    return index < sizeof(texts) / sizeof(texts[0]) ? &texts[index] : NULL;
}

static void print_options(const struct client_command *command)
{
    const struct client_option_text *option;

    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (command_takes(command, option->name))
            printf("  %s\n", option->text);
}

const char *command_global_option(size_t index)
{
    static const char *const texts[] = {
        "--socket PATH      the daemon's socket",
        "--json             answers for programs",
        "-q                 no words, only data",
        "--no-color         no colours (NO_COLOR does the same)",
        "--lang CODE        the language of workflows' texts: en, fr, pt",
        "--as NAME          act as somebody else, in demo stores",
    };

    return index < sizeof(texts) / sizeof(texts[0]) ? texts[index] : NULL;
}

static void print_global_options(void)
{
    for (size_t i = 0; command_global_option(i); i++)
        printf("  %s\n", command_global_option(i));
}

void command_help(const struct client_command *command)
{
    if (command) {
        printf("sankofa %s %s\n\n%s\n", command->name, command->arguments, command->summary);
        if (!command->run) {
            puts("\nThis is part of the design; this version does not have it yet.");
            return;
        }
        puts("");
        print_options(command);
        print_global_options();
        printf("\nExample: %s\n", command->example);
        return;
    }
    puts("sankofa COMMAND [ARGUMENTS] [OPTIONS]\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].run)
            printf("  %-22s %-18s %s\n", commands[i].name, commands[i].arguments,
                   commands[i].summary);
    puts("\nEverywhere:");
    print_global_options();
    puts("\n`sankofa COMMAND --help` tells more.");
}
