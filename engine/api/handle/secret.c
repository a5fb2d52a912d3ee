/* Openers as requests bring them: exactly one of passphrase, key and shares. */
#include "api/handle/secret.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

static void hold(struct secret *secret, enum vault_opener_kind kind, size_t size)
{
    secret->size = size;
    secret->memory = vault_secret_create(size > 0 ? size : 1);
    secret->opener = (struct vault_opener){kind, {secret->memory, size}};
}

void secret_finish(struct secret *secret)
{
    vault_secret_destroy(secret->memory, secret->size > 0 ? secret->size : 1);
    *secret = (struct secret){.memory = NULL};
}

static bool read_key(struct request *request, struct text hex, struct secret *secret)
{
    hold(secret, VAULT_KEY_FILE, hex.size / 2);
    if (hex.size % 2 == 0 && text_from_hex(hex, secret->memory, secret->size))
        return true;
    secret_finish(secret);
    request_fail(request, PROBLEM_BAD_REQUEST, "Send its bytes as hexadecimal digits.",
                 "\"key\" is not hexadecimal.");
    return false;
}

/* What is wrong with shares that were typed, in words. */
static void refuse_shares(struct request *request, int result, const struct shares_fault *fault)
{
    size_t number = fault->share + 1;

    switch (result) {
    case -EINVAL:
        if (fault->line > 0)
            request_fail(request, PROBLEM_WRONG_KEY, "Compare it with the paper, and try again.",
                         "Share %zu is mistyped in line %u.", number, fault->line);
        else
            request_fail(request, PROBLEM_WRONG_KEY,
                         "A share is four lines of four groups of four characters.",
                         "Share %zu is too short or too long.", number);
        break;
    case -EEXIST:
        request_fail(request, PROBLEM_WRONG_KEY, "Take shares of three different people.",
                     "Share %zu is the same as one before it.", number);
        break;
    case -EXDEV:
        request_fail(request, PROBLEM_WRONG_KEY,
                     "Shares that were made together belong together; use those of one day.",
                     "Share %zu belongs to another set than the first.", number);
        break;
    case -ENODATA:
        request_fail(request, PROBLEM_WRONG_KEY, "Ask another holder for theirs.",
                     "%zu shares are needed to open the store.", fault->needed);
        break;
    case -EPROTONOSUPPORT:
        request_fail(request, PROBLEM_WRONG_KEY, "Use the version of Sankofa that made it.",
                     "Share %zu is of a newer version.", number);
        break;
    default:
        request_fail(request, PROBLEM_WRONG_KEY, "Compare each with its paper, and try again.",
                     "These shares do not fit together.");
    }
}

static bool read_shares(struct request *request, const struct value *list, struct secret *secret)
{
    struct text texts[SHARES_MADE] = {TEXT_NONE};
    struct shares_fault fault;
    size_t count = value_count(list) < SHARES_MADE ? value_count(list) : SHARES_MADE;

    for (size_t i = 0; i < count; i++) {
        if (value_item(list, i)->kind != VALUE_STRING) {
            request_fail(request, PROBLEM_BAD_REQUEST, "Send each share as one text.",
                         "\"shares\" is a list of texts.");
            return false;
        }
        texts[i] = value_item(list, i)->string;
    }
    hold(secret, VAULT_RECOVERY, SHARES_SECRET_BYTES);
    int result = shares_combine(texts, count, secret->memory, &fault);
    if (result == 0)
        return true;
    secret_finish(secret);
    refuse_shares(request, result, &fault);
    return false;
}

bool secret_read(struct request *request, const struct body *body, struct secret *secret_out)
{
    int count = (body->passphrase.bytes != NULL) + (body->key.bytes != NULL) +
                (body->shares.kind == VALUE_LIST);

    *secret_out = (struct secret){.memory = NULL};
    if (count != 1) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Send exactly one of them.",
                     "A passphrase, a key or shares are expected.");
        return false;
    }
    if (body->key.bytes)
        return read_key(request, body->key, secret_out);
    if (body->shares.kind == VALUE_LIST)
        return read_shares(request, &body->shares, secret_out);
    hold(secret_out, VAULT_PASSPHRASE, body->passphrase.size);
    memcpy(secret_out->memory, body->passphrase.bytes, body->passphrase.size);
    return true;
}
