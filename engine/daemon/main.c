/* sankofad: the daemon. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/init.h"
#include "daemon/last_word.h"
#include "daemon/restore.h"
#include "daemon/unlock.h"
#include "daemon/verify.h"
#include "steps/image.h"
#include "store/walk/walk.h"
#include "system/system.h"
#include "vault/age/age.h"
#include "words/heard.h"
#include "words/tongue.h"

enum { EXIT_WRONG_USE = 2, SPARE_DESCRIPTORS = 1024 };

static const char usage[] =
    "sankofad --config FILE [--init [--demo] | --check-config | --verify [--against FILE] |\n"
    "                        --restore BACKUP ...] [--passphrase-file FILE | --shares FILE]\n"
    "\n"
    "Runs the workflows of the store that FILE names, until SIGTERM. SIGHUP has FILE read anew.\n"
    "\n"
    "  --config FILE    the configuration (sankofad.yaml)\n"
    "  --init           make the key file, if there is none, and the store; then end. Where FILE\n"
    "                   names no key, a passphrase is asked for\n"
    "  --passphrase-file FILE\n"
    "                   with --init, --verify and --restore: open the store with the passphrase\n"
    "                   in FILE (- for the standard input), not with a key file\n"
    "  --shares FILE    with --verify and --restore: the same with three recovery shares, an\n"
    "                   empty line between two of them\n"
    "  --demo           with --init: a demo store, marked as one for ever, whose clock can be\n"
    "                   moved and whose owner may act as anybody\n"
    "  --check-config   check FILE and end\n"
    "  --restore BACKUP --identity FILE --reason TEXT [--old FOLDER]\n"
    "                   make the store from a backup, and end; FILE holds the private half of the\n"
    "                   backup key, FOLDER is the store as it was before, if there is one\n"
    "  --verify         check every record of the store, its tree and its checkpoints; then end\n"
    "  --against FILE   with --verify: a checkpoint that somebody kept must be of this store\n"
    "  --version        tell the version and end\n";

struct options {
    const char *config;
    struct opener_given opener;
    struct restore_options restore; /* `file` NULL: not asked for */
    bool init, demo, check, verify;
    const char *against;
    bool walk; /* this process is the one apart that looks at a data file (store/walk) */
};

/* One thing to do, and what belongs to it. */
static bool fit_together(const struct options *options)
{
    const struct restore_options *restore = &options->restore;
    bool has_restore = restore->identity || restore->reason || restore->old;
    const struct opener_given *opener = &options->opener;
    int verbs = options->init + options->check + options->verify + (restore->file != NULL);

    return verbs <= 1 && (options->init || !options->demo) &&
           ((verbs == 1 && !options->check) || !opener->passphrase_file) &&
           (options->verify || restore->file || !opener->shares_file) &&
           (!opener->passphrase_file || !opener->shares_file) &&
           (options->verify || !options->against) && (restore->file || !has_restore);
}

/* 0, or an exit status plus one. */
static int read_options(int argc, char **argv, struct options *options_out)
{
    static const struct option table[] = {
        {"config", required_argument, NULL, 'c'},
        {"init", no_argument, NULL, 'i'},
        {"demo", no_argument, NULL, 'd'},
        {"check-config", no_argument, NULL, 'k'},
        {"passphrase-file", required_argument, NULL, 'p'},
        {"shares", required_argument, NULL, 's'},
        {"restore", required_argument, NULL, 'r'},
        {"identity", required_argument, NULL, 'e'},
        {"reason", required_argument, NULL, 'y'},
        {"old", required_argument, NULL, 'o'},
        {"verify", no_argument, NULL, 'V'},
        {"against", required_argument, NULL, 'a'},
        {"walk", no_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        switch (option) {
        case 'c':
            options_out->config = optarg;
            break;
        case 'i':
            options_out->init = true;
            break;
        case 'd':
            options_out->demo = true;
            break;
        case 'p':
            options_out->opener.passphrase_file = optarg;
            break;
        case 's':
            options_out->opener.shares_file = optarg;
            break;
        case 'k':
            options_out->check = true;
            break;
        case 'r':
            options_out->restore.file = optarg;
            break;
        case 'e':
            options_out->restore.identity = optarg;
            break;
        case 'y':
            options_out->restore.reason = optarg;
            break;
        case 'o':
            options_out->restore.old = optarg;
            break;
        case 'w':
            options_out->walk = true;
            return 0;
        case 'V':
            options_out->verify = true;
            break;
        case 'a':
            options_out->against = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS + 1;
        case 'v':
            puts(SANKOFA_VERSION);
            return EXIT_SUCCESS + 1;
        default:
            fputs(usage, stderr);
            return EXIT_WRONG_USE + 1;
        }
    }
    if (options_out->config && optind == argc && fit_together(options_out))
        return 0;
    fputs(usage, stderr);
    return EXIT_WRONG_USE + 1;
}

/* What was not printed yet. */
static void print(const struct diag_list *diags, struct text source)
{
    static size_t printed;

    for (; printed < diags->count; printed++) {
        struct tongue_aside aside = tongue_begin();
        struct diag diag = heard_diag(diags->arena, &diags->items[printed]);
        struct text text =
            diag_write_caret(diags->arena, &diag, diag.place.line ? source : TEXT_NONE);
        fprintf(stderr, "%.*s\n", TEXT_ARG(text));
        tongue_end(&aside);
    }
}

/* Better now than when a backup is wanted. */
static void check_recipients(const struct config *config, struct diag_list *diags)
{
    struct port_files files = system_files();
    struct place place = {.file = text_from(config->backup_recipients)};
    struct age_keys keys;
    struct text lines;
    size_t line;

    if (!config->backup_recipients)
        return;
    int result =
        files.read(files.self, diags->arena, config->backup_recipients, AGE_FILE_BYTES_MAX, &lines);
    if (result < 0)
        diag_add(diags, DIAG_ERROR, "E850", place, "the recipients of backups cannot be read: %s",
                 strerror(-result));
    else if (!age_read_recipients(lines, &keys, &line))
        diag_help(diags,
                  diag_add(diags, DIAG_ERROR, "E850", place,
                           "line %zu is no recipient of backups (0: there is none at all, or more "
                           "than 16)",
                           line),
                  "a recipient is one line, age1 and 58 characters");
}

/* What the daemon would find out at its start, without a store. */
static int check(const struct config *config, struct diag_list *diags)
{
    people_read(config->people, PEOPLE_OF_EITHER, diags);
    check_recipients(config, diags);
    for (size_t i = 0; i < config->plugin_count; i++) {
        const struct steps_plugin *plugin = &config->plugins[i];
        struct image image;
        struct text why;
        if (image_open(plugin->file, plugin->sha256, diags->arena, &image, &why) == 0)
            image_close(&image);
        else
            diag_add(diags, DIAG_ERROR, "E847", (struct place){0}, "plugin \"%s\": %.*s",
                     plugin->name, TEXT_ARG(why));
    }
    return diags->error_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int init(const struct config *config, const struct options *options, struct diag_list *diags)
{
    enum vault_opener_kind kind;

    if (init_store(config, options->opener.passphrase_file, options->demo, diags, &kind) != 0)
        return EXIT_FAILURE;
    printf(_("The store is made: %s%s\n"), config->store, options->demo ? _(" (a demo)") : "");
    if (kind == VAULT_KEY_FILE)
        printf(_("Its key: %s. Keep a copy in another place: without it nothing can be read.\n"),
               config->key_file);
    else
        printf(_("Its %s opens it: without it nothing can be read. `sankofa admin keys add-slot "
                 "recovery` makes shares for the day when it is lost.\n"),
               gettext(vault_opener_name(kind)));
    return EXIT_SUCCESS;
}

/* Both sockets may be full at once, and hosts and the store need some, too. */
static bool raise_descriptors(const struct config *config, struct diag_list *diags)
{
    rlim_t needed = 2 * (rlim_t)config->limits.connection_count_max + SPARE_DESCRIPTORS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return true;
    limit.rlim_cur = needed;
    if (needed <= limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return true;
    struct diag *diag =
        diag_add(diags, DIAG_ERROR, "E849", (struct place){0},
                 "the connections of both sockets need %llu open files; the limit is %llu",
                 (unsigned long long)needed, (unsigned long long)limit.rlim_max);
    diag_help(diags, diag, "raise LimitNOFILE of the service, or lower limits.connections");
    return false;
}

/* A file that may not grow ends the daemon in the middle of its work. */
static bool may_grow(const struct config *config, struct diag_list *diags)
{
    uint64_t needed = config->map_bytes ? config->map_bytes : store_map_bytes;
    struct rlimit limit;

    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= needed)
        return true;
    struct diag *diag = diag_add(diags, DIAG_ERROR, "E851", (struct place){0},
                                 "the store may grow to %llu bytes; the limit of a file is %llu",
                                 (unsigned long long)needed, (unsigned long long)limit.rlim_cur);
    diag_help(diags, diag, "raise LimitFSIZE of the service (ulimit -f), or lower map_bytes");
    return false;
}

static int verify(const struct config *config, const struct options *given, struct diag_list *diags)
{
    struct store_options options = {.path = config->store,
                                    .map_bytes = config->map_bytes,
                                    .walker = "/proc/self/exe",
                                    .random = system_random()};
    struct store *store;

    if (opener_offline(config, &given->opener, diags, &options.opener) != 0)
        return EXIT_FAILURE;
    int result = store_open(&options, diags, &store);
    explicit_bzero((char *)(uintptr_t)options.opener.secret.bytes, options.opener.secret.size);
    if (result != 0)
        return EXIT_FAILURE;
    int status = verify_store(store, given->against, diags);
    store_close(store);
    return status;
}

static int serve(const char *config_path, const struct config *config, struct text source,
                 struct diag_list *diags)
{
    struct store *store = NULL;

    if (!raise_descriptors(config, diags) || !may_grow(config, diags))
        return EXIT_FAILURE;
    int result = unlock_at_start(config, diags, &store);
    if (result != 0 && result != -ENOKEY)
        return EXIT_FAILURE;
    const struct people *people = people_read(config->people, daemon_people_of(store), diags);
    print(diags, source); /* warnings are read now, not when it ends */
    int status = people ? daemon_run(config_path, config, &store, people, diags) : EXIT_FAILURE;
    store_close(store);
    return status;
}

/* Neither a core dump nor another process of this user shall read the keys out of this one. */
static void harden(void)
{
    struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    umask(077);
    last_word_install();
}

/* A daemon speaks English to its clients and its log; what is run at a terminal, to whoever ran it.
 */
static bool is_serving(const struct options *options)
{
    return !options->restore.file && !options->check && !options->init && !options->verify;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int result = read_options(argc, argv, &options);

    if (result != 0)
        return result - 1;
    if (options.walk)
        return walk_serve();
    harden();
    ARENA_SCOPED struct arena *boot = arena_create("boot");
    struct tongue tongue;
    tongue_settle(boot, NULL, &tongue);
    if (!is_serving(&options))
        tongue_speak();
    struct port_files files = system_files();
    struct diag_list diags;
    struct text source;

    diag_list_init(&diags, boot);
    const struct config *config = config_read(&files, options.config, &diags, &source);
    int status = EXIT_FAILURE;
    options.restore.opener = options.opener;
    if (config && options.restore.file)
        status = restore_store(config, &options.restore, &diags) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    else if (config)
        status = options.check    ? check(config, &diags)
                 : options.init   ? init(config, &options, &diags)
                 : options.verify ? verify(config, &options, &diags)
                                  : serve(options.config, config, source, &diags);
    print(&diags, source);
    return status;
}
