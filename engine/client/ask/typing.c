/* A line that is checked at every key.
 *
 * 1. The terminal gives each key at once; Ctrl-C too is a key, so that it ends nothing unsaid.
 * 2. Each key changes the text; it is drawn again, with what `help` says of it behind it.
 * 3. Enter ends it, unless what was typed will never do: then it stays to be mended.
 * 4. The terminal is as it was before, between two lines too.
 *
 * What was typed ahead is kept for the next line. Pasted text comes between two marks (bracketed
 * paste), so that its line ends are none of ours. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "client/ask/ask.h"

enum { LINE_BYTES_MAX = 32 << 10, INPUT_BYTES = 4096, MOMENT_MS = 50, ROWS_OTHERWISE = 24 };

static const char paste_on[] = "\x1b[?2004h", paste_off[] = "\x1b[?2004l", bell[] = "\a";

struct typing {
    struct client *client;
    const char *prompt;
    const struct ask_help *help;
    struct edit edit;
    struct frame_place place;
    bool is_pasting, is_refused; /* Enter was pressed, and this will never do */
    bool is_over, is_given, is_back;
};

/* Of all lines: typed ahead, or a part of a key. */
static struct {
    char bytes[INPUT_BYTES];
    size_t size;
} input;

/* Of the line that is open, for a signal that ends all. */
static struct termios terminal_before;

/* Those that end the program, and the one that tells of another size. */
static const int signals[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };
static struct sigaction signals_before[SIGNAL_COUNT];
static sigset_t mask_before;

/* Nothing of a child stays in memory longer than its command. */
static char line_room[LINE_BYTES_MAX];

/* ---- The terminal. ---- */

bool typing_may(void)
{
    return isatty(STDIN_FILENO) == 1 && look_can_redraw(stderr) && look_columns(stderr) > 0;
}

/* Another size: waiting is interrupted, and the line drawn again. It is blocked but while we wait,
 * so that none comes unnoticed between the drawing and the waiting. The others end the program, but
 * not with a terminal that nobody can use. */
static void on_signal(int number)
{
    if (number == SIGWINCH)
        return;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    (void)!write(STDERR_FILENO, paste_off, sizeof(paste_off) - 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void put(const char *text)
{
    fputs(text, stderr);
    fflush(stderr);
}

static void terminal_open(void)
{
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_NODEFER};
    struct termios raw;
    sigset_t size_alone;

    CHECK(tcgetattr(STDIN_FILENO, &terminal_before) == 0);
    raw = terminal_before;
    sigemptyset(&size_alone);
    sigaddset(&size_alone, SIGWINCH);
    CHECK(sigprocmask(SIG_BLOCK, &size_alone, &mask_before) == 0);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        CHECK(sigaction(signals[i], &action, &signals_before[i]) == 0);
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= (tcflag_t) ~(IXON | INLCR | IGNCR | ISTRIP);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    CHECK(tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0);
    put(paste_on);
}

static void terminal_close(void)
{
    put(paste_off);
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal_before); /* it may be gone */
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        CHECK(sigaction(signals[i], &signals_before[i], NULL) == 0);
    CHECK(sigprocmask(SIG_SETMASK, &mask_before, NULL) == 0);
}

static size_t screen_rows(void)
{
    struct winsize size = {0};

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row
                                                                           : ROWS_OTHERWISE;
}

/* ---- Drawing. ---- */

static struct text typed_so_far(const struct typing *typing)
{
    struct text text = {typing->edit.bytes, typing->edit.size};

    while (text.size > 0 && strchr(" \n", text.bytes[text.size - 1]))
        text.size--;
    while (text.size > 0 && strchr(" \n", text.bytes[0]))
        text = (struct text){text.bytes + 1, text.size - 1};
    return text;
}

static struct hint hint_now(const struct typing *typing, bool is_whole)
{
    if (!typing->help || !typing->help->say)
        return (struct hint){HINT_NONE, TEXT_NONE};
    return typing->help->say(typing->help->self, typed_so_far(typing), is_whole);
}

static void draw(struct typing *typing, struct hint hint)
{
    const struct client *client = typing->client;
    struct frame frame = {.strong = look(client, stderr, LOOK_STRONG),
                          .plain = look(client, stderr, LOOK_PLAIN),
                          .dim = look(client, stderr, LOOK_DIM),
                          .alarm = look(client, stderr, LOOK_ALARM),
                          .prompt = text_from(typing->prompt),
                          .typed = {typing->edit.bytes, typing->edit.size},
                          .at = typing->edit.at,
                          .hint = hint,
                          .columns = look_columns(stderr),
                          .rows_max = screen_rows()};
    struct text_buffer out;

    /* Without colours nothing else tells a hint from what was typed. */
    if (hint.text.size > 0 && frame.dim[0] == '\0')
        frame.hint.text = text_printf(client->arena, "(%.*s)", TEXT_ARG(hint.text));
    text_buffer_init(&out, client->arena);
    frame_write(&out, &frame, &typing->place);
    fwrite(out.bytes, 1, out.size, stderr);
    fflush(stderr);
}

/* ---- Keys. ---- */

static void suspend(struct typing *typing)
{
    terminal_close();
    put("\n");
    raise(SIGTSTP);
    terminal_open();
    typing->place = (struct frame_place){0, 0};
}

static void complete(struct typing *typing)
{
    if (!typing->help || !typing->help->complete)
        return;
    struct text whole = typing->help->complete(typing->help->self, typed_so_far(typing));
    if (text_equal(whole, typed_so_far(typing)))
        put(bell);
    else
        edit_replace(&typing->edit, whole);
}

/* Enter: what cannot be taken stays, and says why. */
static void end_line(struct typing *typing)
{
    struct hint hint = hint_now(typing, true);

    edit_end(&typing->edit);
    typing->is_refused = hint.kind == HINT_WRONG;
    typing->is_over = typing->is_given = !typing->is_refused;
    if (typing->is_refused)
        put(bell);
}

static void insert(struct typing *typing, struct text text)
{
    bool lines = typing->is_pasting && typing->help && typing->help->takes_lines;

    if (!edit_insert(&typing->edit, text, lines))
        put(bell);
}

/* Between the marks of a paste only text is text. */
static void paste(struct typing *typing, enum key key, struct text bytes)
{
    if (key == KEY_PASTE_END)
        typing->is_pasting = false;
    else if (key == KEY_ENTER)
        insert(typing, TEXT("\n"));
    else if (key == KEY_TEXT || key == KEY_TAB)
        insert(typing, bytes);
}

static void press(struct typing *typing, enum key key, struct text bytes)
{
    static void (*const moves[])(struct edit *) = {
        [KEY_BACK] = edit_back,
        [KEY_DELETE] = edit_delete,
        [KEY_LEFT] = edit_left,
        [KEY_RIGHT] = edit_right,
        [KEY_HOME] = edit_home,
        [KEY_END] = edit_end,
        [KEY_WORD_LEFT] = edit_word_left,
        [KEY_WORD_RIGHT] = edit_word_right,
        [KEY_KILL_BEGIN] = edit_kill_begin,
        [KEY_KILL_END] = edit_kill_end,
        [KEY_KILL_WORD] = edit_kill_word,
    };

    if (key < sizeof(moves) / sizeof(moves[0]) && moves[key])
        moves[key](&typing->edit);
    else if (key == KEY_TEXT)
        insert(typing, bytes);
    else if (key == KEY_TAB)
        complete(typing);
    else if (key == KEY_ENTER)
        end_line(typing);
    else if (key == KEY_PASTE_BEGIN)
        typing->is_pasting = true;
    else if (key == KEY_SUSPEND)
        suspend(typing);
    else if (key == KEY_BACK_TAB)
        typing->is_over = typing->is_given = typing->is_back = true;
    else if (key == KEY_END_OF_INPUT && typing->edit.size > 0)
        edit_delete(&typing->edit);
    else if (key == KEY_END_OF_INPUT || key == KEY_INTERRUPT)
        typing->is_over = true;
    else if (key == KEY_UNKNOWN)
        put(bell);
}

/* Takes the keys that are there; those behind the end of the line stay. */
static void take_keys(struct typing *typing, bool is_all)
{
    enum key key;
    size_t size;

    while (!typing->is_over &&
           (size = keys_next((struct text){input.bytes, input.size}, is_all, &key)) > 0) {
        struct text bytes = {input.bytes, size};
        typing->is_refused = false;
        if (typing->is_pasting)
            paste(typing, key, bytes);
        else
            press(typing, key, bytes);
        memmove(input.bytes, input.bytes + size, input.size - size);
        input.size -= size;
        explicit_bzero(input.bytes + input.size, size);
    }
}

/* Until there is something to read, however long; false: the terminal has another size. */
static bool wait_for_keys(struct pollfd *poll_fd)
{
    sigset_t mask = mask_before;

    sigdelset(&mask, SIGWINCH);
    return ppoll(poll_fd, 1, NULL, &mask) >= 0 || errno != EINTR;
}

/* False: the terminal is gone. */
static bool read_more(bool *is_all_out)
{
    struct pollfd poll_fd = {.fd = STDIN_FILENO, .events = POLLIN};

    /* A part of a key: the rest comes at once, or never. */
    *is_all_out = input.size > 0 && poll(&poll_fd, 1, MOMENT_MS) == 0;
    if (*is_all_out || !wait_for_keys(&poll_fd))
        return true;
    ssize_t size = read(STDIN_FILENO, input.bytes + input.size, INPUT_BYTES - input.size);
    if (size < 0 && errno == EINTR)
        return true;
    input.size += size > 0 ? (size_t)size : 0;
    return size > 0;
}

/* ---- The line. ---- */

/* Until it is over. Each key's hint is in an arena of its own. */
static void run(struct typing *typing)
{
    struct client *client = typing->client;
    struct arena *whole = client->arena;
    ARENA_SCOPED struct arena *arena = arena_create("key");
    bool is_all = false;

    client->arena = arena;
    take_keys(typing, false);
    while (!typing->is_over) {
        draw(typing, hint_now(typing, typing->is_refused));
        if (!read_more(&is_all))
            break;
        take_keys(typing, is_all);
        arena_reset(arena);
    }
    /* What stays to be read above: what it was taken for. */
    struct hint hint = hint_now(typing, true);
    edit_end(&typing->edit);
    if (!typing->is_given || hint.kind != HINT_MEANS)
        hint = (struct hint){HINT_NONE, TEXT_NONE};
    draw(typing, hint);
    for (size_t row = typing->place.row; row < typing->place.last_row; row++)
        put("\r\n");
    put("\r\n");
    client->arena = whole;
}

bool typing_line(struct client *client, const char *prompt, const struct ask_help *help,
                 struct text *line_out, bool *is_back_out)
{
    struct typing typing = {.client = client,
                            .prompt = prompt,
                            .help = help,
                            .edit = {.bytes = line_room, .room = sizeof(line_room)}};

    /* A question as long as the line stands above its answer. */
    if (look_width(text_from(prompt)) + 2 * (sizeof("2012-05-04")) > look_columns(stderr)) {
        fprintf(stderr, "%s\n", prompt);
        typing.prompt = "> ";
    }
    terminal_open();
    run(&typing);
    terminal_close();
    *is_back_out = typing.is_back;
    *line_out = text_copy(client->arena, typed_so_far(&typing));
    explicit_bzero(line_room, sizeof(line_room));
    return typing.is_given;
}
