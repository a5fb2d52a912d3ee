/* Frames between daemon and host: bytes of a stream, as a host that was taken over may send them.
 * The first byte says how the rest is meant: a stream as it is, or the body of one frame, whose
 * head is made to fit. Descriptions and outcomes that are read are held against their readers. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "steps/outcome.h"
#include "wire/describe.h"
#include "wire/wire.h"

enum { MEMORY_BASE = 1 << 18, MEMORY_EACH = 2048 };

/* A frame that was read is written as one that is read the same. */
static void judge_frame(struct arena *arena, const struct wire_frame *frame)
{
    struct wire_frame again;
    const char *why;
    struct text bytes;

    CHECK(frame->body.kind == VALUE_MAP);
    int status = wire_write(arena, frame, &bytes);
    if (status == -EMSGSIZE)
        return;
    CHECK(status == 0);
    CHECK(wire_read(arena, bytes, &again, &why) == (int64_t)bytes.size);
    CHECK(again.kind == frame->kind);
    CHECK(again.call == frame->call);
    CHECK(value_equal(&again.body, &frame->body));
}

static void judge_fields(struct arena *arena, struct plugin_fields fields)
{
    for (size_t i = 0; i < fields.count; i++) {
        const struct plugin_field *field = &fields.items[i];
        struct value value;
        struct text why;

        CHECK(text_is_id(field->name));
        CHECK(plugin_initial(field, arena, &value));
        CHECK(!field->has_initial || plugin_accepts(field, &value, arena, &why));
    }
}

static void judge_description(struct arena *arena, const struct value *body)
{
    struct plugin_description description, again;
    struct text why = TEXT_NONE;

    if (plugin_read(arena, body, &description, &why) != 0) {
        CHECK(why.size > 0);
        CHECK(text_is_utf8(why));
        return;
    }
    struct value written = plugin_describe(arena, &description);
    fuzz_judge_json(arena, &written);
    CHECK(plugin_read(arena, &written, &again, &why) == 0);
    struct value twice = plugin_describe(arena, &again);
    CHECK(value_equal(&written, &twice));
    for (size_t i = 0; i < description.step_type_count; i++) {
        judge_fields(arena, description.step_types[i].inputs);
        judge_fields(arena, description.step_types[i].outputs);
        judge_fields(arena, description.step_types[i].answers);
    }
}

static void judge_outcome(struct arena *arena, const struct value *body)
{
    static const struct text options[] = {TEXT("low"), TEXT("high")};
    static const struct plugin_field fields[] = {
        {.name = TEXT("risk"), .kind = PLUGIN_INTEGER},
        {.name = TEXT("fee"), .kind = PLUGIN_NUMBER},
        {.name = TEXT("until"), .kind = PLUGIN_DATE},
        {.name = TEXT("at"), .kind = PLUGIN_TIMESTAMP},
        {.name = TEXT("tags"), .kind = PLUGIN_TEXTS},
        {.name = TEXT("open"), .kind = PLUGIN_BOOLEAN},
        {.name = TEXT("level"), .kind = PLUGIN_TEXT, .options = options, .option_count = 2}};
    static const struct plugin_step_type type = {
        .name = TEXT("score"), .parks = true, .inputs = {fields, 7}, .outputs = {fields, 7}};
    static const enum run_verb verbs[] = {RUN_CHECK, RUN_STEP, RUN_RESUME, RUN_DROP};

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        struct run_outcome outcome = {0};
        struct text why = TEXT_NONE;

        if (!outcome_read(&type, verbs[i], body, arena, &outcome, &why))
            CHECK(why.size > 0);
        else if (outcome.kind == RUN_DONE)
            fuzz_judge_json(arena, &outcome.outputs);
    }
    CHECK(outcome_message(body).size > 0);
}

static void judge_stream(struct arena *arena, struct text bytes)
{
    const char *why = NULL;
    struct wire_frame frame;

    for (;;) {
        int64_t taken = wire_read(arena, bytes, &frame, &why);

        if (taken == 0)
            return;
        if (taken < 0) {
            CHECK(taken == -EPROTO);
            CHECK(why != NULL);
            return;
        }
        CHECK((size_t)taken <= bytes.size);
        CHECK(taken >= WIRE_HEAD_BYTES);
        judge_frame(arena, &frame);
        if (frame.kind == WIRE_LOADED)
            judge_description(arena, &frame.body);
        if (frame.kind == WIRE_OUTCOME)
            judge_outcome(arena, &frame.body);
        bytes = (struct text){bytes.bytes + taken, bytes.size - (size_t)taken};
    }
}

/* A head of the kind that the first byte says, and the rest as the body. */
static struct text framed(struct arena *arena, unsigned kind, struct text body)
{
    bool of_plugin = kind == WIRE_LOADED || kind == WIRE_UNLOADED;
    unsigned char *bytes = arena_alloc(arena, WIRE_HEAD_BYTES + body.size);

    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(body.size >> 8 * i);
    bytes[4] = (unsigned char)kind;
    bytes[8] = of_plugin ? 0 : 1;
    if (body.size > 0)
        memcpy(bytes + WIRE_HEAD_BYTES, body.bytes, body.size);
    return (struct text){(const char *)bytes, WIRE_HEAD_BYTES + body.size};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");

    if (size == 0)
        return 0;
    struct text rest = {(const char *)data + 1, size - 1};
    /* '0' begins a stream; '1' to '8' stand for the kinds. */
    unsigned kind = data[0] & 0x0fu;
    judge_stream(arena, kind == 0 ? rest : framed(arena, kind, rest));
    fuzz_judge_memory(arena, MEMORY_BASE, MEMORY_EACH, size);
    return 0;
}
