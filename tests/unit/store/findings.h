/* What a check of the store finds, and the key that its checkpoints bear. */
#ifndef SANKOFA_TESTS_STORE_FINDINGS_H
#define SANKOFA_TESTS_STORE_FINDINGS_H

#include "fixture.h"

#include "store/audit.h"
#include "store/tree/note.h"
#include "store/verify.h"

/* The key that this store's checkpoints are signed with. */
static inline struct note_key key_of(struct fixture *fixture)
{
    struct text file = store_audit_key(store, fixture->arena);
    struct text line = {file.bytes, (size_t)(strchr(file.bytes, '\n') - file.bytes)};
    struct note_key key;

    assert_true(note_key_read(line, &key));
    return key;
}

/* Ends a check; its findings live in the fixture's arena. */
static inline struct store_verified verify_end(struct fixture *fixture, struct store_verify *verify)
{
    struct store_verified verified = store_verify_result(verify);
    struct store_finding *kept =
        ARENA_ARRAY(fixture->arena, struct store_finding, verified.finding_count + 1);
    for (size_t i = 0; i < verified.finding_count; i++) {
        kept[i] = verified.findings[i];
        kept[i].key = text_copy(fixture->arena, kept[i].key);
    }
    verified.findings = kept;
    store_verify_destroy(verify);
    return verified;
}

#endif
