/* Prints, in hexadecimal, the keys that no process but the daemon may hold: the root key of a store
 * and those derived from it for its epochs; and the data key of a case, by its id and by what
 * stands in the table of keys. For a test that then looks for them.
 *
 *   secrets SLOTS-FILE KEY-FILE [ID WRAPPED] */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "vault/bytes.h"
#include "vault/slots/slot_key.h"
#include "vault/slots/slots.h"
#include "vault/tree/tree.h"

static void print(const char *name, const uint8_t *key)
{
    printf("%s ", name);
    for (size_t i = 0; i < CRYPTO_KEY_BYTES; i++)
        printf("%02x", key[i]);
    puts("");
}

/* The case's, if it is under this epoch. */
static void print_data_key(const struct slots *slots, const uint8_t *wrap, char **words)
{
    struct vault_case_id id;
    struct key_wrapped wrapped;
    uint8_t key[CRYPTO_KEY_BYTES];

    if (words[0] && words[1] && text_from_hex(text_from(words[0]), id.bytes, sizeof(id.bytes)) &&
        text_from_hex(text_from(words[1]), &wrapped, sizeof(wrapped)) &&
        key_unwrap_data(&wrapped, slots->store_id, &id, wrap, key) == 0)
        print("data", key);
}

static int print_all(const struct slots *slots, const uint8_t *root, char **words)
{
    uint8_t wrap[CRYPTO_KEY_BYTES], epoch[CRYPTO_KEY_BYTES];

    print("root", root);
    key_derive(root, slots->store_id, KEY_OF_EPOCH_WRAP, NULL, 0, wrap);
    for (size_t i = 0; i < SLOTS_EPOCH_COUNT; i++) {
        if (bytes_u32(slots->epochs[i].number) == 0)
            continue;
        if (!key_unwrap_epoch(&slots->epochs[i], slots->store_id, wrap, epoch))
            return 1;
        key_derive(epoch, slots->store_id, KEY_OF_DATA_WRAP, NULL, 0, wrap);
        print("epoch", wrap);
        print_data_key(slots, wrap, words);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct slots copies[SLOTS_COPY_COUNT];
    static char key[VAULT_KEY_BYTES_MAX];
    FILE *file = argc >= 3 ? fopen(argv[2], "r") : NULL;
    struct vault_opener opener = {VAULT_KEY_FILE, {key, 0}};
    uint8_t root[CRYPTO_KEY_BYTES];

    if (!file || argc > 5 || slots_read(argv[1], copies) != 0 || crypto_start() != 0)
        return 2;
    opener.secret.size = fread(key, 1, sizeof(key), file);
    fclose(file);
    for (size_t i = 0; i < SLOTS_SLOT_COUNT; i++)
        if (slot_unwrap_root(&copies[0].slots[i], copies[0].store_id, &opener, root) == 0)
            return print_all(&copies[0], root, argv + 3);
    return 1;
}
