/* Openers as requests bring them: exactly one of passphrase, key and shares. */
#include "api/handle/secret.h"

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
    struct text hint, what = shares_explain(result, &fault, request->arena, &hint);
    request_fail(request, PROBLEM_WRONG_KEY, hint.bytes, "%.*s", TEXT_ARG(what));
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
