/* The one table of commands: help, usage and did-you-mean come out of it. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"

static const struct client_command commands[] = {
    {"inbox", "", 0, 0, "overdue watch limit",
     N_("what waits for you and what you are told, overdue first"), "sankofa inbox", work_inbox},
    {"show", "CASE", 1, 1, "", N_("a case: its states, data, and what can be done now"),
     "sankofa show SN-2026-00001-Y", case_show},
    {"do", "CASE [EVENT]", 1, 2, "f form comment key revision",
     N_("trigger an event of a case; without EVENT: what is possible"),
     "sankofa do SN-2026-00001-Y screen_risk -f risk_level=low -f exploiter_contact=no "
     "-f safe_tonight=yes",
     work_do},
    {"answer", "CASE STEP", 2, 2, "f form comment key revision",
     N_("answer a step that waits for a person"),
     "sankofa answer SN-2026-00001-Y authorization -f granted=yes -f authorization_number=D-31",
     work_answer},
    {"approve", "CASE [PROPOSAL]", 1, 2, "comment key revision",
     N_("agree to a submission that waits; without PROPOSAL: the only one"),
     "sankofa approve SN-2026-00001-Y", work_approve},
    {"reject", "CASE [PROPOSAL]", 1, 2, "reason key revision",
     N_("refuse a submission that waits, with the reason"),
     "sankofa reject SN-2026-00001-Y 2 --reason unsafe", work_reject},
    {"case new", "WORKFLOW", 1, 1, "f form comment key", N_("open a case"),
     "sankofa case new child-return --form opening.yaml", case_new},
    {"case list", "", 0, 0, "state workflow mine overdue closed open limit cursor all",
     N_("the cases you may see"), "sankofa case list --overdue", case_list},
    {"case history", "CASE", 1, 1, "limit cursor", N_("what happened to a case, oldest first"),
     "sankofa case history SN-2026-00001-Y", case_history},
    {"case reads", "CASE", 1, 1, "limit cursor", N_("who was shown data of a case, oldest first"),
     "sankofa case reads SN-2026-00001-Y", case_reads},
    {"case print", "CASE", 1, 1, "pdf", N_("a case on paper: what you may see of it, page by page"),
     "sankofa case print SN-2026-00001-Y --pdf case.pdf", case_print},
    {"case diagram", "CASE", 1, 1, "", N_("where a case is, as a picture on the standard output"),
     "sankofa case diagram SN-2026-00001-Y", care_diagram},
    {"search", "TEXT", 1, 1, "limit",
     N_("cases by a part of their code, or by names as they sound"), "sankofa search jallow",
     care_search},
    {"case assign", "CASE [PERSON]", 1, 2, "role pool comment key revision",
     N_("give a case to somebody, or back to the pool of a role"),
     "sankofa case assign SN-2026-00001-Y awa", care_assign},
    {"case correct", "CASE", 1, 1, "f form reason key revision",
     N_("correct what was entered; the old value stays in the history"),
     "sankofa case correct SN-2026-00001-Y -f nickname=Saliu --reason misheard", care_correct},
    {"case flag", "CASE FLAG", 2, 2, "lower comment key revision",
     N_("a word on a case that lists show"), "sankofa case flag SN-2026-00001-Y missing",
     care_flag},
    {"case link", "CASE OTHER [KIND]", 2, 3, "unlink comment key revision",
     N_("what another case is to this one: sibling, mother, child, ..."),
     "sankofa case link SN-2026-00002-W SN-2026-00001-Y mother", care_link},
    {"case break-glass", "CASE", 1, 1, "reason key",
     N_("see a case that is not yours for an hour; it is told and reviewed"),
     "sankofa case break-glass SN-2026-00001-Y --reason emergency", care_break_glass},
    {"case review", "CASE NUMBER", 2, 2, "comment key",
     N_("you have looked into why the glass was broken"), "sankofa case review SN-2026-00001-Y 1",
     care_review},
    {"note", "CASE [TEXT]", 1, 2, "key revision",
     N_("a note; without TEXT: from the standard input"), "sankofa note SN-2026-00001-Y reached",
     care_note},
    {"watch", "", 0, 0, "case after once", N_("what happens, as it happens"),
     "sankofa watch --after 0 --once", work_watch},
    {"case explain", "CASE", 1, 1, "", N_("why it waits: each way on, and each step"),
     "sankofa case explain SN-2026-00001-Y", case_explain_why},
    {"case settle", "CASE STEP", 2, 2, "outcome reason f form key revision",
     N_("say what became of a step that was lost or is quarantined"),
     "sankofa case settle SN-2026-00001-Y authorization --outcome failed --reason lost",
     case_settle},
    {"case attach", "CASE FILE", 2, 2, "name type key revision",
     N_("keep a file with a case: a scan, a letter, a picture"),
     "sankofa case attach SN-2026-00001-Y scan.pdf", document_attach},
    {"case documents", "CASE", 1, 1, "", N_("the files that are kept with a case"),
     "sankofa case documents SN-2026-00001-Y", document_list},
    {"case fetch", "CASE NUMBER [FILE]", 2, 3, "force",
     N_("a file that is kept with a case; without FILE: under its own name; -: on the output"),
     "sankofa case fetch SN-2026-00001-Y 1 scan.pdf", document_fetch},
    {"case erase", "CASE", 1, 1, "reason approve certificate key",
     N_("erase a case for good: one person asks with --reason, another approves"),
     "sankofa case erase SN-2026-00001-Y --approve", case_erase},
    {"case export", "CASE [FILE]", 1, 2, "reason recipient approve force key",
     N_("all of a case for the holder of one key: one asks, another approves; then FILE"),
     "sankofa case export SN-2026-00001-Y --approve", case_export},
    {"workflow check", "FILE...", 1, INT_MAX, "format plugins",
     N_("check workflow files, without a daemon"), "sankofa workflow check return.yaml",
     workflow_check_files},
    {"workflow test", "[FILE|DIR]...", 0, INT_MAX, "coverage format plugins",
     N_("run the tests of workflows, NAME.test.yaml beside NAME.yaml"),
     "sankofa workflow test workflows", workflow_test},
    {"workflow show", "FILE|ID", 1, 1, "layers format",
     N_("a definition as it runs, overlays merged"),
     "sankofa workflow show workflows/ecowas/guinea-bissau.yaml --layers", workflow_show},
    {"workflow diff", "BEFORE AFTER", 2, 2, "format",
     N_("what changed between two files, in words"), "sankofa workflow diff old.yaml new.yaml",
     workflow_diff},
    {"workflow draw", "FILE", 1, 1, "o format",
     N_("a workflow as a picture, on the standard output"),
     "sankofa workflow draw return.yaml -o svg --lang fr", workflow_draw},
    {"workflow schema", "", 0, 0, "", N_("what editors know of workflow files, a JSON Schema"),
     "sankofa workflow schema", workflow_schema},
    {"workflow explain", "FILE [STATE]", 1, 2, "format", N_("a workflow in words, state by state"),
     "sankofa workflow explain return.yaml identification --lang fr", workflow_explain},
    {"workflow load", "FILE...", 1, INT_MAX, "", N_("give workflow files to the daemon"),
     "sankofa workflow load return.yaml", workflow_load_files},
    {"workflow list", "", 0, 0, "", N_("the workflows that cases can be opened on"),
     "sankofa workflow list", workflow_list},
    {"plugin inspect", "FILE.so", 1, 1, "", N_("what a plugin offers, without a daemon"),
     "sankofa plugin inspect build/plugins/assessment.so", plugin_inspect},
    {"plugin run", "FILE.so STEP", 2, 2, "f input a secret now key read write program network gdb",
     N_("run one step or check in the foreground, on a clock of its own"),
     "sankofa plugin run build/plugins/reintegration.so schedule -f counted_from=2026-03-01",
     plugin_run},
    {"plugin test", "[FILE.so|DIR]", 0, 1, "f input secret read write program network",
     N_("hold a plugin against the contract: strange inputs, little memory, nobody who waits"),
     "sankofa plugin test build/plugins/reintegration.so", plugin_test},
    {"plugin list", "", 0, 0, "", N_("the plugins of the daemon"), "sankofa plugin list",
     plugin_list},
    {"plugin new", "NAME", 1, 1, "", N_("begin a plugin: a folder that builds and passes at once"),
     "sankofa plugin new visit_report", plugin_new},
    {"completion", "bash|zsh|fish", 1, 1, "", N_("what a shell needs to complete these commands"),
     "sankofa completion bash", completion},
    {"manual", "", 0, 0, "", N_("this help as a page for man"), "sankofa manual", manual},
    {"admin status", "", 0, 0, "", N_("how the daemon is"), "sankofa admin status", admin_status},
    {"admin backup", "FILE", 1, 1, "key",
     N_("a copy of the store in use, for the backup key alone"),
     "sankofa admin backup /media/stick/monday.backup", admin_backup},
    {"admin backup-key", "FILE", 1, 1, "",
     N_("make a backup key: FILE gets the private half, the public one is printed"),
     "sankofa admin backup-key office.identity", admin_backup_key},
    {"admin restore", "FILE", 1, 1, "config identity reason old passphrase-file shares",
     N_("make a store from a backup, the daemon being stopped"),
     "sankofa admin restore monday.backup --config sankofad.yaml --identity office.identity "
     "--reason fire",
     admin_restore},
    {"admin unlock", "", 0, 0, "passphrase-file shares",
     N_("open the sealed store, by a passphrase or recovery shares"), "sankofa admin unlock",
     admin_unlock},
    {"admin keys list", "", 0, 0, "", N_("what opens the store"), "sankofa admin keys list",
     keys_list},
    {"admin keys add-slot", "KIND [FILE]", 1, 2, "label passphrase-file",
     N_("one more: key-file FILE, passphrase, credential FILE, recovery"),
     "sankofa admin keys add-slot recovery --label heads", keys_add_slot},
    {"admin keys remove-slot", "SLOT", 1, 1, "", N_("what it is of opens the store no more"),
     "sankofa admin keys remove-slot 2", keys_remove_slot},
    {"admin keys rotate", "", 0, 0, "key",
     N_("new keys for everything, the old ones are destroyed"), "sankofa admin keys rotate",
     keys_rotate},
    {"admin clock", "SPAN", 1, 1, "", N_("move the clock of a demo store on"),
     "sankofa admin clock +31d", admin_clock},
    {"admin verify", "", 0, 0, "against", N_("check the tree, every checkpoint and every record"),
     "sankofa admin verify --against checkpoint.txt", audit_verify},
    {"admin quarantine", "", 0, 0, "",
     N_("cases that are put aside, since records of them are damaged"), "sankofa admin quarantine",
     audit_quarantine},
    {"admin replay", "", 0, 0, "", N_("run the journal through the core again"),
     "sankofa admin replay", audit_replay},
    {"admin checkpoint", "", 0, 0, "old all",
     N_("a signed statement of the journal as it is; with --old SIZE for a witness"),
     "sankofa admin checkpoint", audit_checkpoint},
    {"admin proof", "SEQ", 1, 1, "",
     N_("the proof that an entry is in the journal, with the entry, sealed"),
     "sankofa admin proof 42", audit_proof},
    {"admin key", "", 0, 0, "", N_("the public key of the store's checkpoints"),
     "sankofa admin key", audit_key},
    {"admin check", "FILE KEY...", 2, INT_MAX, "",
     N_("check a proof, a checkpoint or a certificate by the keys of who signed it, without a "
        "daemon"),
     "sankofa admin check 42.tlog-proof audit.pub", check_file},
    {"admin witness", "FOLDER NAME KEY", 3, 3, "",
     N_("begin to be a witness of the store that has this public key"),
     "sankofa admin witness stick bissau.example/audit audit.pub", witness_make},
    {"admin cosign", "FOLDER FILE", 2, 2, "",
     N_("as a witness: check that the journal only grew, and cosign its checkpoint"),
     "sankofa admin cosign stick request.txt", witness_cosign},
    {"admin plugins", "", 0, 0, "", N_("the plugins, what they may do, and how they fare"),
     "sankofa admin plugins", admin_plugins},
    {"admin reload", "", 0, 0, "", N_("have the configuration read anew; plugins are replaced"),
     "sankofa admin reload", admin_reload},
    {"api", "METHOD PATH", 2, 2, "d key revision", N_("one request as it is, answered as JSON"),
     "sankofa api GET /v1/status", api_call},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

const char *command_prints(const struct client_command *command)
{
    static const struct {
        const char *name, *prints;
    } formats[] = {
        {"completion", N_("a script for a shell")},
        {"manual", N_("a page for man")},
        {"workflow draw", N_("a picture")},
        {"case diagram", N_("a picture")},
        {"admin restore", N_("what sankofad says, which does it")},
    };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i].name, command->name) == 0)
            return _(formats[i].prints);
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
        {"f", N_("-f FIELD=VALUE     a field of the form; FIELD= empties it; twice makes a list")},
        {"form", N_("--form FILE        fields from a YAML or JSON file")},
        {"pdf", N_("--pdf FILE         a PDF, in a new file that nobody else may read")},
        {"input", N_("--input FILE       the inputs, as a YAML or JSON file")},
        {"a", N_("-a NAME=VALUE      what a person answers, where the step parks for it")},
        {"secret", N_("--secret NAME=FILE what the administrator gives the plugin under a name")},
        {"read", N_("--read PATH        a file or folder that it may read")},
        {"write", N_("--write PATH       one that it may write")},
        {"program", N_("--program PATH     a program that it may start")},
        {"network", N_("--network          it may use the network")},
        {"gdb", N_("--gdb              stop before each call, and attach gdb")},
        {"now", N_("--now TIME         when it begins (left out: now)")},
        {"comment", N_("--comment TEXT     kept with the entry")},
        {"approve", N_("--approve          carry out what somebody else asked for")},
        {"certificate", N_("--certificate      the signed certificate of a case that was erased")},
        {"reason", N_("--reason TEXT      why; it stands in the history")},
        {"config",
         N_("--config FILE      the daemon's configuration: it says where the store shall be")},
        {"against",
         N_("--against FILE     a checkpoint that somebody kept, which must be of this store")},
        {"identity", N_("--identity FILE    the private half of the backup key")},
        {"old",
         N_("--old WHAT         restore: the store as it was, a folder; checkpoint: the size "
            "seen last")},
        {"outcome",
         N_("--outcome WORD     done: it happened; failed: it is given up; again: run it")},
        {"key", N_("--key KEY          the Idempotency-Key; made up where it is left out")},
        {"revision", N_("--revision N       only if the case is still at this revision")},
        {"state", N_("--state ID         only cases in this state")},
        {"workflow", N_("--workflow ID      only cases of this workflow")},
        {"mine", N_("--mine             only yours: assigned to you, or opened and nobody's")},
        {"role", N_("--role ROLE        for which role; needed where the person holds several")},
        {"pool", N_("--pool ROLE        back to all who hold it")},
        {"lower", N_("--lower            take the flag away")},
        {"unlink", N_("--unlink           take the link away")},
        {"case", N_("--case CASE        only of this case")},
        {"after", N_("--after SEQ        from behind this event on (left out: from now on)")},
        {"once", N_("--once             end at what has happened so far")},
        {"overdue", N_("--overdue          only cases past a deadline")},
        {"watch", N_("--watch            drawn anew whenever something happens")},
        {"open", N_("--open             only cases that are not closed")},
        {"closed", N_("--closed           only cases that are closed")},
        {"limit", N_("--limit N          at most so many lines")},
        {"cursor", N_("--cursor TEXT      go on behind the page before")},
        {"all", N_("--all              every page")},
        {"format", N_("--format NAME      caret for people, gcc for editors, json for programs")},
        {"o", N_("-o KIND            svg for a browser (left out: this), dot for graphviz")},
        {"layers", N_("--layers           before each line the file and line that set it")},
        {"coverage",
         N_("--coverage         which states, transitions, guards and deadlines were met")},
        {"plugins", N_("--plugins DIR      where plugins are (left out: those of this program)")},
        {"d", N_("-d JSON            the body")},
        {"name", N_("--name NAME        how it is to be called (left out: as the file)")},
        {"type", N_("--type TYPE        what it is, as image/png (left out: by its name)")},
        {"recipient", N_("--recipient KEY    whom it is encrypted for: age1...")},
        {"force", N_("--force            write over a file that is there")},
        {"label", N_("--label TEXT       tells slots apart that are alike, at most 40 bytes")},
        {"passphrase-file",
         N_("--passphrase-file FILE  not from the terminal; - for the standard input")},
        {"shares",
         N_("--shares FILE      recovery shares, an empty line between two; - for the input")},
    };

    return index < sizeof(texts) / sizeof(texts[0]) ? &texts[index] : NULL;
}

enum { OPTION_WORDS = 21, SUMMARY_WORDS = 44 }; /* the columns that they begin in */

/* The option, what it takes, and behind at least two spaces or in its column what it is for. */
static void print_option(const char *text)
{
    const char *words = _(text), *gap = strstr(words, "  ");
    size_t size = gap ? (size_t)(gap - words) : strcspn(words, " ");

    if (!gap && words[size])
        size += 1 + strcspn(words + size + 1, " ");
    printf("  %.*s", (int)size, words);
    words += size + strspn(words + size, " ");
    look_beside(stdout, text_from(words), 2 + size, OPTION_WORDS, 6);
    putchar('\n');
}

static void print_options(const struct client_command *command)
{
    const struct client_option_text *option;

    for (size_t i = 0; (option = command_option_text(i)); i++)
        if (command_takes(command, option->name))
            print_option(option->text);
}

const char *command_global_option(size_t index)
{
    static const char *const texts[] = {
        N_("--socket PATH      the daemon's socket"),
        N_("--json             answers for programs"),
        N_("-q                 no words, only data"),
        N_("--no-color         no colours (NO_COLOR does the same)"),
        N_("--lang CODE        the language: en, fr or pt (left out: that of LANG)"),
        N_("--as NAME          act as somebody else, in demo stores"),
    };

    return index < sizeof(texts) / sizeof(texts[0]) ? texts[index] : NULL;
}

static void print_global_options(void)
{
    for (size_t i = 0; command_global_option(i); i++)
        print_option(command_global_option(i));
}

void command_help(const struct client_command *command)
{
    if (command) {
        printf("sankofa %s%s%s\n\n", command->name, command->arguments[0] ? " " : "",
               command->arguments);
        look_write(stdout, text_from(_(command->summary)), 0, 0);
        fputs("\n\n", stdout);
        print_options(command);
        print_global_options();
        print("\nExample: %s\n", command->example);
        return;
    }
    print("sankofa COMMAND [ARGUMENTS] [OPTIONS]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        int size = printf("  %-22s %s", commands[i].name, commands[i].arguments);
        look_beside(stdout, text_from(_(commands[i].summary)), (size_t)size, SUMMARY_WORDS, 6);
        putchar('\n');
    }
    print("\nEverywhere:\n");
    print_global_options();
    print("\n`sankofa COMMAND --help` tells more.\n");
}
