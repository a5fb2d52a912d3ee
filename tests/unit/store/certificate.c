/* Certificates of erasures: what whoever holds one can rely on. */
#include "findings.h"
#include "raw.h"

#include "store/audit.h"
#include "store/tree/certificate.h"
#include "vault/sign.h"

static const struct vault_case_id awa = {{0xaa, 1}};

/* Three entries of no case under a checkpoint, the second tells of an erasure; one behind it. */
static int setup(void **state)
{
    int result = store_setup(state);

    for (uint64_t seq = 1; seq <= 4; seq++) {
        struct store_entry entry = next_entry(nobody(), TEXT("{\"kind\":\"case.erased\"}"));
        struct store_batch batch = {.number = seq,
                                    .entries = &entry,
                                    .entry_count = 1,
                                    .horizon = seq,
                                    .is_checkpoint = seq == 3};
        assert_int_equal(store_commit(store, &batch), 0);
    }
    return result;
}

static struct certificate facts(void)
{
    return (struct certificate){
        .id = TEXT("aa010000000000000000000000000000"),
        .code = TEXT("SN-2026-00042-K"),
        .workflow = TEXT("child-return"),
        .country = TEXT("SN"),
        .asked = TEXT("2026-01-05T08:00:00Z"),
        .asked_by = TEXT("dado"),
        .asked_person = TEXT("dado"),
        .erased = TEXT("2026-01-05T09:00:00Z"),
        .approved_by = TEXT("binta2"),
        .approved_person = TEXT("binta"),
        .finished = TEXT("2026-01-05T09:00:01Z"),
        .reason = TEXT("the family asked;\n\"file 12/2026\", dépôt"),
        .seq = 2,
        .finished_seq = 3,
    };
}

static struct text certify(struct fixture *fixture, struct certificate certificate)
{
    struct text note = TEXT_NONE;

    assert_int_equal(store_certify(store, fixture->arena, &certificate, &note), 0);
    return note;
}

/* The certificate of entry 2, with the proof of entry `proven` behind it. */
static struct text with_proof(struct fixture *fixture, uint64_t proven)
{
    struct text note = certify(fixture, facts()), proof;

    assert_int_equal(store_prove_entry(store, fixture->arena, proven, &proof), 0);
    return text_printf(fixture->arena, "%.*s\n%.*s", TEXT_ARG(note), TEXT_ARG(proof));
}

/* As whoever receives it does: read, signed with that key, and proven if there is a proof. */
static bool is_good(struct arena *arena, struct text text, const struct note_key *key)
{
    struct certificate_file file;
    uint64_t time_s;

    return certificate_read(arena, text, &file) && text_equal(file.certificate.store, key->name) &&
           note_check(arena, &file.note, key, &time_s) == NOTE_SIGNED &&
           (!file.has_proof || (certificate_is_proven(&file) &&
                                text_equal(file.proof.note.checkpoint.origin, key->name) &&
                                note_check(arena, &file.proof.note, key, &time_s) == NOTE_SIGNED));
}

static void it_says_what_is_known_and_is_read_back(void **state)
{
    struct fixture *fixture = *state;
    struct certificate said = facts();
    struct certificate_file file;
    struct note_key key = key_of(fixture);
    struct text text = with_proof(fixture, 2);

    assert_true(is_good(fixture->arena, text, &key));
    assert_true(is_good(fixture->arena, certify(fixture, said), &key));
    assert_true(certificate_read(fixture->arena, text, &file));
    assert_true(file.has_proof);
    assert_true(text_equal(file.certificate.reason, said.reason));
    assert_true(text_equal(file.certificate.approved_person, said.approved_person));
    assert_true(text_equal(file.certificate.finished, said.finished));
    assert_int_equal(file.certificate.seq, 2);
    assert_int_equal(file.certificate.finished_seq, 3);
    assert_true(text_begins(text, "sankofa erasure certificate v1\n"));
    assert_non_null(strstr(text.bytes, "\nreason \"the family asked;\\n\\\"file 12/2026\\\", "));
    /* The same each time. */
    assert_true(text_equal(certify(fixture, said), certify(fixture, said)));
    assert_int_equal(store_reopen(fixture), 0);
    assert_true(text_begins(text, certify(fixture, said).bytes));
}

static void what_is_not_known_of_a_damaged_case_has_no_line(void **state)
{
    struct fixture *fixture = *state;
    struct certificate said = facts();
    struct certificate_file file;
    struct note_key key = key_of(fixture);

    said.code = said.workflow = said.country = TEXT_NONE;
    struct text text = certify(fixture, said);
    assert_true(is_good(fixture->arena, text, &key));
    assert_null(strstr(text.bytes, "\ncode"));
    assert_true(certificate_read(fixture->arena, text, &file));
    assert_true(text_is_empty(file.certificate.country));
    assert_false(file.has_proof);
}

static void the_longest_reason_that_can_be_given_fits(void **state)
{
    struct fixture *fixture = *state;
    struct certificate said = facts();
    struct note_key key = key_of(fixture);
    char reason[2000]; /* CASE_COMMENT_BYTES_MAX, six bytes of JSON each */

    memset(reason, 1, sizeof(reason));
    said.reason = (struct text){reason, sizeof(reason)};
    assert_true(is_good(fixture->arena, certify(fixture, said), &key));
}

static void every_bit_counts(void **state)
{
    struct fixture *fixture = *state;
    struct text text = with_proof(fixture, 2), note = certify(fixture, facts());
    struct note_key key = key_of(fixture);
    char *bytes = (char *)(uintptr_t)text.bytes;

    for (size_t i = 0; i < text.size; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct arena *arena = arena_create("bit");
            bytes[i] ^= (char)(1 << bit);
            assert_false(is_good(arena, text, &key));
            bytes[i] ^= (char)(1 << bit);
            arena_destroy(arena);
        }
    assert_true(is_good(fixture->arena, text, &key));
    /* Cut short it is none, but where its note ends. */
    for (size_t size = 0; size < text.size; size++) {
        struct arena *arena = arena_create("cut");
        assert_int_equal(is_good(arena, (struct text){text.bytes, size}, &key), size == note.size);
        arena_destroy(arena);
    }
}

static void another_store_s_key_does_not_do(void **state)
{
    struct fixture *fixture = *state;
    struct note_key key = key_of(fixture), other = key;
    struct text text = certify(fixture, facts());
    uint8_t seed[SIGN_KEY_BYTES] = {7};

    sign_public_key(seed, other.public_key);
    assert_false(is_good(fixture->arena, text, &other));
    other = key;
    other.name = TEXT("sankofa/00000000000000000000000000000000");
    assert_false(is_good(fixture->arena, text, &other));
    other = key;
    other.kind = NOTE_WITNESS;
    assert_false(is_good(fixture->arena, text, &other));
}

/* Whoever signs checkpoints signs certificates: neither is ever read as the other. */
static void a_checkpoint_is_no_certificate_and_a_certificate_no_checkpoint(void **state)
{
    struct fixture *fixture = *state;
    struct text checkpoint, certificate = certify(fixture, facts()), proof;
    struct certificate_file file;
    struct proof_text proof_text;
    struct note note;
    uint64_t size;

    assert_int_equal(store_newest_checkpoint(store, fixture->arena, &size, &checkpoint), 0);
    assert_true(note_read(checkpoint, &note));
    assert_false(certificate_read(fixture->arena, checkpoint, &file));
    assert_false(note_read(certificate, &note));
    assert_int_equal(store_compare(store, certificate, &size), -EINVAL);
    assert_false(proof_read(fixture->arena, certificate, &proof_text));
    assert_false(proof_read(fixture->arena, with_proof(fixture, 2), &proof_text));
    assert_false(note_read(with_proof(fixture, 2), &note));
    assert_int_equal(store_prove_entry(store, fixture->arena, 2, &proof), 0);
    assert_false(certificate_read(fixture->arena, proof, &file));
    assert_int_equal(store_prove_growth(store, fixture->arena, 1, &proof), 0);
    assert_false(certificate_read(
        fixture->arena,
        text_printf(fixture->arena, "%.*s\n%.*s", TEXT_ARG(certificate), TEXT_ARG(proof)), &file));
}

static void the_proof_of_another_entry_proves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct note_key key = key_of(fixture);
    struct certificate_file file;
    struct text text = with_proof(fixture, 3);

    assert_true(certificate_read(fixture->arena, text, &file));
    assert_false(certificate_is_proven(&file));
    assert_false(is_good(fixture->arena, text, &key));
    /* The right number with another leaf. */
    text = with_proof(fixture, 2);
    assert_true(certificate_read(fixture->arena, text, &file));
    assert_true(certificate_is_proven(&file));
    file.certificate.leaf.bytes[0] ^= 1;
    assert_false(certificate_is_proven(&file));
}

/* Signed all the same, but not by the lines that a certificate has. */
static void other_lines_are_none_of_a_certificate(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"\nseq 2", "\nseq 02"},
        {"\nseq 2", "\nseq  2"},
        {"\nseq 2", "\nseq 2\nseq 2"},
        {"\nseq 2\n", "\n"},
        {"\nreason \"", "\nreason  \""},
        {"\nreason \"the", "\nreason \"\\u0074he"},
        {"\nreason \"the family", "\nreason 7 \"the family"},
        {"\ncountry SN", "\ncountry "},
        {"\ncountry SN", "\ncountry SN\ncountry GW"},
        {"\ncode ", "\nCode "},
        {"\nleaf ", "\nleaf A"},
        {" v1\n", " v2\n"},
        {"This case was", "That case was"},
        {"finished_seq 3", "finished_seq 3\nmore 1"},
    };
    struct fixture *fixture = *state;
    struct text note = certify(fixture, facts());
    struct certificate_file file;

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const char *at = strstr(note.bytes, changes[i].from);
        assert_non_null(at);
        struct text changed = text_printf(fixture->arena, "%.*s%s%s", (int)(at - note.bytes),
                                          note.bytes, changes[i].to, at + strlen(changes[i].from));
        assert_false(certificate_read(fixture->arena, changed, &file));
    }
    assert_true(certificate_read(fixture->arena, note, &file));
}

/* ---- Stores that are damaged. ---- */

static void damage_entry(struct fixture *fixture, uint64_t seq)
{
    raw_flip(fixture, "journal", raw_seq(&seq), 100);
    assert_int_equal(store_reopen(fixture), 0);
}

static void nothing_is_signed_about_an_entry_that_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct certificate certificate = facts();
    struct text note;

    certificate.seq = 9;
    assert_int_equal(store_certify(store, fixture->arena, &certificate, &note), -EBADMSG);
    certificate.seq = 4; /* no checkpoint covers it: the history is as it was signed */
    damage_entry(fixture, 4);
    assert_false(store_history_differs(store));
    assert_int_equal(store_certify(store, fixture->arena, &certificate, &note), -EBADMSG);
    certificate.seq = 2;
    assert_int_equal(store_certify(store, fixture->arena, &certificate, &note), 0);
}

/* An entry of a case that was erased opens for nobody, so it tells of no erasure. */
static void nothing_is_signed_about_an_entry_of_an_erased_case(void **state)
{
    struct fixture *fixture = *state;
    struct certificate certificate = facts();
    struct text note;

    certificate.seq = open_case(fixture, awa, "{}", "{\"a\":1}", "{\"b\":1}");
    struct store_entry entry = next_entry(nobody(), TEXT("{\"kind\":\"case.erased\"}"));
    struct store_batch batch = {.number = 9,
                                .entries = &entry,
                                .entry_count = 1,
                                .erasures = &awa,
                                .erasure_count = 1,
                                .erased_seq = entry.seq,
                                .begins_epoch = true,
                                .horizon = entry.seq};
    assert_int_equal(store_commit(store, &batch), 0);
    vault_key_forget(store_vault(store), &awa);
    assert_int_equal(store_certify(store, fixture->arena, &certificate, &note), -EBADMSG);
}

/* What it says is so, wherever the entry stands; only nothing proves that. */
static void it_is_signed_though_the_history_differs(void **state)
{
    struct fixture *fixture = *state;
    struct note_key key = key_of(fixture);
    struct text proof;

    damage_entry(fixture, 1);
    assert_true(store_history_differs(store));
    assert_true(is_good(fixture->arena, certify(fixture, facts()), &key));
    assert_int_equal(store_prove_entry(store, fixture->arena, 2, &proof), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)
        TEST(it_says_what_is_known_and_is_read_back),
        TEST(what_is_not_known_of_a_damaged_case_has_no_line),
        TEST(the_longest_reason_that_can_be_given_fits),
        TEST(every_bit_counts),
        TEST(another_store_s_key_does_not_do),
        TEST(a_checkpoint_is_no_certificate_and_a_certificate_no_checkpoint),
        TEST(the_proof_of_another_entry_proves_nothing),
        TEST(other_lines_are_none_of_a_certificate),
        TEST(nothing_is_signed_about_an_entry_that_does_not_open),
        TEST(nothing_is_signed_about_an_entry_of_an_erased_case),
        TEST(it_is_signed_though_the_history_differs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
