/* Age files: read and written as the tool age 1.1.1 of Debian 12 does, and every change noticed. */
#include "fixture.h"

#include <errno.h>

#include "vault/age/age.h"

enum { ROOM = 1 << 20, PIECE = 65536 };

/* Made by `age-keygen` and `printf hello | age -r RECIPIENT`. */
static const char known_identity[] =
    "AGE-SECRET-KEY-1V0ZZKLFJV4AWJ473CD2DTJPQQLCHZ54QEDL4PP0DQCM6ZV4MGAWSCA5SVH";
static const char known_recipient[] =
    "age16frenhffgg6lgcrhvkyhfuhsx2zu7u6m2jgqmcf7m0qshx3ekyps4zlpdn";
static const char known_file[] = "age-encryption.org/v1\n"
                                 "-> X25519 cN44GjBR+W+s0hf7+W6phmxL00SY6NaFfHkJOLFHNRg\n"
                                 "NF7ayyK1iTWO366SOkYwBrPN2pu4sdsbnUu0fQKyypo\n"
                                 "--- djEJdUaXB6oZ/sMLIG/yas24Wb6tQy3rFlIC0k4i4zw\n"
                                 "\x67\x73\xd1\x2e\xd5\x9f\x7d\xe5\x18\xd5\x44\xef\xc5\xd3\xc4\xbe"
                                 "\x56\x96\xe1\x3c\x1f\x4c\x08\x73\x1e\xae\x7b\x62\x3e\x2e\x46\x77"
                                 "\xda\x9b\x00\x36\xf5";

struct memory {
    uint8_t bytes[ROOM];
    size_t size;
    int fault; /* of the next write */
};
static struct memory file;

static int put(void *self, const void *bytes, size_t size)
{
    struct memory *memory = self;

    if (memory->fault)
        return memory->fault;
    assert_true(size <= ROOM - memory->size);
    memcpy(memory->bytes + memory->size, bytes, size);
    memory->size += size;
    return 0;
}

static int get(void *self, uint64_t offset, void *bytes_out, size_t size)
{
    const struct memory *memory = self;

    assert_true(offset <= memory->size && size <= memory->size - offset);
    memcpy(bytes_out, memory->bytes + offset, size);
    return 0;
}

static int open_file(const char *identity, struct age_reader **reader_out)
{
    struct age_source source = {&file, file.size, get};
    struct age_keys keys;
    size_t line;

    assert_true(age_read_identities(text_from(identity), &keys, &line));
    return age_reader_create(&keys, &source, reader_out);
}

static struct age_writer *begin(struct fixture *fixture, const char *recipients)
{
    struct age_sink sink = {&file, put};
    struct age_writer *writer;
    struct age_keys keys;
    size_t line;

    file.size = 0;
    file.fault = 0;
    assert_true(age_read_recipients(text_from(recipients), &keys, &line));
    assert_int_equal(age_writer_create(&keys, &fixture->random, &sink, &writer), 0);
    return writer;
}

static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 131 + offset / 251);
}

/* `size` bytes, given in pieces of `some`. */
static void write_file(struct fixture *fixture, const char *recipients, size_t size, size_t some)
{
    struct age_writer *writer = begin(fixture, recipients);
    uint8_t *bytes = arena_alloc(fixture->arena, size + 1);

    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(i);
    for (size_t done = 0; done < size; done += some)
        assert_int_equal(age_write(writer, bytes + done, size - done < some ? size - done : some),
                         0);
    assert_int_equal(age_finish(writer), 0);
    age_writer_destroy(writer);
}

static void what_age_wrote_is_read(void **state)
{
    struct age_reader *reader;
    char hello[5];

    (void)state;
    file.size = sizeof(known_file) - 1;
    memcpy(file.bytes, known_file, file.size);
    assert_int_equal(open_file(known_identity, &reader), 0);
    assert_int_equal(age_size(reader), 5);
    assert_int_equal(age_read(reader, 0, hello, 5), 0);
    assert_memory_equal(hello, "hello", 5);
    assert_int_equal(age_read(reader, 1, hello, 5), -EBADMSG);
    age_reader_destroy(reader);
}

static void every_size_comes_back_at_any_place(void **state)
{
    static const size_t sizes[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 5 * PIECE + 77};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct age_reader *reader;
        uint8_t found[1000];

        write_file(*state, known_recipient, sizes[i], 10007);
        assert_int_equal(open_file(known_identity, &reader), 0);
        assert_int_equal(age_size(reader), sizes[i]);
        for (size_t at = 0; at < sizes[i]; at += 7919) {
            size_t some = sizes[i] - at < sizeof(found) ? sizes[i] - at : sizeof(found);

            assert_int_equal(age_read(reader, at, found, some), 0);
            for (size_t k = 0; k < some; k++)
                assert_int_equal(found[k], byte_at(at + k));
        }
        assert_int_equal(age_read(reader, sizes[i], found, 1), -EBADMSG);
        age_reader_destroy(reader);
    }
}

static void each_recipient_opens_it_and_nobody_else(void **state)
{
    struct fixture *fixture = *state;
    char identities[2][AGE_TEXT_BYTES], recipients[2][AGE_TEXT_BYTES];
    struct age_reader *reader;

    for (size_t i = 0; i < 2; i++)
        age_identity_create(&fixture->random, identities[i], recipients[i]);
    assert_int_equal(strlen(recipients[0]), strlen(known_recipient));
    assert_int_equal(strlen(identities[0]), strlen(known_identity));
    struct text both =
        text_printf(fixture->arena, "# two\n%s\n\n%s\r\n", recipients[0], known_recipient);
    write_file(fixture, both.bytes, 10, 10);
    assert_int_equal(open_file(identities[0], &reader), 0);
    age_reader_destroy(reader);
    assert_int_equal(open_file(known_identity, &reader), 0);
    age_reader_destroy(reader);
    assert_int_equal(open_file(identities[1], &reader), -EACCES);
}

static void a_writer_reads_its_own_without_an_identity(void **state)
{
    struct age_writer *writer = begin(*state, known_recipient);
    struct age_reader *reader;
    char found[4];

    assert_int_equal(age_write(writer, "four", 4), 0);
    assert_int_equal(age_finish(writer), 0);
    struct age_source source = {&file, file.size, get};
    assert_int_equal(age_reader_of(writer, &source, &reader), 0);
    assert_int_equal(age_read(reader, 0, found, 4), 0);
    assert_memory_equal(found, "four", 4);
    age_reader_destroy(reader);
    age_writer_destroy(writer);
}

/* Read to its end: 0, or what was noticed first. */
static int read_through(void)
{
    struct age_reader *reader;
    uint8_t found[4096];
    int result = open_file(known_identity, &reader);

    if (result < 0)
        return result;
    for (uint64_t at = 0; at < age_size(reader) && result == 0; at += sizeof(found)) {
        uint64_t left = age_size(reader) - at;
        result = age_read(reader, at, found, left < sizeof(found) ? (size_t)left : sizeof(found));
    }
    age_reader_destroy(reader);
    return result;
}

static void every_change_is_noticed(void **state)
{
    write_file(*state, known_recipient, PIECE + 100, PIECE);
    assert_int_equal(read_through(), 0);
    for (size_t at = 0; at < file.size; at += at < 300 ? 1 : 997) {
        file.bytes[at] ^= 1;
        int result = read_through();
        assert_true(result == -EBADMSG || result == -EACCES);
        file.bytes[at] ^= 1;
    }
    size_t size = file.size;
    for (file.size = 0; file.size < size; file.size += file.size < 300 ? 1 : 991)
        assert_true(read_through() < 0);
    /* Cut between two pieces: the last one would not say that it is. */
    file.size = size - 100 - 16;
    assert_int_equal(read_through(), -EBADMSG);
    file.size = size;
    assert_int_equal(read_through(), 0);
}

static void a_sink_that_fails_is_told(void **state)
{
    struct age_writer *writer = begin(*state, known_recipient);
    uint8_t bytes[100] = {0};

    assert_int_equal(age_write(writer, bytes, sizeof(bytes)), 0);
    file.fault = -ENOSPC;
    assert_int_equal(age_finish(writer), -ENOSPC);
    age_writer_destroy(writer);
    struct age_sink sink = {&file, put};
    struct age_keys keys = {.count = 1};
    struct fixture *fixture = *state;
    keys.keys[0][0] = 9;
    assert_int_equal(age_writer_create(&keys, &fixture->random, &sink, &writer), -ENOSPC);
    keys.keys[0][0] = 0; /* of small order: no secret comes of it */
    file.fault = 0;
    assert_int_equal(age_writer_create(&keys, &fixture->random, &sink, &writer), -EINVAL);
}

static void a_key_with_a_wrong_letter_is_none(void **state)
{
    struct age_keys keys;
    char text[AGE_TEXT_BYTES];
    size_t line;

    (void)state;
    for (size_t i = 0; i < sizeof(known_recipient) - 1; i++) {
        strcpy(text, known_recipient);
        text[i] = text[i] == 'q' ? 'p' : 'q';
        assert_false(age_read_recipients(text_from(text), &keys, &line));
        assert_int_equal(line, 1);
    }
    assert_false(age_read_recipients(TEXT("# nothing\n\n"), &keys, &line));
    assert_int_equal(line, 0);
    assert_false(age_read_recipients(text_from(known_identity), &keys, &line));
    assert_false(age_read_identities(text_from(known_recipient), &keys, &line));
}

static void more_recipients_than_a_file_has_room_for_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct age_keys keys;
    struct text_buffer buffer;
    size_t line = 7;

    text_buffer_init(&buffer, fixture->arena);
    for (int i = 0; i < AGE_RECIPIENTS_MAX; i++)
        text_append_printf(&buffer, "%s\n", known_recipient);
    assert_true(age_read_recipients(text_buffer_text(&buffer), &keys, &line));
    assert_int_equal(keys.count, AGE_RECIPIENTS_MAX);
    text_append_printf(&buffer, "%s\n", known_recipient);
    assert_false(age_read_recipients(text_buffer_text(&buffer), &keys, &line));
    assert_int_equal(line, 0);
}

/* Points of low order, with which anybody's share would come to the same secret. */
static void a_point_that_hides_nothing_opens_and_seals_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct age_sink sink = {&file, put};
    struct age_keys zero = {.count = 1};
    struct age_writer *writer = NULL;
    struct age_reader *reader;
    char *share;

    file.size = sizeof(known_file) - 1;
    memcpy(file.bytes, known_file, file.size);
    share = strstr((char *)file.bytes, "X25519 ") + strlen("X25519 ");
    memset(share, 'A', 43);
    assert_int_equal(open_file(known_identity, &reader), -EACCES);
    assert_int_equal(age_writer_create(&zero, &fixture->random, &sink, &writer), -EINVAL);
}

static int setup(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    return fixture_init(&fixture, "age");
}

static int teardown(void **state)
{
    fixture_finish(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_age_wrote_is_read),
        TEST(every_size_comes_back_at_any_place),
        TEST(each_recipient_opens_it_and_nobody_else),
        TEST(a_writer_reads_its_own_without_an_identity),
        TEST(every_change_is_noticed),
        TEST(a_sink_that_fails_is_told),
        TEST(a_key_with_a_wrong_letter_is_none),
        TEST(more_recipients_than_a_file_has_room_for_are_refused),
        TEST(a_point_that_hides_nothing_opens_and_seals_nothing),
    };
    return cmocka_run_group_tests_name("age", tests, NULL, NULL);
}
