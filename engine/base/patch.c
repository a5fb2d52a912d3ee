/* Merge patches (RFC 7396): how an entry of the journal says what changed in a case.
 *
 * A patch is shaped like what it changes: a member replaces, a null removes, a map goes down a
 * level, anything else (a list too) replaces whole. So a null can never be the new content of a
 * member, and the maps that are compared hold none. */
#include "base/arena.h"
#include "base/check.h"
#include "base/value.h"

struct value value_patch_apply(struct arena *arena, const struct value *target,
                               const struct value *patch)
{
    if (patch->kind != VALUE_MAP)
        return *patch;
    struct value result = value_map(arena);
    bool merges = target != NULL && target->kind == VALUE_MAP;
    for (size_t i = 0; merges && i < value_count(target); i++) {
        const struct value_member *member = value_member(target, i);
        const struct value *change = value_get(patch, member->key);
        if (change == NULL)
            value_set(&result, member->key, member->value);
        else if (change->kind != VALUE_NULL)
            value_set(&result, member->key, value_patch_apply(arena, &member->value, change));
    }
    for (size_t i = 0; i < value_count(patch); i++) {
        const struct value_member *member = value_member(patch, i);
        bool present = merges && value_get(target, member->key) != NULL;
        if (!present && member->value.kind != VALUE_NULL)
            value_set(&result, member->key, value_patch_apply(arena, NULL, &member->value));
    }
    return result;
}

/* Sets in `patch` what makes `after` of `before` for one member; `before` is NULL where new. */
static void patch_member(struct arena *arena, struct value *patch, struct text key,
                         const struct value *before, const struct value *after)
{
    CHECK(after->kind != VALUE_NULL);
    if (before == NULL || before->kind != VALUE_MAP || after->kind != VALUE_MAP) {
        if (before == NULL || !value_equal(before, after))
            value_set(patch, key, *after);
        return;
    }
    struct value inner = value_patch_between(arena, before, after);
    if (value_count(&inner) > 0)
        value_set(patch, key, inner);
}

struct value value_patch_between(struct arena *arena, const struct value *before,
                                 const struct value *after)
{
    CHECK(before->kind == VALUE_MAP);
    CHECK(after->kind == VALUE_MAP);
    struct value patch = value_map(arena);
    if (before->map == after->map)
        return patch; /* most of a case is shared with the case before an event */
    for (size_t i = 0; i < value_count(before); i++) {
        struct text key = value_member(before, i)->key;
        if (value_get(after, key) == NULL)
            value_set(&patch, key, value_null());
    }
    for (size_t i = 0; i < value_count(after); i++) {
        const struct value_member *member = value_member(after, i);
        patch_member(arena, &patch, member->key, value_get(before, member->key), &member->value);
    }
    return patch;
}
