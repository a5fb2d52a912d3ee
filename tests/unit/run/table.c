/* The table of items by key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "run/memory/table.h"

struct item {
    char name[24];
    bool is_in;
};

static struct text name_key(const void *item)
{
    return text_from(((const struct item *)item)->name);
}

static void an_empty_table_finds_and_removes_nothing(void **state)
{
    struct table table;

    (void)state;
    table_init(&table, name_key);
    assert_null(table_find(&table, TEXT("a")));
    table_remove(&table, TEXT("a"));
    assert_int_equal(table.count, 0);
    table_finish(&table);
}

/* Adding and removing in a mixed order: what is in is found, what is out is not. */
static void what_was_added_is_found_until_it_is_removed(void **state)
{
    enum { COUNT = 2000 };
    static struct item items[COUNT];
    struct table table;
    unsigned seed = 7;

    (void)state;
    table_init(&table, name_key);
    for (int i = 0; i < COUNT; i++)
        snprintf(items[i].name, sizeof(items[i].name), "item-%d", i);
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1103515245u + 12345u;
        struct item *item = &items[(seed >> 8) % COUNT];
        if (item->is_in)
            table_remove(&table, name_key(item));
        else
            table_add(&table, item);
        item->is_in = !item->is_in;
    }
    size_t count = 0;
    for (int i = 0; i < COUNT; i++) {
        assert_ptr_equal(table_find(&table, name_key(&items[i])),
                         items[i].is_in ? &items[i] : NULL);
        count += items[i].is_in;
    }
    assert_int_equal(table.count, count);
    table_finish(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_table_finds_and_removes_nothing),
        cmocka_unit_test(what_was_added_is_found_until_it_is_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
