/* A store's folder that is reached by a link, and links in the place of its files. */
#include "fixture.h"

static void compact(void)
{
    struct store_batch batch = {.number = 2, .horizon = store_horizon(store), .compacts = true};

    assert_int_equal(store_commit(store, &batch), 0);
    assert_int_equal(store_compact(store), 0);
}

static void expect_snapshot(struct fixture *fixture, const char *expected)
{
    struct vault_case_id id = fixture_id(1);
    struct text body;
    uint64_t seq;

    assert_int_equal(store_load_case(store, fixture->arena, &id, &seq, &body), 0);
    assert_true(text_equal(body, text_from(expected)));
}

static void a_link_to_the_folder_is_followed_once(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);
    struct vault_case_id id = fixture_id(1);
    char link[256];

    snprintf(link, sizeof(link), "%s/link", fixture->folder);
    assert_int_equal(symlink(fixture->path, link), 0);
    store_close(store);
    store = NULL;
    options.path = link;
    assert_int_equal(store_open(&options, &fixture->diags, &store), 0);
    open_case(fixture, id, "opened", "a snapshot", "a card");
    compact(); /* it syncs the folder behind the file's new name */
    expect_snapshot(fixture, "a snapshot");
    /* Whoever takes the link away does not lead the store elsewhere. */
    assert_int_equal(unlink(link), 0);
    add_entry(id, "another");
    compact();
    expect_snapshot(fixture, "a snapshot");
    assert_int_equal(store_reopen(fixture), 0);
    expect_snapshot(fixture, "a snapshot");
}

static void a_link_in_the_place_of_a_file_is_refused_as_what_it_is(void **state)
{
    static const char *const names[] = {"data.mdb", "lock", "head"};
    struct fixture *fixture = *state;
    char path[256], away[256];

    snprintf(away, sizeof(away), "%s/away", fixture->folder);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->path, names[i]);
        store_close(store);
        store = NULL;
        assert_int_equal(rename(path, away), 0);
        assert_int_equal(symlink(away, path), 0);
        assert_int_equal(store_reopen(fixture), -ELOOP);
        assert_non_null(strstr(fixture->diags.items[0].help.bytes, "the file itself"));
        fixture_expect_diag(fixture, "E811");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rename(away, path), 0);
        assert_int_equal(store_reopen(fixture), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_link_to_the_folder_is_followed_once, store_setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(a_link_in_the_place_of_a_file_is_refused_as_what_it_is,
                                        store_setup, store_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
