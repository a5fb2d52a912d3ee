/* A plugin's file on its way into the sealed memory. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct shelf {
    struct arena *arena;
    char folder[64];
    const char *file;
};

static void write_file(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(bytes, file);
    fclose(file);
    assert_int_equal(chmod(path, 0644), 0);
}

static int set_up(void **state)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    shelf->arena = arena_create("shelf");
    strcpy(shelf->folder, "/tmp/sankofa-image-XXXXXX");
    assert_non_null(mkdtemp(shelf->folder));
    assert_int_equal(chmod(shelf->folder, 0755), 0);
    shelf->file = text_printf(shelf->arena, "%s/plugin.so", shelf->folder).bytes;
    write_file(shelf->file, "abc");
    *state = shelf;
    return 0;
}

static int tear_down(void **state)
{
    struct shelf *shelf = *state;
    unlink(shelf->file);
    rmdir(shelf->folder);
    arena_destroy(shelf->arena);
    free(shelf);
    return 0;
}

static void refuses(struct shelf *shelf, int error, const char *words)
{
    struct image image;
    struct text why = TEXT_NONE;
    assert_int_equal(image_open(shelf->file, HASH_OF_ABC, shelf->arena, &image, &why), error);
    assert_says(why, words);
    assert_int_equal(image.fd, -1);
}

static void a_file_of_the_right_hash_is_held_and_sealed(void **state)
{
    struct shelf *shelf = *state;
    struct image image;
    struct text why;
    char bytes[8];
    assert_int_equal(image_open(shelf->file, HASH_OF_ABC, shelf->arena, &image, &why), 0);
    assert_string_equal(image.sha256, HASH_OF_ABC);
    assert_int_equal(pread(image.fd, bytes, sizeof bytes, 0), 3);
    assert_int_equal(pwrite(image.fd, "x", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(image.fd, 0), -1);
    assert_int_equal(fcntl(image.fd, F_ADD_SEALS, F_SEAL_GROW), -1);
    assert_int_equal(fcntl(image.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    image_close(&image);
    image_close(&image);
}

static void the_authors_tools_ask_for_no_hash(void **state)
{
    struct shelf *shelf = *state;
    struct image image;
    struct text why;
    assert_int_equal(image_open(shelf->file, NULL, shelf->arena, &image, &why), 0);
    assert_string_equal(image.sha256, HASH_OF_ABC);
    image_close(&image);
}

static void another_content_is_refused(void **state)
{
    struct shelf *shelf = *state;
    write_file(shelf->file, "abd");
    refuses(shelf, -EBADMSG, "is not the file that is configured: its SHA-256 is a52d159f");
}

static void an_empty_file_is_refused(void **state)
{
    struct shelf *shelf = *state;
    write_file(shelf->file, "");
    refuses(shelf, -EINVAL, "is empty");
}

static void a_file_that_is_missing_is_refused(void **state)
{
    struct shelf *shelf = *state;
    unlink(shelf->file);
    refuses(shelf, -ENOENT, "cannot be found: No such file");
}

static void a_folder_and_a_pipe_are_refused(void **state)
{
    struct shelf *shelf = *state;
    unlink(shelf->file);
    assert_int_equal(mkfifo(shelf->file, 0644), 0);
    refuses(shelf, -EINVAL, "is no regular file");
    unlink(shelf->file);
    shelf->file = shelf->folder;
    refuses(shelf, -EINVAL, "is no regular file");
}

static void a_file_that_is_too_large_is_refused(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(truncate(shelf->file, (off_t)IMAGE_BYTES_MAX + 1), 0);
    refuses(shelf, -EFBIG, "is larger than 64 MiB");
}

static void a_file_that_others_can_write_is_refused(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(chmod(shelf->file, 0666), 0);
    refuses(shelf, -EACCES, "plugin.so can be written by others");
    assert_int_equal(chmod(shelf->file, 0664), 0);
    refuses(shelf, -EACCES, "plugin.so can be written by others");
}

static void a_folder_that_others_can_write_is_refused(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(chmod(shelf->folder, 0777), 0);
    refuses(shelf, -EACCES, shelf->folder);
    assert_int_equal(chmod(shelf->folder, 01777), 0); /* sticky: nobody replaces others' files */
    struct image image;
    struct text why;
    assert_int_equal(image_open(shelf->file, HASH_OF_ABC, shelf->arena, &image, &why), 0);
    image_close(&image);
}

static void a_file_or_folder_of_somebody_else_is_refused(void **state)
{
    struct shelf *shelf = *state;
    if (geteuid() != 0)
        skip(); /* only root can give files away */
    assert_int_equal(chown(shelf->file, 12345, 0), 0);
    refuses(shelf, -EACCES, "plugin.so is owned neither by root nor by this user");
    assert_int_equal(chown(shelf->file, 0, 0), 0);
    assert_int_equal(chown(shelf->folder, 12345, 0), 0);
    refuses(shelf, -EACCES, "is owned neither by root nor by this user");
}

static void a_link_is_judged_by_where_it_leads(void **state)
{
    struct shelf *shelf = *state;
    const char *link = text_printf(shelf->arena, "%s/link.so", shelf->folder).bytes;
    const char *file = shelf->file;
    assert_int_equal(symlink(file, link), 0);
    assert_int_equal(chmod(file, 0666), 0);
    shelf->file = link;
    refuses(shelf, -EACCES, "plugin.so can be written by others");
    shelf->file = file;
    unlink(link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_of_the_right_hash_is_held_and_sealed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_authors_tools_ask_for_no_hash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_content_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_missing_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_and_a_pipe_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_too_large_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_others_can_write_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_others_can_write_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_or_folder_of_somebody_else_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_link_is_judged_by_where_it_leads, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
