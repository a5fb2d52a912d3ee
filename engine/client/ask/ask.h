/* Asking a person at the terminal: words on stderr, answers from stdin.
 *
 *   ask.c     a line, however the terminal takes it; a number of a list
 *
 *   field.c   a field of a form, until it holds what it may
 *
 *   hints.c   what a field says while it is typed: what is wrong so far, what it means, what fits
 *
 *   typing.c  a line that is checked at every key, where the terminal can be drawn on; made of
 *             edit.c (a text with a cursor), keys.c (what a key is), frame.c (how the line is
 *             drawn), which are pure */
#ifndef SANKOFA_CLIENT_ASK_H
#define SANKOFA_CLIENT_ASK_H

#include "client/client.h"
#include "workflow/field.h"

/* ---- What a line says while it is typed. ---- */

enum hint_kind {
    HINT_NONE,
    HINT_EXPECTS, /* it may become right: what fits */
    HINT_MEANS,   /* it is right: what it will be taken for */
    HINT_WRONG    /* it never becomes right: why; it is not taken */
};

struct hint {
    enum hint_kind kind;
    struct text text; /* in the language; it may be empty */
};

/* Of a line, all optional. What they allocate in client->arena is gone with the next key. */
struct ask_help {
    void *self;
    /* `is_whole`: somebody pressed Enter, so that nothing comes any more. */
    struct hint (*say)(void *self, struct text typed, bool is_whole);
    /* What Tab makes of it; the same where nothing can be added. */
    struct text (*complete)(void *self, struct text typed);
    bool takes_lines; /* a paste of several lines stays so */
};

/* ---- ask.c ---- */
/* Whether there is a person to ask: at a terminal, without --json, -f and --form. */
bool ask_may(const struct client *client);
enum ask_answer { ASK_GIVEN, ASK_LEFT_OUT, ASK_BACK, ASK_HELP, ASK_ENDED };
/* One line, behind the prompt. "<" is back, "?" asks for help, an end of input ends; so does Ctrl-C
 * where the line is drawn. `help` may be NULL. */
enum ask_answer ask_line(struct client *client, const char *prompt, const struct ask_help *help,
                         struct text *line_out);
/* One of so many that were listed, by its number: *index_out. Asked again until it is one.
 * `titles`: theirs. */
enum ask_answer ask_number(struct client *client, const char *prompt, const struct text *titles,
                           size_t count, size_t *index_out);

/* ---- typing.c ---- */
/* Whether lines are checked at every key: not at a dumb terminal. */
bool typing_may(void);
/* False: Ctrl-D or Ctrl-C, or the input has ended. *line_out is in client->arena. `*is_back_out`:
 * Shift-Tab. */
bool typing_line(struct client *client, const char *prompt, const struct ask_help *help,
                 struct text *line_out, bool *is_back_out);

/* ---- field.c ---- */
/* A field of a form as the daemon gives it, checked as the daemon does. `now`: what it holds, NULL
 * where nothing; an empty answer keeps that. ASK_ENDED may leave the items of a list that were
 * given, else null. */
enum ask_answer ask_field(struct client *client, const struct value *field, const struct value *now,
                          struct value *value_out);

/* ---- hints.c ---- */
struct asked {
    struct client *client;
    const struct value *json;    /* the field as the daemon gave it */
    struct workflow_field field; /* itself; of a list: what its items are */
    const struct value *now;     /* NULL: nothing */
    bool is_item;                /* of a list: an empty line ends it */
};
/* By the daemon's rules: true and *value_out, or *why_out, in the language. */
bool hint_take(const struct asked *asked, struct text typed, struct value *value_out,
               struct text *why_out);
/* What a value is called: a choice by its title. */
struct text hint_name(const struct asked *asked, const struct value *value);
/* The same behind an equals sign, where that is not what was typed; else empty. */
struct text hint_meaning(const struct asked *asked, struct text typed, const struct value *value);
/* "from 0 to 120"; empty where there are no bounds. */
struct text hint_bounds(const struct asked *asked);
/* As in struct ask_help; `self` is a struct asked. */
struct hint hint_say(void *self, struct text typed, bool is_whole);
struct text hint_complete(void *self, struct text typed);

/* ---- edit.c: a text with a cursor, which moves by what people take for a letter: with the accents
 * that stand behind it ---- */
struct edit {
    char *bytes; /* UTF-8, borrowed */
    size_t size, at, room;
};
/* False, and nothing is done: there is no room, or what was given is no UTF-8. Control characters
 * become spaces; newlines stay with `lines`. */
bool edit_insert(struct edit *edit, struct text text, bool lines);
void edit_replace(struct edit *edit, struct text text);
void edit_back(struct edit *edit);   /* the letter before the cursor goes */
void edit_delete(struct edit *edit); /* the one behind it */
void edit_left(struct edit *edit);
void edit_right(struct edit *edit);
void edit_home(struct edit *edit);
void edit_end(struct edit *edit);
void edit_word_left(struct edit *edit);
void edit_word_right(struct edit *edit);
void edit_kill_begin(struct edit *edit); /* all before the cursor */
void edit_kill_end(struct edit *edit);   /* all behind it */
void edit_kill_word(struct edit *edit);  /* the word before it */
/* Where the letter ends that begins there. */
size_t edit_letter_end(struct text text, size_t at);

/* ---- keys.c ---- */
enum key {
    KEY_UNKNOWN,
    KEY_TEXT, /* what was read is one code point */
    KEY_ENTER,
    KEY_TAB,
    KEY_BACK_TAB,
    KEY_BACK,
    KEY_DELETE,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_KILL_BEGIN,
    KEY_KILL_END,
    KEY_KILL_WORD,
    KEY_REDRAW,
    KEY_SUSPEND,
    KEY_INTERRUPT,
    KEY_END_OF_INPUT,
    KEY_PASTE_BEGIN,
    KEY_PASTE_END
};
/* The first key of what a terminal sent, and how many bytes it is; 0: the rest is still to come, so
 * `is_all` must be false (nothing came for a moment). */
size_t keys_next(struct text sent, bool is_all, enum key *key_out);

/* ---- frame.c ---- */
struct frame {
    const char *strong, *plain, *dim, *alarm; /* what makes the terminal look so; "" without */
    struct text prompt, typed;
    size_t at; /* the cursor, in bytes of `typed` */
    struct hint hint;
    size_t columns, rows_max; /* of the terminal */
};
/* Where the cursor was left, in rows below the prompt's. Zeroed before the first frame of a line.
 */
struct frame_place {
    size_t row, last_row;
};
/* Appends what draws the line over what was drawn before. */
void frame_write(struct text_buffer *out, const struct frame *frame, struct frame_place *place);

#endif
