/* sankofad --verify. */
#include "daemon/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "run/wheel.h"
#include "store/tree/note.h"
#include "store/verify.h"
#include "system/system.h"
#include "words/heard.h"

enum { RECORDS_AT_ONCE = 4096 };

static void show_progress(const struct store_verified *verified)
{
    if (isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "\rverify: %llu of %llu", (unsigned long long)verified->done,
                (unsigned long long)verified->total);
}

static int print(const struct store_verified *verified)
{
    for (size_t i = 0; i < verified->finding_count; i++) {
        const struct store_finding *finding = &verified->findings[i];

        if (finding->seq != 0)
            printf("%s %llu %s\n", finding->table, (unsigned long long)finding->seq, finding->what);
        else
            printf("%s %.*s %s\n", finding->table, TEXT_ARG(finding->key), finding->what);
    }
    printf(_("%llu entries, %llu checkpoints, %llu other records: %llu not whole\n"),
           (unsigned long long)verified->entry_count,
           (unsigned long long)verified->checkpoint_count,
           (unsigned long long)verified->record_count,
           (unsigned long long)verified->finding_count_all);
    return verified->finding_count_all == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int complain(struct diag_list *diags, const char *path, const char *why)
{
    return diag_fail(diags, -EINVAL, "E838",
                     "give a file that `sankofa admin checkpoint` of this store has printed",
                     "the checkpoint %s cannot be used: %s", path, why);
}

static int take_against(struct store_verify *verify, const char *path, struct diag_list *diags)
{
    struct port_files files = system_files();
    struct text note;
    int result = files.read(files.self, diags->arena, path, NOTE_BYTES_MAX, &note);

    if (result < 0)
        return complain(diags, path, strerror(-result));
    result = store_verify_against(verify, note);
    return result < 0 ? complain(diags, path, N_("it is not signed by this store")) : 0;
}

static int run(struct store_verify *verify, struct diag_list *diags)
{
    struct store_verified verified;
    int result;

    do {
        result = store_verify_piece(verify, RECORDS_AT_ONCE);
        verified = store_verify_result(verify);
        show_progress(&verified);
    } while (result > 0);
    if (isatty(STDERR_FILENO) == 1)
        fputs("\r\033[K", stderr);
    if (result == 0)
        return print(&verified);
    diag_add(diags, DIAG_ERROR, "E839", (struct place){0},
             "the store cannot be read to its end: %s", strerror(-result));
    return EXIT_FAILURE;
}

int verify_store(struct store *store, const char *against, struct diag_list *diags)
{
    struct store_verify *verify = store_verify_create(store);
    int status = EXIT_FAILURE;

    store_verify_entries(verify, wheel_look_at_entry, store);
    if (!against || take_against(verify, against, diags) == 0)
        status = run(verify, diags);
    store_verify_destroy(verify);
    return status;
}
