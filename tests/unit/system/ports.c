/* The real ports: clocks that move, bytes that differ, files within their bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "system/system.h"

static struct arena *arena;
static char folder[] = "/tmp/sankofa-files-XXXXXX";

static int group_up(void **state)
{
    (void)state;
    arena = arena_create("test");
    return mkdtemp(folder) == NULL;
}

static int group_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return rmdir(folder);
}

static void the_wall_clock_is_the_machines(void **state)
{
    (void)state;
    struct port_clock clock = system_clock();
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t now_ms = clock.wall_ms(clock.self);
    assert_true(now_ms >= before - 1000);
    assert_true(now_ms <= ((int64_t)time(NULL) + 1) * 1000);
}

static void the_steady_clock_never_goes_back(void **state)
{
    (void)state;
    struct port_clock clock = system_clock();
    int64_t last = clock.steady_ms(clock.self);
    for (int i = 0; i < 1000; i++) {
        int64_t now_ms = clock.steady_ms(clock.self);
        assert_true(now_ms >= last);
        last = now_ms;
    }
    usleep(20000);
    assert_true(clock.steady_ms(clock.self) >= last + 19);
}

static void random_bytes_fill_the_whole_and_differ(void **state)
{
    (void)state;
    struct port_random random = system_random();
    static unsigned char first[100000], second[100000];
    random.fill(random.self, first, sizeof first);
    random.fill(random.self, second, sizeof second);
    assert_memory_not_equal(first, second, 32);
    assert_memory_not_equal(first + sizeof first - 32, second + sizeof second - 32, 32);
    unsigned char kept = first[10];
    random.fill(random.self, first, 0);
    assert_int_equal(first[10], kept);
}

static const char *path_of(const char *name)
{
    return text_printf(arena, "%s/%s", folder, name).bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static int read_file(const char *path, size_t size_max, struct text *text_out)
{
    struct port_files files = system_files();
    return files.read(files.self, arena, path, size_max, text_out);
}

static void a_file_is_read_up_to_its_bound(void **state)
{
    (void)state;
    const char *path = path_of("file");
    struct text text;
    write_file(path, "a\0bc", 4);
    assert_int_equal(read_file(path, 4, &text), 0);
    assert_true(text_equal(text, (struct text){"a\0bc", 4}));
    assert_int_equal(text.bytes[4], '\0');
    assert_int_equal(read_file(path, 3, &text), -EFBIG);
    write_file(path, "", 0);
    assert_int_equal(read_file(path, 0, &text), 0);
    assert_int_equal(text.size, 0);
    unlink(path);
    assert_int_equal(read_file(path, 3, &text), -ENOENT);
}

static void only_regular_files_are_read_and_nothing_holds_it_up(void **state)
{
    (void)state;
    struct text text;
    assert_int_equal(read_file(folder, 1000, &text), -EISDIR);
    assert_int_equal(read_file("/dev/zero", 1000, &text), -EINVAL);
    const char *pipe = path_of("pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(read_file(pipe, 1000, &text), -EINVAL);
    unlink(pipe);
    const char *name = path_of("socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(name) < sizeof address.sun_path);
    memcpy(address.sun_path, name, strlen(name));
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(read_file(name, 1000, &text), -ENXIO);
    close(server);
    unlink(name);
}

static void a_file_that_says_it_is_empty_and_is_not_is_refused(void **state)
{
    (void)state;
    struct text text;
    assert_int_equal(read_file("/proc/self/status", 100000, &text), -EAGAIN);
}

static void no_descriptor_is_left_open(void **state)
{
    (void)state;
    struct text text;
    const char *path = path_of("file");
    write_file(path, "abc", 3);
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(before);
    read_file(path, 3, &text);
    read_file(path, 2, &text);
    read_file(folder, 2, &text);
    int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(after);
    assert_int_equal(before, after);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wall_clock_is_the_machines),
        cmocka_unit_test(the_steady_clock_never_goes_back),
        cmocka_unit_test(random_bytes_fill_the_whole_and_differ),
        cmocka_unit_test(a_file_is_read_up_to_its_bound),
        cmocka_unit_test(only_regular_files_are_read_and_nothing_holds_it_up),
        cmocka_unit_test(a_file_that_says_it_is_empty_and_is_not_is_refused),
        cmocka_unit_test(no_descriptor_is_left_open),
    };
    return cmocka_run_group_tests(tests, group_up, group_down);
}
