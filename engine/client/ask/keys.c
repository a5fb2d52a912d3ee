/* What a key is, of what terminals have sent for it for forty years. */
#include <string.h>

#include "client/ask/ask.h"

#define CONTROL(letter) ((letter)-0x40)

static const struct {
    char byte;
    enum key key;
} controls[] = {
    {'\r', KEY_ENTER},
    {'\n', KEY_ENTER},
    {'\t', KEY_TAB},
    {0x7f, KEY_BACK},
    {CONTROL('H'), KEY_BACK},
    {CONTROL('A'), KEY_HOME},
    {CONTROL('B'), KEY_LEFT},
    {CONTROL('C'), KEY_INTERRUPT},
    {CONTROL('D'), KEY_END_OF_INPUT},
    {CONTROL('E'), KEY_END},
    {CONTROL('F'), KEY_RIGHT},
    {CONTROL('K'), KEY_KILL_END},
    {CONTROL('L'), KEY_REDRAW},
    {CONTROL('U'), KEY_KILL_BEGIN},
    {CONTROL('W'), KEY_KILL_WORD},
    {CONTROL('Z'), KEY_SUSPEND},
};

/* Behind the escape. */
static const struct {
    const char *bytes;
    enum key key;
} escapes[] = {
    {"[C", KEY_RIGHT},
    {"OC", KEY_RIGHT},
    {"[D", KEY_LEFT},
    {"OD", KEY_LEFT},
    {"[H", KEY_HOME},
    {"OH", KEY_HOME},
    {"[1~", KEY_HOME},
    {"[7~", KEY_HOME},
    {"[F", KEY_END},
    {"OF", KEY_END},
    {"[4~", KEY_END},
    {"[8~", KEY_END},
    {"[3~", KEY_DELETE},
    {"[Z", KEY_BACK_TAB},
    {"[1;5D", KEY_WORD_LEFT},
    {"[1;5C", KEY_WORD_RIGHT},
    {"b", KEY_WORD_LEFT},
    {"f", KEY_WORD_RIGHT},
    {"[200~", KEY_PASTE_BEGIN},
    {"[201~", KEY_PASTE_END},
};

/* How many bytes of a sequence there are: "[", parameters, a last letter; "O" and a letter; or one
 * letter. 0: it goes on. */
static size_t sequence_size(struct text sent)
{
    if (sent.size == 0)
        return 0;
    if (sent.bytes[0] == 'O')
        return sent.size > 1 ? 2 : 0;
    if (sent.bytes[0] != '[')
        return 1;
    for (size_t i = 1; i < sent.size; i++)
        if (sent.bytes[i] >= 0x40 && sent.bytes[i] <= 0x7e)
            return i + 1;
    return 0;
}

static size_t read_escape(struct text sent, bool is_all, enum key *key_out)
{
    struct text rest = {sent.bytes + 1, sent.size - 1};
    size_t size = sequence_size(rest);

    *key_out = KEY_UNKNOWN;
    if (size == 0)
        return is_all ? sent.size : 0;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
        if (text_is((struct text){rest.bytes, size}, escapes[i].bytes))
            *key_out = escapes[i].key;
    return 1 + size;
}

/* Of a code point by its first byte; 0: none begins so. */
static size_t code_point_size(unsigned char first)
{
    return first < 0x80   ? 1
           : first < 0xc2 ? 0
           : first < 0xe0 ? 2
           : first < 0xf0 ? 3
           : first < 0xf5 ? 4
                          : 0;
}

static size_t read_text(struct text sent, bool is_all, enum key *key_out)
{
    size_t size = code_point_size((unsigned char)sent.bytes[0]);

    *key_out = KEY_UNKNOWN;
    if (size == 0)
        return 1;
    if (size > sent.size)
        return is_all ? sent.size : 0;
    if (!text_is_utf8((struct text){sent.bytes, size}))
        return 1;
    *key_out = KEY_TEXT;
    return size;
}

size_t keys_next(struct text sent, bool is_all, enum key *key_out)
{
    *key_out = KEY_UNKNOWN;
    if (sent.size == 0)
        return 0;
    unsigned char first = (unsigned char)sent.bytes[0];
    if (first == 0x1b)
        return read_escape(sent, is_all, key_out);
    if (first >= 0x20 && first != 0x7f)
        return read_text(sent, is_all, key_out);
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
        if (controls[i].byte == sent.bytes[0])
            *key_out = controls[i].key;
    return 1;
}
