/* Reads one YAML file from the standard input, for the suite of YAML's own people:
 *
 *     yaml-conformance < FILE
 *
 * Prints what it holds as JSON and exits 0; or what is wrong, a line each as gcc writes them, and
 * exits 1. yaml_suite.py holds that against what the suite says. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "yaml/yaml.h"

enum { FILE_BYTES_MAX = YAML_BYTES_MAX + 2 };

static void print(struct text text)
{
    fwrite(text.bytes, 1, text.size, stdout);
}

int main(void)
{
    static char bytes[FILE_BYTES_MAX];
    ARENA_SCOPED struct arena *arena = arena_create("conformance");
    struct text source = {bytes, fread(bytes, 1, sizeof(bytes), stdin)};
    struct diag_list diags;

    if (source.size == sizeof(bytes)) {
        fputs("yaml-conformance: the file is too large\n", stderr);
        return 2;
    }
    diag_list_init(&diags, arena);
    const struct yaml_node *root = yaml_parse(source, TEXT("suite.yaml"), &diags);
    for (size_t i = 0; !root && i < diags.count; i++)
        print(diag_write_gcc(arena, &diags.items[i]));
    if (!root)
        return 1;
    struct value value = yaml_to_value(arena, root);
    print(json_write(arena, &value));
    putchar('\n');
    return 0;
}
