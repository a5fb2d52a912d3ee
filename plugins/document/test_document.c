/* The step document/fill: places, headings, pages; what a field holds is never a template. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

#include <dirent.h>
#include <unistd.h>

static char folder[200];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test-document-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    DIR *open = opendir(folder);
    char name[600];

    (void)state;
    for (struct dirent *one; open && (one = readdir(open));) {
        snprintf(name, sizeof(name), "%s/%s", folder, one->d_name);
        unlink(name);
    }
    closedir(open);
    return rmdir(folder);
}

static void write_template(const char *bytes, size_t size)
{
    char path[300];

    snprintf(path, sizeof(path), "%s/letter.fr.txt", folder);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    fclose(stream);
}

static void begin(struct sankofa_call *call, const char *template, const char *format)
{
    write_template(template, strlen(template));
    host_begin(call, host_step_type(sankofa_plugin(), "fill"), "2026-01-05");
    host_secret(call, "templates", folder);
    host_secret(call, "print", folder);
    host_text(call, "template", "letter");
    host_text(call, "language", "fr");
    host_text(call, "case_code", "SN-2026-00042-G");
    host_text(call, "format", format);
}

static void expect_text(struct sankofa_call *call, const char *text)
{
    if (host_run(call) != SANKOFA_DONE)
        fail_msg("failed: %s", call->failure);
    assert_string_equal(host_output(call, "text"), text);
}

static void expect_failed(struct sankofa_call *call, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_FAILED);
    assert_string_equal(call->failure, reason);
    assert_int_equal(call->retry, 0);
}

/* The bytes of the file that was laid; freed by the caller. */
static char *read_laid(struct sankofa_call *call, size_t *size_out)
{
    char path[300], *bytes = malloc(1 << 20);

    assert_non_null(bytes);
    snprintf(path, sizeof(path), "%s/%s", folder, host_output(call, "file"));
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    *size_out = fread(bytes, 1, 1 << 20, stream);
    fclose(stream);
    return bytes;
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_letter_is_filled_in(void **state)
{
    static const char *const fields[] = {"child=Aïssatou Bâ", "town=Gabú", "more=a\nb"};
    struct sankofa_call call;

    (void)state;
    begin(&call,
          "# Attestation\n\nL'enfant {{child}} est de {{town}}{{town}}.  "
          "\r\n{{more:lines}}\n***\nFin",
          "text");
    host_texts(&call, "fields", fields, 3);
    expect_text(&call, "Attestation\n===========\n\nL'enfant Aïssatou Bâ est de GabúGabú.\na\nb\n\n"
                       "Fin\n");
    assert_string_equal(host_output(&call, "file"), "");
    host_end(&call);
}

static void what_a_field_holds_is_never_a_template(void **state)
{
    static const char *const fields[] = {"x=# {{y}} ***", "y=secret", "z=***", "h=# no heading"};
    struct sankofa_call call;

    (void)state;
    begin(&call, "{{x}}\n{{z}}\n{{h}}\n", "text");
    host_texts(&call, "fields", fields, 4);
    expect_text(&call, "# {{y}} ***\n***\n# no heading\n");
    host_end(&call);
}

static void no_field_makes_a_line_that_the_template_does_not_give(void **state)
{
    static const char *const lines[] = {"x=a\nSigned: the judge"}, *const escape[] = {"x=a\x1b[2J"};
    struct sankofa_call call;

    (void)state;
    begin(&call, "Text: {{x}}\n", "text");
    host_texts(&call, "fields", lines, 1);
    expect_failed(&call, "The field x has signs that line 1 of the template does not take.");
    host_texts(&call, "fields", escape, 1);
    expect_failed(&call, "The field x has signs that line 1 of the template does not take.");
    write_template("Text: {{x:lines}}\n", 18);
    expect_failed(&call, "The field x has signs that line 1 of the template does not take.");
    host_end(&call);
}

static void a_document_with_a_hole_does_not_leave(void **state)
{
    static const char *const fields[] = {"x=1"}, *const bad[] = {"x"};
    struct sankofa_call call;

    (void)state;
    begin(&call, "a {{x}}\nb {{y}}\n", "text");
    host_texts(&call, "fields", fields, 1);
    expect_failed(&call,
                  "Line 2 of the template has the place {{y}}, and no such field was given.");
    write_template("a {{x}\n", 7);
    expect_failed(&call, "Line 1 of the template opens a place and does not close it.");
    write_template("a\tb\n", 4);
    expect_failed(&call, "Line 1 of the template has a tab or another control sign.");
    write_template("a\xff\n", 3);
    expect_failed(&call, "The template letter is no text in UTF-8.");
    write_template("a\0b\n", 4);
    expect_failed(&call, "The template letter is no text in UTF-8.");
    host_texts(&call, "fields", bad, 1);
    expect_failed(&call, "Field 1 is not name=value.");
    host_end(&call);
}

static void only_templates_of_the_folder_are_read(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin(&call, "x\n", "text");
    host_text(&call, "template", "../letter");
    expect_failed(&call, "The template's name is not one of small letters and digits.");
    host_text(&call, "template", "other");
    expect_failed(&call, "There is no template other.fr.txt: No such file or directory.");
    host_text(&call, "template", "letter");
    host_text(&call, "language", "pt");
    expect_failed(&call, "There is no template letter.pt.txt: No such file or directory.");
    host_secret(&call, "templates", "");
    expect_failed(&call, "The plugin was given no `templates`: the folder of templates.");
    host_end(&call);
}

static void long_lines_break_at_spaces(void **state)
{
    struct sankofa_call call;
    char template[400], wanted[420];

    (void)state;
    memset(template, 0, sizeof(template));
    for (int i = 0; i < 20; i++)
        strcat(template, "abcdé fghi ");
    begin(&call, template, "text");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    snprintf(wanted, sizeof(wanted), "%s", host_output(&call, "text"));
    for (char *line = strtok(wanted, "\n"); line; line = strtok(NULL, "\n")) {
        size_t columns = 0;
        for (const char *at = line; *at; at++)
            columns += ((unsigned char)*at & 0xc0) != 0x80;
        assert_true(columns <= 78);
        assert_true(line[0] == 'a' || line[0] == 'f');
    }
    memset(template, 'x', 200);
    template[200] = '\0';
    write_template(template, 200);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_int_equal(strcspn(host_output(&call, "text"), "\n"), 78);
    host_end(&call);
}

static void a_pdf_has_pages_and_is_the_same_each_time(void **state)
{
    static const char *const fields[] = {"child=Aïssatou Bâ Ŋɓɗ ẽ œ €"};
    struct sankofa_call call;
    char template[8000] = "# Titre\n";
    size_t size, again_size;

    (void)state;
    for (int i = 0; i < 60; i++)
        strcat(template,
               "L'enfant {{child}} est venu à pied, et la ligne est assez longue pour deux "
               "lignes de papier.\n");
    strcat(template, "***\nFin\n");
    begin(&call, template, "pdf");
    host_texts(&call, "fields", fields, 1);
    if (host_run(&call) != SANKOFA_DONE)
        fail_msg("failed: %s", call.failure);
    char *first = read_laid(&call, &size);
    assert_int_equal(strncmp(first, "%PDF-1.", 7), 0);
    assert_int_equal(host_output_integer(&call, "pages"), 4);
    assert_true(size < 200 << 10);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    char *again = read_laid(&call, &again_size);
    assert_int_equal(size, again_size);
    assert_memory_equal(first, again, size);
    host_secret(&call, "print", "/nowhere/at/all");
    assert_int_equal(host_run(&call), SANKOFA_FAILED);
    assert_int_equal(call.retry, 1);
    assert_string_equal(call.failure,
                        "The folder `print` takes nothing: No such file or directory.");
    host_secret(&call, "print", "");
    expect_failed(&call, "The plugin was given no `print`: the folder for what is printed.");
    free(first);
    free(again);
    host_end(&call);
}

static void a_sign_that_the_font_lacks_is_told_not_lost(void **state)
{
    static const char *const fields[] = {"name=\xe4\xb8\xad"}, *const high[] = {
                                                                   "name=\xf0\x9f\x98\x80"};
    struct sankofa_call call;

    (void)state;
    begin(&call, "{{name}}\n", "pdf");
    host_texts(&call, "fields", fields, 1);
    expect_failed(&call, "The font cannot show the sign U+4E2D.");
    host_texts(&call, "fields", high, 1);
    expect_failed(&call, "The font cannot show the sign U+1F600.");
    host_text(&call, "format", "text");
    expect_text(&call, "\xf0\x9f\x98\x80\n");
    host_text(&call, "format", "pdf");
    host_secret(&call, "font", "/nowhere.ttf");
    expect_failed(&call, "The font cannot be opened: No such file or directory.");
    host_secret(&call, "font", "/bin/sh");
    expect_failed(&call, "The font is no TrueType file of Unicode signs.");
    host_end(&call);
}

static void a_document_is_bounded(void **state)
{
    struct sankofa_call call;
    char pages[200] = "";
    char *large = malloc((64 << 10) + 2);

    (void)state;
    assert_non_null(large);
    for (int i = 0; i < 21; i++)
        strcat(pages, "***\n");
    begin(&call, pages, "pdf");
    expect_failed(&call, "The document has more than 20 pages.");
    write_template("", 0);
    expect_failed(&call, "The template is empty.");
    memset(large, 'x', (64 << 10) + 1);
    write_template(large, (64 << 10) + 1);
    expect_failed(&call, "The template letter is larger than 65536 bytes.");
    free(large);
    host_end(&call);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        FOLDER_TEST(a_letter_is_filled_in),
        FOLDER_TEST(what_a_field_holds_is_never_a_template),
        FOLDER_TEST(no_field_makes_a_line_that_the_template_does_not_give),
        FOLDER_TEST(a_document_with_a_hole_does_not_leave),
        FOLDER_TEST(only_templates_of_the_folder_are_read),
        FOLDER_TEST(long_lines_break_at_spaces),
        FOLDER_TEST(a_pdf_has_pages_and_is_the_same_each_time),
        FOLDER_TEST(a_sign_that_the_font_lacks_is_told_not_lost),
        FOLDER_TEST(a_document_is_bounded),
    };

    return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
