/* Cards: by id, by code, by time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "run/memory/roster.h"

static struct vault_case_id id_of(unsigned number)
{
    struct vault_case_id id = {0};

    memcpy(id.bytes, &number, sizeof(number));
    id.bytes[15] = 1;
    return id;
}

static struct value card_of(struct arena *arena, unsigned number, int64_t opened, int64_t timer)
{
    struct value card = value_map(arena), states = value_list(arena), roles = value_list(arena);

    value_append(&states, value_cstring("intake"));
    value_append(&roles, value_cstring("caseworker"));
    value_put(&card, "code", value_string(text_printf(arena, "SN-2026-%05u-X", number)));
    value_put(&card, "workflow", value_cstring("child-return"));
    value_put(&card, "hash", value_cstring("aa"));
    value_put(&card, "country", value_cstring("SN"));
    value_put(&card, "opener", value_cstring("awa"));
    value_put(&card, "states", states);
    value_put(&card, "roles", roles);
    value_put(&card, "opened", value_int(opened));
    value_put(&card, "changed", value_int(opened));
    if (timer >= 0)
        value_put(&card, "timer", value_int(timer));
    return card;
}

static void put(struct roster *roster, struct arena *arena, unsigned number, int64_t opened,
                int64_t timer)
{
    struct vault_case_id id = id_of(number);
    struct value card = card_of(arena, number, opened, timer);

    assert_true(roster_put(roster, &id, &card));
}

static void a_card_is_found_by_id_and_by_code(void **state)
{
    ARENA_SCOPED struct arena *arena = arena_create("test");
    struct vault_case_id id = id_of(1), other = id_of(2);
    struct roster roster;

    (void)state;
    roster_init(&roster);
    put(&roster, arena, 1, 10, -1);
    const struct card *card = roster_find(&roster, &id);
    assert_non_null(card);
    assert_true(text_is(card->states[0], "intake"));
    assert_true(text_is(card->roles[0], "caseworker"));
    assert_true(text_is(card->opener, "awa"));
    assert_ptr_equal(card, roster_find_code(&roster, TEXT("SN-2026-00001-X")));
    assert_null(roster_find(&roster, &other));
    assert_null(roster_first_timer(&roster));
    roster_finish(&roster);
}

static void the_timer_due_first_comes_first_whatever_was_put_again(void **state)
{
    enum { COUNT = 300 };
    ARENA_SCOPED struct arena *arena = arena_create("test");
    struct roster roster;
    unsigned seed = 3;

    (void)state;
    roster_init(&roster);
    for (int round = 0; round < 3000; round++) {
        seed = seed * 1103515245u + 12345u;
        put(&roster, arena, (seed >> 8) % COUNT, round, (int64_t)((seed >> 4) % 1000) - 100);
        int64_t first = INT64_MAX;
        for (size_t i = 0; i < roster.count; i++)
            if (roster.cards[i]->timer_ms != ROSTER_NEVER_MS && roster.cards[i]->timer_ms < first)
                first = roster.cards[i]->timer_ms;
        const struct card *card = roster_first_timer(&roster);
        assert_int_equal(card ? card->timer_ms : INT64_MAX, first);
    }
    roster_finish(&roster);
}

static void a_held_timer_is_out_of_the_order_until_the_card_is_put_again(void **state)
{
    ARENA_SCOPED struct arena *arena = arena_create("test");
    struct roster roster;

    (void)state;
    roster_init(&roster);
    put(&roster, arena, 1, 10, 100);
    put(&roster, arena, 2, 11, 200);
    roster_hold_timer(&roster, roster_first_timer(&roster));
    assert_int_equal(roster_first_timer(&roster)->timer_ms, 200);
    put(&roster, arena, 1, 10, 100);
    assert_int_equal(roster_first_timer(&roster)->timer_ms, 100);
    roster_finish(&roster);
}

static void what_is_no_card_is_refused_and_changes_nothing(void **state)
{
    ARENA_SCOPED struct arena *arena = arena_create("test");
    struct vault_case_id id = id_of(1);
    struct value nothing = value_map(arena), bad = card_of(arena, 1, 10, -1);
    struct roster roster;

    (void)state;
    roster_init(&roster);
    assert_false(roster_put(&roster, &id, &nothing));
    value_put(&bad, "states", value_int(3));
    assert_false(roster_put(&roster, &id, &bad));
    assert_int_equal(roster.count, 0);
    roster_finish(&roster);
}

static void sorting_puts_the_case_opened_first_first(void **state)
{
    ARENA_SCOPED struct arena *arena = arena_create("test");
    struct roster roster;

    (void)state;
    roster_init(&roster);
    put(&roster, arena, 2, 20, -1);
    put(&roster, arena, 3, 10, -1);
    put(&roster, arena, 1, 20, -1);
    roster_sort(&roster);
    assert_true(text_is(roster.cards[0]->code, "SN-2026-00003-X"));
    assert_true(text_is(roster.cards[1]->code, "SN-2026-00001-X"));
    assert_int_equal(roster.cards[2]->index, 2);
    roster_finish(&roster);
}

static void a_line_is_overdue_once_its_deadline_has_passed(void **state)
{
    ARENA_SCOPED struct arena *arena = arena_create("test");
    struct vault_case_id id = id_of(1);
    struct value card = card_of(arena, 1, 10, -1);
    struct roster roster;

    (void)state;
    roster_init(&roster);
    value_put(&card, "deadline", value_int(1000));
    assert_true(roster_put(&roster, &id, &card));
    struct value before = roster_line(roster.cards[0], 1000, arena);
    struct value after = roster_line(roster.cards[0], 1001, arena);
    assert_false(value_bool_at(&before, "overdue"));
    assert_true(value_bool_at(&after, "overdue"));
    assert_int_equal(value_text_at(&after, "id").size, 32);
    roster_finish(&roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_found_by_id_and_by_code),
        cmocka_unit_test(the_timer_due_first_comes_first_whatever_was_put_again),
        cmocka_unit_test(a_held_timer_is_out_of_the_order_until_the_card_is_put_again),
        cmocka_unit_test(what_is_no_card_is_refused_and_changes_nothing),
        cmocka_unit_test(sorting_puts_the_case_opened_first_first),
        cmocka_unit_test(a_line_is_overdue_once_its_deadline_has_passed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
