#include "daemon/opener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "daemon/init.h"
#include "system/system.h"
#include "vault/slots/shares.h"

enum { SHARES_FILE_BYTES_MAX = 16 << 10 };

__attribute__((format(printf, 4, 5))) static int complain(struct diag_list *diags, int result,
                                                          const char *help, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct text message = text_vprintf(diags->arena, format, arguments);
    va_end(arguments);
    diag_help(diags,
              diag_add(diags, DIAG_ERROR, "E852", (struct place){0}, "%.*s", TEXT_ARG(message)),
              "%s", help);
    return result;
}

/* ---- A passphrase. ---- */

static int read_passphrase(const char *file, struct diag_list *diags,
                           struct vault_opener *opener_out)
{
    char *passphrase = arena_alloc(diags->arena, VAULT_PASSPHRASE_BYTES_MAX);
    size_t size = 0;
    int result = file ? system_read_passphrase(file, passphrase, VAULT_PASSPHRASE_BYTES_MAX, &size)
                      : system_ask_passphrase("The passphrase of the store: ", passphrase,
                                              VAULT_PASSPHRASE_BYTES_MAX, &size);

    *opener_out = (struct vault_opener){VAULT_PASSPHRASE, {passphrase, size}};
    return result == 0 ? 0
                       : complain(diags, result,
                                  "run this at a terminal, or give --passphrase-file FILE or "
                                  "--shares FILE, or - for the standard input",
                                  "the passphrase cannot be read: %s", strerror(-result));
}

/* ---- Recovery shares. ---- */

static int refuse_shares(struct diag_list *diags, int result, const struct shares_fault *fault)
{
    size_t number = fault->share + 1;

    switch (result) {
    case -EINVAL:
        return fault->line > 0
                   ? complain(diags, result, "compare it with the paper, and try again",
                              "share %zu is mistyped in line %u", number, fault->line)
                   : complain(diags, result,
                              "a share is four lines of four groups of four characters; an empty "
                              "line stands between two shares",
                              "share %zu is too short or too long", number);
    case -EEXIST:
        return complain(diags, result, "take shares of three different people",
                        "share %zu is the same as one before it", number);
    case -EXDEV:
        return complain(diags, result,
                        "shares that were made together belong together; use those of one day",
                        "share %zu belongs to another set than the first", number);
    case -ENODATA:
        return complain(diags, result, "ask another holder for theirs",
                        "%zu shares are needed to open the store", fault->needed);
    case -EPROTONOSUPPORT:
        return complain(diags, result, "use the version of Sankofa that made it",
                        "share %zu is of a newer version", number);
    default:
        return complain(diags, result, "compare each with its paper, and try again",
                        "these shares do not fit together");
    }
}

static int read_shares(const char *file, struct diag_list *diags, struct vault_opener *opener_out)
{
    char *bytes = arena_alloc(diags->arena, SHARES_FILE_BYTES_MAX);
    uint8_t *secret = arena_alloc(diags->arena, SHARES_SECRET_BYTES);
    struct text shares[SHARES_MADE];
    struct shares_fault fault;
    size_t size = 0;

    if (strcmp(file, "-") == 0 && isatty(STDIN_FILENO) == 1)
        fputs("Type the shares, an empty line between two of them; end with Ctrl-D.\n", stderr);
    int result = system_read_passphrase(file, bytes, SHARES_FILE_BYTES_MAX, &size);
    if (result < 0)
        return complain(diags, result,
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
