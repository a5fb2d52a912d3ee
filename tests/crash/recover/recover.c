/* Opens stores as the daemon does, with its own recovery, and tells all that they hold: for tests
 * that know what they must hold. A process of its own per store, so that one that kills it costs no
 * more than that.
 *
 *   on standard input, a line for each folder:    WORD FOLDER
 *     look    tell everything
 *     go-on   and work on: a definition, a case, transitions, a document; stop, open again, tell
 *             everything
 *     attach  the same, with a document of two chunks
 *   on standard output, for each of them, lines of one fact each; the last one is
 *     end STATUS, or end signal NUMBER
 *
 * FOLDER holds `store` and `key`. Where there is no store, one is made with --init's own function:
 * what a power cut has left must not be in its way. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "daemon/init.h"
#include "documents.h"
#include "run/internal.h"
#include "store/audit.h"
#include "store/verify.h"
#include "system/system.h"
#include "vault/vault.h"

enum { SECONDS_MAX = 30, FRAMES_MAX = 64, ROUNDS_MAX = 64, STATUS_REFUSED = 3, STATUS_DAMAGED = 4 };

/* Of the documents that are attached here: one in a page of the tree, one beside it. */
enum { DOCUMENT_BYTES = 1500, LONG_DOCUMENT_BYTES = STORE_CHUNK_BYTES + 1500 };

/* Sizes of values in a page have 32 bits. */
#define VALUE_BYTES_MAX ((uint64_t)1 << 32)

static const char definition[] = "workflow: afterwards\n"
                                 "title: Afterwards\n"
                                 "roles: {clerk: {title: Clerk}}\n"
                                 "fields:\n"
                                 "  count: {type: integer, initial: 0}\n"
                                 "states:\n"
                                 "  counting:\n"
                                 "    on: {count: {by: [clerk], do: [set: {count: = data.count + "
                                 "1}]}}\n";

struct world {
    struct arena *arena;
    const char *folder;
    struct config config;
    struct diag_list diags;
    struct store *store;
    struct wheel *wheel;
    const struct store_batch *batch; /* that the wheel wants written */
    struct text code;                /* of the case opened here */
    uint64_t upload;                 /* of the document that is attached to it */
    bool is_damaged, is_answered;
};

static void tell_diags(struct world *world, const char *what, int result)
{
    printf("%s %d", what, result);
    for (size_t i = 0; i < world->diags.count; i++)
        printf(" %s %.*s;", world->diags.items[i].code, TEXT_ARG(world->diags.items[i].message));
    putchar('\n');
}

static void tell_log(void *self, enum log_level level, const char *line)
{
    (void)self;
    if (level >= LOG_WARNING)
        printf("log %s\n", line);
}

static void tell_id(const struct vault_case_id *id)
{
    for (size_t i = 0; i < sizeof(id->bytes); i++)
        printf("%02x", id->bytes[i]);
}

/* ---- What the store holds. ---- */

static bool tell_entry(void *self, const struct store_read_entry *entry)
{
    (void)self;
    printf("entry %" PRIu64 " ", entry->seq);
    tell_id(&entry->id);
    if (entry->is_erased)
        puts(" erased");
    else
        printf(" %.*s\n", TEXT_ARG(entry->body));
    return true;
}

/* Goes on behind a damaged one. */
static void tell_journal(struct world *world)
{
    uint64_t last = store_last_seq(world->store), seq = 1, bad = 0;

    printf("journal %" PRIu64 " %" PRIu64 "\n", last, store_horizon(world->store));
    while (seq <= last) {
        int count = store_read(world->store, seq, INT32_MAX, tell_entry, NULL, &bad);

        if (count < 0) {
            printf("bad entry %" PRIu64 " %d\n", bad, count);
            world->is_damaged = true;
        }
        seq = count < 0 ? bad + 1 : last + 1;
    }
}

static bool tell_card(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    struct world *world = self;

    if (text_is_empty(body)) {
        printf("bad card ");
        world->is_damaged = true;
    } else {
        printf("card %" PRIu64 " ", seq);
    }
    tell_id(id);
    printf(" %.*s\n", TEXT_ARG(body));
    return true;
}

static bool tell_workflow(void *self, const struct store_workflow *workflow)
{
    struct world *world = self;
    uint8_t hash[VAULT_HASH_BYTES];

    vault_hash(workflow->rendered.bytes, workflow->rendered.size, hash);
    if (memcmp(hash, workflow->hash, sizeof(hash)) == 0) {
        printf("workflow %" PRIu64 "\n", workflow->seq);
        return true;
    }
    printf("bad workflow %" PRIu64 "\n", workflow->seq);
    world->is_damaged = true;
    return true;
}

static void tell_meta(struct world *world, const char *name)
{
    struct text body;
    int result = store_read_meta(world->store, world->arena, name, &body);

    if (result == 0)
        printf("meta %s %.*s\n", name, TEXT_ARG(body));
    else if (result != -ENOENT)
        printf("bad meta %s %d\n", name, result);
    world->is_damaged |= result < 0 && result != -ENOENT;
}

static void tell_table(struct world *world, const char *what, int result)
{
    if (result == 0)
        return;
    printf("bad %s %d\n", what, result);
    world->is_damaged = true;
}

static void tell_store(struct world *world)
{
    tell_journal(world);
    tell_table(world, "cards", store_each_card(world->store, tell_card, world));
    tell_table(world, "workflows", store_each_workflow(world->store, tell_workflow, world));
    tell_meta(world, "serials");
    tell_meta(world, "clock");
    tell_meta(world, "erased");
    printf("epoch %" PRIu32 "\n", store_rotation(world->store).epoch);
    tell_table(world, "documents", documents_tell_left(world->store) ? 0 : -EBADMSG);
}

/* ---- What the daemon makes of it. ---- */

static void tell_case(struct world *world, const struct card *card)
{
    int error = 0;
    const struct run_case *one = event_case(world->wheel, &card->id, &error);
    struct value line = roster_line(card, 0, world->arena);

    if (!one) {
        printf("bad case ");
        tell_id(&card->id);
        printf(" %d\n", error);
        world->is_damaged = true;
        return;
    }
    printf("case ");
    tell_id(&card->id);
    printf(" %" PRIu64 " %" PRIu64 " %.*s\n", one->state.revision, one->state.last,
           TEXT_ARG(json_write(world->arena, &one->state.doc)));
    printf("line ");
    tell_id(&card->id);
    printf(" %.*s\n", TEXT_ARG(json_write(world->arena, &line)));
    world->is_damaged |= !documents_tell(world->wheel, one);
}

static void tell_cases(struct world *world)
{
    struct roster *roster = &world->wheel->roster;

    for (size_t i = 0; i < roster->count; i++)
        tell_case(world, roster->cards[i]);
    printf("now %" PRId64 "\n", wheel_now_ms(world->wheel));
}

/* ---- Ports that know nobody. ---- */

static void begin_batch(void *self, const struct store_batch *batch)
{
    ((struct world *)self)->batch = batch;
}

static void begin_call(void *self, const struct run_call *call)
{
    (void)self, (void)call;
}

static void cancel_call(void *self, uint64_t number)
{
    (void)self, (void)number;
}

static void arm(void *self, int64_t wall_ms)
{
    (void)self, (void)wall_ms;
}

static const struct plugin_description *find_plugin(void *self, struct text name,
                                                    struct text *why_out)
{
    (void)self, (void)name;
    *why_out = TEXT("none is configured");
    return NULL;
}

/* ---- Its life. ---- */

static int open_store(struct world *world)
{
    struct store_options options = {.path = world->config.store, .random = system_random()};
    int result;

    options.map_bytes = world->config.map_bytes;
    diag_list_init(&world->diags, world->arena);
    result = init_read_key(&world->config, &world->diags, &options.opener.secret);
    if (result == 0)
        result = store_open(&options, &world->diags, &world->store);
    tell_diags(world, "open", result);
    return result;
}

static bool find_person(void *self, struct text id, struct arena *arena,
                        struct case_person *person_out)
{
    (void)self;
    (void)id;
    (void)arena;
    (void)person_out;
    return false; /* the load assigns nothing */
}

static int open_wheel(struct world *world)
{
    struct wheel_options options = {.store = world->store,
                                    .ports = {.clock = system_clock(),
                                              .random = system_random(),
                                              .writer = {world, begin_batch},
                                              .hosts = {world, begin_call, cancel_call},
                                              .alarm = {world, arm},
                                              .people = {world, find_person}},
                                    .plugins = {world, find_plugin},
                                    .zones = system_zones(world->arena)};
    int result = wheel_create(&options, &world->diags, &world->wheel);

    tell_diags(world, "wheel", result);
    return result;
}

static void close_all(struct world *world)
{
    wheel_destroy(world->wheel);
    store_close(world->store);
    world->wheel = NULL;
    world->store = NULL;
}

/* The tree over the entries, its checkpoints, every record. */
static void tell_verified(struct world *world)
{
    struct store_verify *verify = store_verify_create(world->store);
    int result;

    do
        result = store_verify_piece(verify, 4096);
    while (result > 0);
    struct store_verified verified = store_verify_result(verify);
    for (size_t i = 0; i < verified.finding_count; i++)
        printf("bad %s %llu %s\n", verified.findings[i].table,
               (unsigned long long)verified.findings[i].seq, verified.findings[i].what);
    world->is_damaged |=
        result < 0 || verified.finding_count_all > 0 || store_history_differs(world->store);
    store_verify_destroy(verify);
}

static int look(struct world *world)
{
    int result = open_store(world);

    if (result == 0)
        tell_store(world);
    if (result == 0)
        result = open_wheel(world);
    if (result == 0)
        tell_cases(world);
    if (result == 0)
        tell_verified(world);
    return result;
}

/* ---- Working on. ---- */

static void settle(struct world *world)
{
    for (int i = 0; i < ROUNDS_MAX; i++) {
        wheel_turn(world->wheel);
        if (!world->batch)
            return;
        int result = store_commit(world->store, world->batch);
        if (result < 0) {
            printf("bad commit %d\n", result);
            exit(STATUS_DAMAGED);
        }
        world->batch = NULL;
        wheel_committed(world->wheel);
    }
}

static void answered(void *self, const struct run_reply *reply)
{
    struct world *world = self;

    world->is_answered = true;
    printf("answer %d\n", reply->status);
    if (reply->problem) {
        printf("bad answer %.*s\n", TEXT_ARG(reply->problem->detail));
        world->is_damaged = true;
        return;
    }
    struct text code = value_text_at(&reply->body, "code");
    if (!text_is_empty(code))
        world->code = text_copy(world->arena, code);
    world->upload = (uint64_t)value_int_at(&reply->body, "upload", 0);
}

/* `request` without what all have. */
static void post(struct world *world, struct run_request request)
{
    static const struct text roles[] = {{"clerk", 5}, {"administrator", 13}};
    static const struct case_person person = {
        .id = {"awa", 3}, .person = {"awa", 3}, .roles = roles, .role_count = 2};

    request.person = &person;
    request.case_name = world->code;
    request.reply = answered;
    request.self = world;
    world->is_answered = false;
    wheel_post(world->wheel, &request);
    settle(world);
    if (!world->is_answered) {
        printf("bad answer none\n");
        world->is_damaged = true;
    }
}

static void ask(struct world *world, enum run_kind kind, const char *name)
{
    post(world, (struct run_request){.kind = kind,
                                     .name = text_from(name),
                                     .data = value_map(world->arena),
                                     .source = text_from(definition),
                                     .file = TEXT("afterwards.yaml")});
}

static void attach(struct world *world, size_t size)
{
    struct text bytes = documents_content(world->arena, size);
    struct value data = value_map(world->arena);

    value_put(&data, "name", value_cstring("a letter"));
    value_put(&data, "type", value_cstring("text/plain"));
    value_put(&data, "sha256", value_string(documents_hash(world->arena, bytes)));
    post(world, (struct run_request){.kind = RUN_CHUNK, .source = bytes, .is_last = true});
    post(world, (struct run_request){.kind = RUN_ATTACH, .upload = world->upload, .data = data});
}

static int go_on(struct world *world, size_t document_bytes)
{
    puts("going-on");
    ask(world, RUN_LOAD_WORKFLOW, "");
    ask(world, RUN_OPEN_CASE, "afterwards");
    for (int i = 0; i < 10 && !world->is_damaged; i++)
        ask(world, RUN_TRANSITION, "count");
    if (!world->is_damaged)
        attach(world, document_bytes);
    close_all(world);
    return look(world);
}

static int make_store(struct world *world)
{
    enum vault_opener_kind kind;
    int result;

    puts("no-store");
    result = init_store(&world->config, NULL, false, &world->diags, &kind);
    tell_diags(world, "init", result);
    return result;
}

static int run(const char *folder, const char *word)
{
    struct world world = {.arena = arena_create("world"), .folder = folder};
    struct stat status;
    int result = 0;

    world.config.store = text_printf(world.arena, "%s/store", folder).bytes;
    world.config.key_file = text_printf(world.arena, "%s/key", folder).bytes;
    world.config.map_bytes = 64 << 20;
    diag_list_init(&world.diags, world.arena);
    if (lstat(world.config.store, &status) < 0)
        result = make_store(&world);
    if (result == 0)
        result = look(&world);
    if (result == 0 && strcmp(word, "look") != 0)
        result = go_on(&world, strcmp(word, "attach") == 0 ? LONG_DOCUMENT_BYTES : DOCUMENT_BYTES);
    if (result < 0)
        return STATUS_REFUSED;
    close_all(&world);
    arena_destroy(world.arena);
    return world.is_damaged ? STATUS_DAMAGED : 0;
}

/* ---- One process for each. ---- */

/* Whether an address is in the map of the store's data, or behind it where a size has led there. */
static bool is_in_data(uintptr_t address)
{
    char line[4096];
    bool is_in = false;
    FILE *maps = fopen("/proc/self/maps", "re");

    while (maps && fgets(line, sizeof(line), maps)) {
        uintptr_t first = strtoul(line, NULL, 16);

        if (strstr(line, "/data.mdb") && address >= first &&
            address - first < (uintptr_t)VALUE_BYTES_MAX)
            is_in = true;
    }
    if (maps)
        fclose(maps);
    return is_in;
}

/* Whether it is LMDB that was led astray, or whoever used what it gave. */
static void tell_crash(int number, siginfo_t *info, void *context)
{
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);
    bool is_lmdb = (number == SIGSEGV || number == SIGBUS) && is_in_data((uintptr_t)info->si_addr);
    Dl_info place;

    (void)context;
    for (int i = 0; i < count; i++)
        is_lmdb |= dladdr(frames[i], &place) && strstr(place.dli_fname, "liblmdb");
    dprintf(STDOUT_FILENO, "\ncrash %s\n", is_lmdb ? "of LMDB" : "elsewhere");
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_crashes(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    static uint8_t room[1 << 16];
    struct sigaction action = {.sa_sigaction = tell_crash,
                               .sa_flags = SA_ONSTACK | SA_NODEFER | SA_SIGINFO};

    sigaltstack(&(stack_t){.ss_sp = room, .ss_size = sizeof(room)}, NULL);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}

static void begin_child(void)
{
    static char room[1 << 16];

    setvbuf(stdout, room, _IOFBF, sizeof(room));
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(SECONDS_MAX);
    log_set_sink(tell_log, NULL);
    watch_crashes();
}

static void serve(const char *folder, const char *word)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        begin_child();
        exit(run(folder, word));
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("recover");
        exit(1);
    }
    if (WIFSIGNALED(status))
        printf("\nend signal %d\n", WTERMSIG(status));
    else
        printf("\nend %d\n", WEXITSTATUS(status));
    fflush(stdout);
}

/* What each of the children would load and make ready for itself. */
static void warm_up(void)
{
    void *frames[1];

    backtrace(frames, 1);
    if (vault_self_test() != 0)
        exit(1);
}

int main(void)
{
    char line[4096];

    umask(077);
    warm_up();
    while (fgets(line, sizeof(line), stdin)) {
        char *folder = strchr(line, ' ');

        line[strcspn(line, "\n")] = '\0';
        if (!folder)
            return 1;
        *folder++ = '\0';
        serve(folder, line);
    }
    return 0;
}
