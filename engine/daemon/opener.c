#include "daemon/opener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "daemon/init.h"
#include "system/system.h"
#include "vault/slots/shares.h"
#include "words/heard.h"

enum { SHARES_FILE_BYTES_MAX = 16 << 10 };

/* ---- A passphrase. ---- */

static int read_passphrase(const char *file, struct diag_list *diags,
                           struct vault_opener *opener_out)
{
    char *passphrase = arena_alloc(diags->arena, VAULT_PASSPHRASE_BYTES_MAX);
    size_t size = 0;
    int result = file ? system_read_passphrase(file, passphrase, VAULT_PASSPHRASE_BYTES_MAX, &size)
                      : system_ask_passphrase(_("The passphrase of the store: "), passphrase,
                                              VAULT_PASSPHRASE_BYTES_MAX, &size);

    *opener_out = (struct vault_opener){VAULT_PASSPHRASE, {passphrase, size}};
    return result == 0 ? 0
                       : diag_fail(diags, result, "E852",
                                   "run this at a terminal, or give --passphrase-file FILE or "
                                   "--shares FILE, or - for the standard input",
                                   "the passphrase cannot be read: %s", strerror(-result));
}

/* ---- Recovery shares. ---- */

/* As diagnostics are written: no capital, no stop. */
static struct text as_diag(struct arena *arena, struct text sentence)
{
    struct text text = text_copy(arena, (struct text){sentence.bytes, sentence.size - 1});

    ((char *)(uintptr_t)text.bytes)[0] = (char)(text.bytes[0] | 0x20);
    return text;
}

static int refuse_shares(struct diag_list *diags, int result, const struct shares_fault *fault)
{
    struct text hint, what = shares_explain(result, fault, diags->arena, &hint);

    return diag_fail(diags, result, "E852", as_diag(diags->arena, hint).bytes, "%.*s",
                     TEXT_ARG(as_diag(diags->arena, what)));
}

static int read_shares(const char *file, struct diag_list *diags, struct vault_opener *opener_out)
{
    char *bytes = arena_alloc(diags->arena, SHARES_FILE_BYTES_MAX);
    uint8_t *secret = arena_alloc(diags->arena, SHARES_SECRET_BYTES);
    struct text shares[SHARES_MADE];
    struct shares_fault fault;
    size_t size = 0;

    if (strcmp(file, "-") == 0 && isatty(STDIN_FILENO) == 1)
        fputs(_("Type the shares, an empty line between two of them; end with Ctrl-D.\n"), stderr);
    int result = system_read_passphrase(file, bytes, SHARES_FILE_BYTES_MAX, &size);
    if (result < 0)
        return diag_fail(diags, result, "E852",
                         "--shares names a file with them, or - for the standard input",
                         "the shares cannot be read: %s", strerror(-result));
    size_t count = shares_split((struct text){bytes, size}, shares);
    result = shares_combine(shares, count, secret, &fault);
    explicit_bzero(bytes, SHARES_FILE_BYTES_MAX);
    *opener_out =
        (struct vault_opener){VAULT_RECOVERY, {(const char *)secret, SHARES_SECRET_BYTES}};
    return result == 0 ? 0 : refuse_shares(diags, result, &fault);
}

int opener_offline(const struct config *config, const struct opener_given *given,
                   struct diag_list *diags, struct vault_opener *opener_out)
{
    if (given->shares_file)
        return read_shares(given->shares_file, diags, opener_out);
    if (!given->passphrase_file && (config->key_file || config->key_credential))
        return init_read_opener(config, config->key_file ? VAULT_KEY_FILE : VAULT_CREDENTIAL, diags,
                                opener_out);
    return read_passphrase(given->passphrase_file, diags, opener_out);
}
