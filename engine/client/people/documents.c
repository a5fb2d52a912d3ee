/* Documents of a case: attached, listed, fetched. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/people/people.h"
#include "vault/vault.h"

static struct text documents_path(struct client *client, const char *more)
{
    return text_printf(client->arena, "/v1/cases/%.*s/documents%s",
                       TEXT_ARG(http_escape(client, client->arguments[0])), more);
}

/* ---- Attaching. ---- */

/* By the end of a name. */
static const struct {
    const char *end, *type;
} media_types[] = {
    {".pdf", "application/pdf"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".png", "image/png"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".heic", "image/heic"},
    {".webp", "image/webp"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain"},
    {".md", "text/markdown"},
    {".csv", "text/csv"},
    {".html", "text/html"},
    {".json", "application/json"},
    {".xml", "application/xml"},
    {".zip", "application/zip"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".doc", "application/msword"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".eml", "message/rfc822"},
    {".mp3", "audio/mpeg"},
    {".m4a", "audio/mp4"},
    {".ogg", "audio/ogg"},
    {".wav", "audio/wav"},
    {".mp4", "video/mp4"},
};

static const char *type_of(const char *name)
{
    const char *end = strrchr(name, '.');

    for (size_t i = 0; end && i < sizeof(media_types) / sizeof(media_types[0]); i++)
        if (strcasecmp(end, media_types[i].end) == 0)
            return media_types[i].type;
    return "application/octet-stream";
}

/* RFC 8187: a header is ASCII, a name need not be. */
static const char *coded(struct client *client, const char *name)
{
    return text_printf(client->arena, "UTF-8''%.*s", TEXT_ARG(http_escape(client, name))).bytes;
}

static int open_file(const char *path, int *fd_out, int64_t *size_out)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &facts) != 0) {
        complain("%s cannot be read: %s.", path, strerror(errno));
        complain("Check its name, and who may read it.");
    } else if (!S_ISREG(facts.st_mode)) {
        complain("%s is no file.", path);
        complain("Name a file: a scan, a letter, a picture.");
    } else {
        *fd_out = fd;
        *size_out = facts.st_size;
        return CLIENT_DONE;
    }
    if (fd >= 0)
        close(fd);
    return CLIENT_WRONG_USE;
}

int document_attach(struct client *client)
{
    const char *path = client->arguments[1];
    const char *slash = strrchr(path, '/'), *name = client->name;
    struct value body;
    int64_t size = 0;
    int fd = -1;

    if (!name)
        name = slash ? slash + 1 : path;
    int result = open_file(path, &fd, &size);
    if (result != CLIENT_DONE)
        return result;
    client->file = coded(client, name);
    result = transfer_send(client, documents_path(client, ""), fd, size,
                           client->media_type ? client->media_type : type_of(name), &body);
    close(fd);
    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    int64_t number = value_int_at(&body, "document/document", 0);
    printf("%lld\n", (long long)number);
    say(client, "Attached. Again on this machine: sankofa case fetch %s %lld", client->arguments[0],
        (long long)number);
    return CLIENT_DONE;
}

/* ---- The list. ---- */

struct text document_size(struct client *client, int64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
    double size = (double)bytes;
    size_t unit = 0;

    for (; size >= 1024 && unit < 3; unit++)
        size /= 1024;
    return text_printf(client->arena, unit > 0 && size < 10 ? "%.1f %s" : "%.0f %s", size,
                       units[unit]);
}

int document_list(struct client *client)
{
    static const char *const heads[] = {N_("NO"),   N_("NAME"), N_("TYPE"),
                                        N_("SIZE"), N_("BY"),   N_("WHEN")};
    enum { COLUMNS = sizeof(heads) / sizeof(heads[0]) };
    struct value body;
    int result = http_get(client, false, documents_path(client, ""), &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *documents = value_at(&body, "documents");
    size_t count = value_count(documents);
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * COLUMNS);
    for (size_t i = 0; i < count; i++) {
        const struct value *one = value_item(documents, i);
        struct text *row = cells + i * COLUMNS;
        row[0] = print_value(client, value_at(one, "document"));
        row[1] = print_value(client, value_at(one, "name"));
        row[2] = print_value(client, value_at(one, "type"));
        row[3] = document_size(client, value_int_at(one, "size", 0));
        row[4] = print_value(client, value_at(one, "by"));
        row[5] = print_time(client, value_text_at(one, "at"));
    }
    if (count > 0)
        print_table(client, heads, COLUMNS, cells, count);
    int64_t hidden = value_int_at(&body, "hidden", 0);
    if (hidden > 0)
        say(client,
            ngettext("%lld more that you may not read.", "%lld more that you may not read.",
                     (unsigned long)hidden),
            (long long)hidden);
    else if (count == 0)
        say(client, "There are none. `sankofa case attach %s FILE` attaches one.",
            client->arguments[0]);
    return CLIENT_DONE;
}

/* ---- Fetching. ---- */

static int find_document(struct client *client, struct value *document_out)
{
    struct text number = text_from(client->arguments[1]);
    int64_t wanted = 0;
    struct value body;
    int result = http_get(client, false, documents_path(client, ""), &body);
    const struct value *documents = value_at(&body, "documents");

    if (result != CLIENT_DONE)
        return result;
    for (size_t i = 0; text_to_int(number, &wanted) && i < value_count(documents); i++) {
        const struct value *one = value_item(documents, i);
        if (value_int_at(one, "document", 0) == wanted) {
            *document_out = *one;
            return CLIENT_DONE;
        }
    }
    complain("The case has no document %s that you may read.", client->arguments[1]);
    complain("`sankofa case documents %s` lists them.", client->arguments[0]);
    return CLIENT_NOT_FOUND;
}

/* A name that somebody else gave becomes no hidden file and no option. */
static const char *own_name(struct client *client, const struct value *document)
{
    struct text name = value_text_at(document, "name");
    const char *before = name.bytes[0] == '.' || name.bytes[0] == '-' ? "_" : "";

    return text_printf(client->arena, "%s%.*s", before, TEXT_ARG(name)).bytes;
}

static int fetch(struct client *client, struct transfer_wanted *wanted)
{
    struct value document;
    int result = find_document(client, &document);

    if (result != CLIENT_DONE)
        return result;
    int64_t number = value_int_at(&document, "document", 0);
    wanted->path =
        documents_path(client, text_printf(client->arena, "/%lld", (long long)number).bytes);
    wanted->size = value_int_at(&document, "size", 0);
    wanted->sha256 = value_text_at(&document, "sha256");
    const char *path =
        client->argument_count > 2 ? client->arguments[2] : own_name(client, &document);
    if (strcmp(path, "-") == 0)
        return transfer_get(client, wanted, STDOUT_FILENO);
    result = save_file(client, path, wanted);
    if (result != CLIENT_DONE || print_json(client, &document))
        return result;
    printf("%s\n", path);
    return CLIENT_DONE;
}

int document_fetch(struct client *client)
{
    struct transfer_wanted wanted = {.hasher = vault_hasher_create()};
    int result = fetch(client, &wanted);

    vault_hasher_destroy(wanted.hasher);
    return result;
}
