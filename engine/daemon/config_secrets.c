/* Where secrets are, never what they are. */
#include "daemon/config_secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "wire/wire.h"

enum { NAME_BYTES_MAX = 64 };

static struct diag *fault(struct diag_list *diags, const char *code, struct place place,
                          const char *message)
{
    return diag_add(diags, DIAG_ERROR, code, place, "%s", message);
}

/* A name in the folder that systemd's LoadCredential fills. */
static const char *credential(struct diag_list *diags, const struct yaml_node *node)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    if (memchr(node->text.bytes, '/', node->text.size)) {
        fault(diags, "E843", node->place, "A credential is a name, without a slash.");
        return NULL;
    }
    if (folder && folder[0] == '/')
        return text_printf(diags->arena, "%s/%.*s", folder, TEXT_ARG(node->text)).bytes;
    diag_help(diags, fault(diags, "E847", node->place, "The daemon has been given no credentials."),
              "name a `file`, or let systemd start it with LoadCredential=");
    return NULL;
}

static const char *path(struct diag_list *diags, const char *folder, struct text words)
{
    if (words.bytes[0] == '/')
        return text_copy(diags->arena, words).bytes;
    return text_printf(diags->arena, "%s/%.*s", folder, TEXT_ARG(words)).bytes;
}

static void read_secret(struct diag_list *diags, const char *folder, const struct yaml_entry *entry,
                        struct steps_secret *secret)
{
    const struct yaml_node *file = NULL, *name = NULL;
    const struct yaml_node *where = entry->value;

    if (!text_is_id(entry->key) || entry->key.size > NAME_BYTES_MAX)
        diag_add(diags, DIAG_ERROR, "E843", entry->key_place,
                 "\"%.*s\" is no name of a secret: at most %d of a-z, 0-9 and _, beginning with a "
                 "letter",
                 TEXT_ARG(entry->key), NAME_BYTES_MAX);
    secret->name = text_copy(diags->arena, entry->key).bytes;
    if (where->kind == YAML_MAP && where->count == 1) {
        file = yaml_get(where, "file");
        name = yaml_get(where, "credential");
    }
    const struct yaml_node *one = file ? file : name;
    if (!one || one->kind != YAML_SCALAR || text_is_empty(one->text))
        diag_help(diags,
                  fault(diags, "E843", where->place, "This does not tell where the secret is."),
                  "write {file: PATH} or {credential: NAME}");
    else
        secret->file = file ? path(diags, folder, one->text) : credential(diags, one);
}

void config_read_secrets(struct diag_list *diags, const char *folder, const struct yaml_node *node,
                         struct steps_plugin *plugin)
{
    if (node->kind != YAML_MAP || node->count > WIRE_SECRETS_MAX) {
        diag_help(diags,
                  fault(diags, "E843", node->place, "A map of secrets by name is expected here."),
                  "at most %d, as in {smtp_password: {file: /etc/sankofa/smtp}}", WIRE_SECRETS_MAX);
        return;
    }
    struct steps_secret *secrets = ARENA_ARRAY(diags->arena, struct steps_secret, node->count);
    for (size_t i = 0; i < node->count; i++)
        read_secret(diags, folder, &node->entries[i], &secrets[i]);
    plugin->secrets = secrets;
    plugin->secret_count = node->count;
}
