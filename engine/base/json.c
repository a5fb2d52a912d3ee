/* JSON from outside becomes a value.
 *
 * The grammar is jansson's: it knows UTF-8, duplicate names and numbers. Before it, one
 * pass over the bytes bounds the depth, because what follows recurses. Its words are replaced by
 * ours, because they quote the text, which may hold somebody's name and may be cut in the middle
 * of a character. */
#include "base/json.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/wipe.h"

/* Some of what jansson asks for it can miss without a word that says so. */
static void *allocate(size_t size)
{
    void *bytes = malloc(size);

    if (bytes == NULL)
        check_out_of_memory("jansson", size);
    return bytes;
}

/* A body may hold a passphrase, and always holds what a case is about. */
static void choose_allocator(void)
{
    json_set_alloc_funcs(allocate, wipe_free);
}

static void set_fault(struct json_fault *fault, size_t line, size_t column, const char *message)
{
    if (fault == NULL)
        return;
    fault->line = line > 0 ? line : 1;
    fault->column = column > 0 ? column : 1;
    fault->is_cut = false;
    snprintf(fault->message, sizeof fault->message, "%s", message);
}

/* The place of byte `at`, columns in code points. */
static void set_fault_at(struct json_fault *fault, struct text json, size_t at, const char *message)
{
    size_t line = 1, begin = 0;
    for (size_t i = 0; i < at; i++) {
        if (json.bytes[i] == '\n') {
            line++;
            begin = i + 1;
        }
    }
    struct text before = {json.bytes + begin, at - begin};
    set_fault(fault, line, text_code_points(before) + 1, message);
}

/* Up to its first fault the text nests as its brackets outside strings say; jansson stops there. */
static bool is_shallow(struct text json, size_t *at_out)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < json.size; i++) {
        char c = json.bytes[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > JSON_DEPTH_MAX) {
                *at_out = i;
                return false;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return true;
}

static const char *fault_message(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:
        return "the text is not UTF-8";
    case json_error_premature_end_of_input:
        return "the text ends in the middle of a value";
    case json_error_end_of_input_expected:
        return "something stands behind the end of the value";
    case json_error_duplicate_key:
        return "a name stands twice in one object";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_null_byte_in_key:
        return "a name holds a NUL character";
    case json_error_stack_overflow:
        return "the value is nested too deeply";
    case json_error_unknown:
    case json_error_out_of_memory:
    case json_error_cannot_open_file:
    case json_error_invalid_argument:
    case json_error_invalid_format:
    case json_error_wrong_type:
    case json_error_null_character:
    case json_error_null_value:
    case json_error_item_not_found:
    case json_error_index_out_of_range:
    case json_error_invalid_syntax:
        break;
    }
    return "this is not JSON";
}

static struct value convert(struct arena *arena, json_t *json);

static struct value convert_object(struct arena *arena, json_t *json)
{
    struct value map = value_map(arena);
    for (void *at = json_object_iter(json); at != NULL; at = json_object_iter_next(json, at)) {
        struct text key = {json_object_iter_key(at), json_object_iter_key_len(at)};
        value_set(&map, text_copy(arena, key), convert(arena, json_object_iter_value(at)));
    }
    return map;
}

static struct value convert_array(struct arena *arena, json_t *json)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < json_array_size(json); i++)
        value_append(&list, convert(arena, json_array_get(json, i)));
    return list;
}

static struct value convert(struct arena *arena, json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return convert_object(arena, json);
    case JSON_ARRAY:
        return convert_array(arena, json);
    case JSON_STRING:
        return value_string(
            text_copy(arena, (struct text){json_string_value(json), json_string_length(json)}));
    case JSON_INTEGER:
        return value_int(json_integer_value(json));
    case JSON_REAL:
        return value_double(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_bool(json_is_true(json));
    case JSON_NULL:
        break;
    }
    return value_null();
}

int json_read(struct arena *arena, struct text json, struct value *value_out,
              struct json_fault *fault_out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    size_t at = 0;

    pthread_once(&once, choose_allocator);
    if (!is_shallow(json, &at)) {
        set_fault_at(fault_out, json, at, "the value is nested too deeply");
        return -EINVAL;
    }
    json_error_t error;
    json_t *root = json_loadb(json.bytes == NULL ? "" : json.bytes, json.size,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    if (root == NULL) {
        set_fault(fault_out, error.line > 0 ? (size_t)error.line : 1,
                  error.column > 0 ? (size_t)error.column : 1,
                  fault_message(json_error_code(&error)));
        if (fault_out != NULL)
            fault_out->is_cut = json_error_code(&error) == json_error_premature_end_of_input;
        return -EINVAL;
    }
    *value_out = convert(arena, root);
    json_decref(root);
    return 0;
}
