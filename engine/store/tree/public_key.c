/* The file audit.pub. */
#include "store/tree/public_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/tree/checkpoints.h"

enum { FILE_BYTES_MAX = 1024 };

/* SubjectPublicKeyInfo of an Ed25519 key, up to the key's own bytes (RFC 8410). */
static const uint8_t der_begin[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                    0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct text public_key_text(struct arena *arena, const struct note_key *key)
{
    uint8_t der[sizeof(der_begin) + SIGN_KEY_BYTES];

    memcpy(der, der_begin, sizeof(der_begin));
    memcpy(der + sizeof(der_begin), key->public_key, SIGN_KEY_BYTES);
    return text_printf(arena, "%.*s\n-----BEGIN PUBLIC KEY-----\n%.*s\n-----END PUBLIC KEY-----\n",
                       TEXT_ARG(note_key_text(arena, key)),
                       TEXT_ARG(text_base64(arena, der, sizeof(der))));
}

static struct text text_of(struct arena *arena, const struct vault *vault)
{
    struct note_key key = checkpoints_key(vault, arena);

    return public_key_text(arena, &key);
}

static int write_all(int fd, struct text text)
{
    while (text.size > 0) {
        ssize_t size = write(fd, text.bytes, text.size);

        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return size < 0 ? -errno : -EIO;
        text.bytes += size;
        text.size -= (size_t)size;
    }
    return 0;
}

int public_key_write(const char *path, const struct vault *vault)
{
    ARENA_SCOPED struct arena *arena = arena_create("public key");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    int result = fd < 0 ? -errno : write_all(fd, text_of(arena, vault));

    if (fd >= 0)
        close(fd);
    return result;
}

static bool says(const char *path, struct text expected)
{
    char bytes[FILE_BYTES_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t size = -1;

    if (fd < 0)
        return false;
    do
        size = read(fd, bytes, sizeof(bytes));
    while (size < 0 && errno == EINTR);
    close(fd);
    return size >= 0 && text_equal((struct text){bytes, (size_t)size}, expected);
}

void public_key_check(const char *path, const struct vault *vault)
{
    ARENA_SCOPED struct arena *arena = arena_create("public key");

    if (says(path, text_of(arena, vault)))
        return;
    bool is_missing = access(path, F_OK) != 0; /* backups do without it */
    bool is_written = public_key_write(path, vault) == 0;
    log_event(is_missing && is_written ? LOG_INFO : LOG_WARNING,
              is_missing ? "store.public_key_made" : "store.public_key_replaced", "written=%s",
              is_written ? "yes" : "no");
}
