/* A plugin's beginning: a folder with a step, its test, a README and a meson.build, which builds
 * and passes as it is. The files stand in contrib/plugin-template, and are built into this
 * program. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/client.h"
#include "client/plugin/template.h"

enum { NAME_BYTES_MAX = 64 };
static const char place[] = "@NAME@";

/* The text with the plugin's name in every place of it. */
static struct text filled(struct client *client, const char *text, const char *name)
{
    struct text_buffer buffer;
    const char *next;

    text_buffer_init(&buffer, client->arena);
    for (; (next = strstr(text, place)); text = next + strlen(place)) {
        text_append(&buffer, (struct text){text, (size_t)(next - text)});
        text_append(&buffer, text_from(name));
    }
    text_append(&buffer, text_from(text));
    return text_buffer_text(&buffer);
}

static int write_file(const char *path, struct text bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0)
        return -errno;
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        close(fd);
        return -ENOMEM;
    }
    bool is_written = fwrite(bytes.bytes, 1, bytes.size, stream) == bytes.size;
    bool is_closed = fclose(stream) == 0;
    return is_written && is_closed ? 0 : -EIO;
}

static int complain_errno(const char *path, int error)
{
    complain("%s cannot be made: %s.", path, strerror(error));
    complain(error == EEXIST ? N_("Choose another name, or remove what is there.")
                             : N_("Go to a folder that you may write to."));
    return CLIENT_WRONG_USE;
}

static int write_all(struct client *client, const char *name, struct value *files_out)
{
    *files_out = value_list(client->arena);
    for (size_t i = 0; i < TEMPLATE_FILE_COUNT; i++) {
        const struct template_file *file = &template_files[i];
        struct text path =
            text_printf(client->arena, "%s/%.*s", name, TEXT_ARG(filled(client, file->name, name)));
        int result = write_file(path.bytes, filled(client, file->text, name));
        if (result != 0)
            return complain_errno(path.bytes, -result);
        value_append(files_out, value_string(path));
    }
    return CLIENT_DONE;
}

int plugin_new(struct client *client)
{
    const char *name = client->arguments[0];

    if (!text_is_id(text_from(name)) || strlen(name) > NAME_BYTES_MAX) {
        complain("\"%s\" is no name of a plugin.", name);
        complain("Small letters, digits and _, a letter first: visit_report.");
        return CLIENT_WRONG_USE;
    }
    if (mkdir(name, 0755) != 0)
        return complain_errno(name, errno);
    struct value made = named_value(client, "plugin", name), files;
    int result = write_all(client, name, &files);
    for (size_t i = 0; !client->json && i < value_count(&files); i++)
        printf("%.*s\n", TEXT_ARG(value_item(&files, i)->string));
    value_put(&made, "files", files);
    if (result == CLIENT_DONE && !print_json(client, &made))
        say(client, "Go on with: cd %s && meson setup build && meson test -C build", name);
    return result;
}
