/* Prints, in hexadecimal, the keys that no process but the daemon may hold: the root key of a store
 * and those derived from it for its epochs. For a test that then looks for them.
 *
 *   secrets SLOTS-FILE KEY-FILE */
#include <stdio.h>
#include <string.h>

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

static int print_all(const struct slots *slots, const uint8_t *root)
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
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct slots copies[SLOTS_COPY_COUNT];
    static char key[VAULT_KEY_BYTES_MAX];
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    struct vault_opener opener = {VAULT_KEY_FILE, {key, 0}};
    uint8_t root[CRYPTO_KEY_BYTES];

    if (!file || slots_read(argv[1], copies) != 0 || crypto_start() != 0)
        return 2;
    opener.secret.size = fread(key, 1, sizeof(key), file);
    fclose(file);
    for (size_t i = 0; i < SLOTS_SLOT_COUNT; i++)
        if (slot_unwrap_root(&copies[0].slots[i], copies[0].store_id, &opener, root) == 0)
            return print_all(&copies[0], root);
    return 1;
}
