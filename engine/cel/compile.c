/* The front: compiles an expression, answers for the program, places its diagnostics. */
#include <stdio.h>

#include "cel/check/check.h"

struct diag *cel_compile_error(struct compile *compile, struct span span, const char *code,
                               const char *format, ...)
{
    struct text before = {compile->source.bytes, span.start};
    struct place place = compile->place;
    va_list arguments;

    if (place.line == 0)
        place.column = 1;
    for (size_t offset = 0; offset < before.size;) {
        place.column++;
        if (text_next_code_point(before, &offset) == '\n' && place.line > 0) {
            place.line++;
            place.column = 1;
        }
    }
    place.width = 0;
    for (size_t offset = span.start; offset < span.end; place.width++) {
        if (text_next_code_point(compile->source, &offset) == '\n')
            break;
    }
    if (place.width == 0)
        place.width = 1;
    va_start(arguments, format);
    struct text message = text_vprintf(compile->arena, format, arguments);
    va_end(arguments);
    return diag_add(compile->diags, DIAG_ERROR, code, place, "%.*s", TEXT_ARG(message));
}

struct text cel_compile_text(const struct compile *compile, struct span span)
{
    return (struct text){compile->source.bytes + span.start, span.end - span.start};
}

/* What can be said of the source before it is read. */
static bool is_readable(struct compile *compile)
{
    if (!text_is_utf8(compile->source)) {
        compile->source = TEXT_NONE;
        cel_compile_error(compile, (struct span){0, 0}, E_TEXT, "this expression is not UTF-8");
        return false;
    }
    if (compile->source.size > CEL_SOURCE_BYTES_MAX) {
        cel_compile_error(compile, (struct span){0, 1}, E_BOUND,
                          "this expression has more than %d bytes", CEL_SOURCE_BYTES_MAX);
        return false;
    }
    return true;
}

/* The result's type is known only at run time, or nothing determines it: to whoever asks both are
 * the same (cel_program_type). */
static bool is_run_typed(struct node *root)
{
    return cel_term_is(root->type, CEL_UNKNOWN) || cel_term_is_open(root->type);
}

/* What follows from the result's type: with what advice it is refused. */
static void refuse_result(struct check *check, struct node *root, const struct cel_type *wanted)
{
    struct compile *compile = check->compile;
    struct text name = cel_type_write(compile->arena, wanted);
    struct text text = cel_compile_text(compile, root->span);
    struct text got = cel_term_write(compile->arena, root->type);

    if (is_run_typed(root)) {
        struct diag *diag = cel_compile_error(
            compile, root->span, E_RUN_TYPED,
            "%.*s is needed here, and the type of this is known only at run time", TEXT_ARG(name));
        diag_help(compile->diags, diag, "convert it: %.*s(%.*s)", TEXT_ARG(name), TEXT_ARG(text));
        return;
    }
    struct diag *diag =
        cel_compile_error(compile, root->span, E_RESULT, "%.*s is needed here, this is %.*s",
                          TEXT_ARG(name), TEXT_ARG(got));
    if (wanted->kind == CEL_BOOL)
        diag_help(compile->diags, diag, "write a comparison, such as %.*s == ...", TEXT_ARG(text));
    else if (wanted->kind < CEL_LIST && wanted->kind != CEL_NULL &&
             !cel_term_find(root->type)->element)
        diag_help(compile->diags, diag, "where a conversion is meant write %.*s(%.*s)",
                  TEXT_ARG(name), TEXT_ARG(text));
}

static void check_result(struct check *check, struct node *root, const struct cel_type *wanted)
{
    if (wanted->kind == CEL_UNKNOWN)
        return;
    if (is_run_typed(root) && wanted->kind != CEL_BOOL) {
        check->compile->program->wanted = wanted;
        return;
    }
    if (is_run_typed(root) ||
        !cel_term_unify(&check->trail, root->type, cel_term_from(check->compile->arena, wanted)))
        refuse_result(check, root, wanted);
}

const struct cel_program *cel_compile(const struct cel_scope *scope, struct text source,
                                      struct place place, const struct cel_type *wanted,
                                      struct diag_list *diags)
{
    struct arena *arena = diags->arena;
    struct cel_program *program = ARENA_NEW(arena, struct cel_program);
    struct compile compile = {.arena = arena,
                              .scope = scope,
                              .source = text_copy(arena, source),
                              .place = place,
                              .diags = diags,
                              .program = program};
    struct check *check = ARENA_NEW(arena, struct check);
    size_t error_count = diags->error_count;

    check->compile = &compile;
    check->trail.arena = arena;
    program->source = compile.source;
    program->root = is_readable(&compile) ? cel_tree_parse(&compile) : NULL;
    if (!program->root)
        return NULL;
    cel_check_node(check, program->root);
    if (wanted && diags->error_count == error_count)
        check_result(check, program->root, wanted);
    if (diags->error_count > error_count)
        return NULL;
    program->type = cel_term_type(arena, program->root->type);
    return program;
}

const struct cel_type *cel_program_type(const struct cel_program *program)
{
    return program->type;
}

const struct text *cel_program_reads(const struct cel_program *program, size_t *count_out)
{
    *count_out = program->read_count;
    return program->reads;
}

const struct text *cel_program_states(const struct cel_program *program, size_t *count_out)
{
    *count_out = program->state_count;
    return program->states;
}

struct text cel_program_source(const struct cel_program *program)
{
    return program->source;
}
