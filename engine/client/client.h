/* The client's own: what its files share.
 *
 *   line/    the command line: options, the one table of commands (help, did-you-mean, completion
 *            and the manual are made of it)
 *
 *   talk/    with the daemon and with people: one request over the Unix socket, long work followed,
 *            tables and problems (data on stdout, words on stderr), -f by the types of a form
 *
 *   ask/     a person at the terminal, each line checked as it is typed
 *
 *   people/  what staff do: cases, events, answers, approvals, notes, the feed
 *
 *   admin/   the machine and the store: keys, backups, plugins of the daemon; checkpoints, proofs,
 *            witnesses
 *
 *   author/  workflow files without a daemon: check, test, show, draw, explain, diff
 *
 *   plugin/  the tools of plugin developers, without a daemon */
#ifndef SANKOFA_CLIENT_CLIENT_H
#define SANKOFA_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "base/value.h"
#include "wire/describe.h"
#include "words/heard.h"

struct arena;
struct vault_hasher;

/* Exit statuses, of interfaces.md. The others come from the table of problems. */
enum {
    CLIENT_DONE = 0,
    CLIENT_GIVEN_UP = 1, /* by whoever was asked: nothing was sent */
    CLIENT_WRONG_USE = 2,
    CLIENT_REFUSED = 3,
    CLIENT_NOT_PERMITTED = 4,
    CLIENT_NOT_FOUND = 5,
    CLIENT_CONFLICT = 6,
    CLIENT_BUSY = 7,
    CLIENT_INTERNAL = 8,
    CLIENT_NO_DAEMON = 10
};

struct client_field {
    struct text name, value;
};

/* NAME=VALUE of an option that may be given several times, in order. */
struct client_fields {
    struct client_field *items;
    size_t count;
};

struct client {
    struct arena *arena;  /* of the whole command */
    const char *socket;   /* NULL: by environment, else the usual place */
    const char *as;       /* demo stores; NULL: oneself */
    const char *language; /* of texts, a code of two or three letters, as far as they have it */
    const char *speaks;   /* of the client's own words: one that has a catalogue */
    bool json, quiet, no_color;
    /* Of single commands: */
    struct client_fields fields;           /* -f */
    struct client_fields answers, secrets; /* -a, --secret: a plugin that is run */
    const char *form;                      /* --form FILE */
    const char *reason;                    /* --reason */
    const char *config, *identity, *old;   /* of restore; `old` of checkpoint too */
    const char *outcome;                   /* --outcome */
    bool approve;                          /* --approve */
    bool certificate;                      /* --certificate */
    const char *comment, *key, *revision, *format, *plugins, *output;
    const char *state, *workflow, *limit, *cursor;
    const char *role, *pool, *after, *case_name;
    const char *body;                   /* -d */
    const char *against;                /* admin verify */
    const char *now;                    /* --now */
    const char *pdf;                    /* case print */
    const char *read, *write, *program; /* --read, ...: what a plugin that is run is granted */
    bool network, gdb;
    const char *passphrase_file, *shares, *label;
    const char *file;              /* name of the file that is sent; NULL: none */
    const char *name, *media_type; /* of a document that is attached */
    const char *recipient;         /* of an export */
    bool force;                    /* --force */
    bool watch, mine, overdue, open, closed, all, coverage, layers, lower, unlink, once;
    /* The workflow whose words are used (titles_about), and its definition once it is known. */
    struct text about;
    const char *case_code; /* of the case that the command names; NULL: none */
    const struct value *definition;
    bool is_asked;    /* for it, in vain or not */
    char **arguments; /* behind the command's words */
    int argument_count;
};

/* ---- line/commands.c ---- */
struct client_command {
    const char *name;               /* "case new" */
    const char *arguments;          /* "WORKFLOW" */
    int argument_min, argument_max; /* INT_MAX: any */
    const char *options; /* letters and names of those that it takes besides the global ones */
    const char *summary;
    const char *example;
    int (*run)(struct client *client);
};
/* What it prints, where that is a format of its own, so that it has no --json; NULL: its words. */
const char *command_prints(const struct client_command *command);
bool command_takes(const struct client_command *command, const char *option);
/* The commands by number, those that this version does not have too; NULL behind the last. */
const struct client_command *command_at(size_t index);
/* An option as the help shows it: `--form FILE        fields from ...`; the name as in
 * client_command.options. NULL behind the last. */
struct client_option_text {
    const char *name, *text;
};
const struct client_option_text *command_option_text(size_t index);
/* The same of those that every command takes. */
const char *command_global_option(size_t index);
void command_help(const struct client_command *command); /* NULL: all of them; on stdout */

/* ---- line/find.c ---- */
/* The command that the words begin with; *word_count_out of them. NULL: there is none. */
const struct client_command *command_named(char **words, int count, int *word_count_out);
/* The same; where there is none, words on stderr. */
const struct client_command *command_find(char **words, int count, int *word_count_out);

/* ---- line/options.c ---- */
struct client_words {
    char **words; /* that are no options, in order */
    int count;
    const char **given; /* options that belong to commands, as in client_command.options */
    size_t given_count;
    bool help;
};
/* Reads options wherever they stand. False: wrong use, told. */
bool options_read(struct client *client, int argc, char **argv, struct client_words *words_out);

/* ---- talk/http.c ---- */
struct client_answer {
    int status;
    struct value body; /* VALUE_NULL where it has none */
    struct text raw;
};
/* One request; `body` may be NULL; `type` its media type. Writes carry an Idempotency-Key and are
 * repeated with it while the daemon is away or busy, for a few seconds. 0; or CLIENT_NO_DAEMON,
 * told on stderr. `admin` asks the other socket. */
int http_ask(struct client *client, const char *method, bool is_admin, struct text path,
             const struct text *body, const char *type, struct client_answer *answer_out);
/* http_ask with a JSON body, and problems told: 0 and a good answer, or the exit status. */
int http_get(struct client *client, bool is_admin, struct text path, struct value *body_out);
int http_post(struct client *client, bool is_admin, struct text path, const struct value *body,
              struct value *body_out);
/* A segment of a path. */
int http_patch(struct client *client, struct text path, const struct value *body,
               struct value *body_out);
struct text http_escape(struct client *client, const char *segment);
/* What talk/transfer.c makes its own requests of. */
struct curl_slist;
const char *http_socket(const struct client *client, bool is_admin);
struct curl_slist *http_headers(struct client *client, bool is_write, const char *type);
struct text http_random_key(struct client *client);
/* Before the next attempt; false: it was the last. */
bool http_pause(int attempt);
/* Whether what curl said, or the status of an answer, is worth another attempt. */
bool http_is_worth_repeating(int curl_code, const struct client_answer *answer);

/* ---- talk/reach.c ---- */
/* Why there is no answer, told: CLIENT_NO_DAEMON. */
int http_explain(const char *socket, int curl_code);

/* ---- talk/feed.c ---- */
struct client_feed {
    void (*line)(void *self, struct text line);
    /* Called after each line, when `fd` can be read, and at least once a second; false: it is over.
     * NULL: it goes on until it ends. */
    bool (*tick)(void *self);
    int fd;          /* that is waited for, too; -1: none */
    bool is_patient; /* it is tried again: nothing is told of a daemon that is away or busy */
};
/* Reads a feed, line by line, until it ends or breaks: 0. No daemon, or a refusal: told. */
int http_follow(struct client *client, struct text path, const struct client_feed *feed,
                void *self);

/* ---- admin/audit.c ---- */
enum { AUDIT_FILE_BYTES_MAX = 16 << 20 };
/* A file that a command of ours has written. 0, or CLIENT_WRONG_USE, told. */
int audit_read_file(struct client *client, const char *path, struct text *text_out);

/* ---- admin/check.c ---- */
struct note_key;
/* The verifier key on the first line of a file. 0, or CLIENT_WRONG_USE, told. */
int check_read_key(struct client *client, const char *path, struct note_key *key_out);
/* CLIENT_REFUSED, told by two sentences that N_ marks. */
int check_refuse(const char *why, const char *what_to_do);

/* ---- talk/operation.c ---- */
/* Follows long work that a request has begun (its answer, 202) until it is over: a bar of progress
 * on a terminal's stderr, else a line now and then. 0 and its result, or the exit status of what
 * went wrong, told. */
int operation_follow(struct client *client, const struct value *begun, struct value *result_out);

/* ---- talk/words.c ---- */
/* complain, say and print take what contrib/words gathers, too, and translate it themselves. */
/* Settles the language by `client->language` (NULL: the environment), which is a code then, and
 * finds the catalogues. False: it is none, told. */
bool words_begin(struct client *client);
/* Words for what the daemon calls by a code. */
struct worded {
    const char *code, *words; /* by N_; NULL, NULL behind the last */
};
/* Those of a code, in that language; `otherwise`: of one that is not in the table. */
struct text words_for(const struct worded *all, struct text code, struct text otherwise);
/* In the quotation marks of that language. */
struct text quoted(struct client *client, struct text text);
/* A colon and a space, as that language sets them. */
const char *colon(const struct client *client);
/* What the daemon says, in that language; what is no sentence of its own stays as it is. */
struct text heard(struct client *client, struct text said);
/* The same of what is kept in a case: sentences that plugins have put there, and nobody's own. */
struct text heard_kept(struct client *client, struct text kept);

/* ---- talk/progress.c ---- */
struct client_progress {
    struct client *client;
    struct text kind;
    bool is_terminal, is_drawn;
    int64_t began_ms, line_ms, drawn_ms;
};
/* `kind` is a word: what is being done. */
struct client_progress progress_begin(struct client *client, struct text kind);
/* Bytes, or other units; eta_s below 0: nobody can say. */
void progress_show(struct client_progress *progress, int64_t done, int64_t total, int64_t eta_s);
/* By how long it took so far. */
int64_t progress_left_s(const struct client_progress *progress, int64_t done, int64_t total);
void progress_end(struct client_progress *progress);

/* ---- talk/transfer.c ---- */
/* Sends the open file of that size as the body of a POST, its name in client->file; while the
 * daemon is away or busy it is sent again, with its key. 0 and a good answer, or the exit status,
 * told. */
int transfer_send(struct client *client, struct text path, int fd, int64_t size, const char *type,
                  struct value *body_out);
/* A file that is to come: so many bytes, of that SHA-256 (hexadecimal). */
struct transfer_wanted {
    struct text path;
    int64_t size; /* below 0: nobody knows, and its bytes prove themselves */
    struct text sha256;
    struct vault_hasher *hasher; /* made before the first request: curl uses libcrypto, too */
};
/* Gets it into `fd`. The same. */
int transfer_get(struct client *client, const struct transfer_wanted *wanted, int fd);

/* ---- talk/save.c ---- */
/* Gets it into a file; one that is there is written over with --force alone. The same. */
int save_file(struct client *client, const char *path, const struct transfer_wanted *wanted);

/* ---- talk/print.c ---- */
/* printf, in the language asked for. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
/* Says a problem in two lines on stderr (and the whole of it on stdout with --json). Returns its
 * exit status. */
int print_problem(struct client *client, const struct client_answer *answer);
/* {NAME: text}, for print_json. */
struct value named_value(struct client *client, const char *name, const char *text);
/* True if --json: the value is printed and nothing else is to be. */
bool print_json(struct client *client, const struct value *value);
/* "2026-01-05 08:00" of an RFC 3339 text, by the clock on the wall here; what is none stays. */
struct text print_time(struct client *client, struct text timestamp);
/* A line of words on stderr, unless -q. */
__attribute__((format(printf, 2, 3))) void say(struct client *client, const char *format, ...);
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);
/* A value on one line; NULL, which an answer may lack, is empty. */
struct text print_value(struct client *client, const struct value *value);

/* ---- talk/look.c ---- */
enum look { LOOK_PLAIN, LOOK_STRONG, LOOK_ALARM, LOOK_DIM, LOOK_COUNT };
/* What makes a terminal show what follows so; empty where `file` is none that can, or colours are
 * not wanted (NO_COLOR, --no-color, TERM=dumb). */
const char *look(const struct client *client, FILE *file, enum look how);
/* Whether lines can be written over, as bars of progress are. */
bool look_can_redraw(FILE *file);
/* Columns of the terminal behind it (or COLUMNS); 0: there is none, lines may be as long as they
 * like. */
size_t look_columns(FILE *file);
/* Columns that a text takes: some letters take two, some none. */
size_t look_width(struct text text);
/* How much of it goes into so many columns; broken behind a space where there is one. Not 0 but of
 * an empty text. */
size_t look_fit(struct text text, size_t columns);
/* Writes a text, what moves a cursor as question marks. Where the terminal is narrower than a line
 * it goes on in the next, `indent` columns to the right; `column`: where the first one begins. */
void look_write(FILE *file, struct text text, size_t column, size_t indent);
/* A second column, beside what was written so far in this line (`written` columns): it begins at
 * `column`; in the next line where that is taken already; and where the terminal has no room for
 * two, in the next line at `below`. */
void look_beside(FILE *file, struct text text, size_t written, size_t column, size_t below);

/* ---- talk/table.c ---- */
/* Columns wide enough for their widest cell, cells row by row. Where the terminal is too narrow for
 * that, the widest ones give way, and their cells go on in the next line. */
void print_table(struct client *client, const char *const *heads, size_t column_count,
                 const struct text *cells, size_t row_count);

/* ---- talk/forms.c ---- */
/* The value that a typed text means for a field of a form, as people write it: yes and no in
 * whichever of the languages, 04/05/2012 (day first), 3,5, choices by their title too. What does
 * not fit stays a text. `field`: NULL: unknown; `type`: its own, or that of its items. */
struct value form_meant(struct client *client, const struct value *field, struct text type,
                        struct text text);
/* A boolean in whichever of the languages it is said; a text where it is neither yes nor no. */
struct value form_yes_or_no(struct text text);
/* The data of -f and --form, by the types of `form` (a list as the daemon gives it; NULL: texts).
 * 0, or CLIENT_WRONG_USE, told. */
int form_data(struct client *client, const struct value *form, struct value *data_out);

/* ---- plugin/plugin.c ---- */
/* The plugins of --plugins, else those beside the program; described when they are asked for, and
 * kept. *is_known_out: there is such a folder. 0, or CLIENT_WRONG_USE, told. */
int plugins_open(struct client *client, struct plugin_source *source_out, bool *is_known_out);
/* ---- plugin/plugin_hosts.c ---- */
/* Runs their steps, each plugin in a host that is started with its first call. */
struct workbench_hosts;
void plugins_hosts(const struct plugin_source *plugins, struct workbench_hosts *hosts_out);
/* Ends those hosts. */
void plugins_close(const struct plugin_source *plugins);

/* ---- the commands ---- */
int case_new(struct client *client);
int case_list(struct client *client);
int case_history(struct client *client);
int case_reads(struct client *client);
int case_show(struct client *client);
int case_explain_why(struct client *client);
int case_settle(struct client *client);
int case_print(struct client *client);
int work_do(struct client *client);
int work_answer(struct client *client);
int work_inbox(struct client *client);
int work_approve(struct client *client);
int work_reject(struct client *client);
int workflow_check_files(struct client *client);
int workflow_load_files(struct client *client);
int workflow_list(struct client *client);
int workflow_test(struct client *client);
int workflow_show(struct client *client);
int workflow_explain(struct client *client);
int workflow_diff(struct client *client);
int workflow_draw(struct client *client);
int workflow_schema(struct client *client);
int plugin_inspect(struct client *client);
int plugin_new(struct client *client);
int plugin_run(struct client *client);
int plugin_test(struct client *client);
int plugin_list(struct client *client);
int completion(struct client *client);
int manual(struct client *client);
int admin_status(struct client *client);
int admin_unlock(struct client *client);
int keys_list(struct client *client);
int keys_add_slot(struct client *client);
int keys_remove_slot(struct client *client);
int keys_rotate(struct client *client);
int admin_clock(struct client *client);
int case_erase(struct client *client);
int case_export(struct client *client);
int document_attach(struct client *client);
int document_list(struct client *client);
int document_fetch(struct client *client);
int admin_backup(struct client *client);
int admin_backup_key(struct client *client);
int admin_restore(struct client *client);
int audit_checkpoint(struct client *client);
int audit_quarantine(struct client *client);
int audit_key(struct client *client);
int audit_proof(struct client *client);
int audit_verify(struct client *client);
int audit_replay(struct client *client);
int witness_make(struct client *client);
int witness_cosign(struct client *client);
int check_file(struct client *client);

/* admin/plugins.c */
/* How the daemon, or a plugin, is, in words; what is no such word as it is. */
struct text state_words(struct text state);
/* "payment 1.0: ready" */
struct text plugin_line(struct client *client, const struct value *plugin, bool with_why);
int admin_plugins(struct client *client);
int admin_reload(struct client *client);
int api_call(struct client *client);
int work_watch(struct client *client);
int care_note(struct client *client);
int care_search(struct client *client);
int care_diagram(struct client *client);
int care_assign(struct client *client);
int care_flag(struct client *client);
int care_link(struct client *client);
int care_correct(struct client *client);
int care_break_glass(struct client *client);
int care_review(struct client *client);

#endif
