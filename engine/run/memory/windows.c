/* A queue in the order of their ends, over a table by key. */
#include "run/memory/windows.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static struct text key_of(const void *item)
{
    return ((const struct window *)item)->key;
}

void windows_init(struct windows *windows)
{
    *windows = (struct windows){0};
    table_init(&windows->by_key, key_of);
}

static void drop_oldest(struct windows *windows)
{
    struct window *window = windows->oldest;

    windows->oldest = window->younger;
    if (!windows->oldest)
        windows->youngest = NULL;
    table_remove(&windows->by_key, window->key);
    free(window);
}

void windows_finish(struct windows *windows)
{
    while (windows->oldest)
        drop_oldest(windows);
    table_finish(&windows->by_key);
}

const struct window *windows_find(struct windows *windows, struct text key, int64_t now_ms)
{
    while (windows->oldest && windows->oldest->until_ms <= now_ms)
        drop_oldest(windows);
    return table_find(&windows->by_key, key);
}

const struct window *windows_add(struct windows *windows, struct text key, int64_t until_ms,
                                 uint64_t batch)
{
    struct window *window = calloc(1, sizeof(*window) + key.size);

    CHECK(window);
    if (windows->by_key.count == WINDOWS_MAX)
        drop_oldest(windows);
    memcpy(window + 1, key.bytes, key.size);
    window->key = (struct text){(const char *)(window + 1), key.size};
    window->until_ms = until_ms;
    window->batch = batch;
    table_add(&windows->by_key, window);
    if (windows->youngest)
        windows->youngest->younger = window;
    else
        windows->oldest = window;
    windows->youngest = window;
    return window;
}
