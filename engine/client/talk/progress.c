/* How far something is that takes its time: a bar on a terminal, else a line now and then. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/client.h"

enum {
    QUIET_MS = 1000, /* shorter work shows no progress */
    LINE_MS = 10000, /* between lines, where there is no terminal */
    DRAW_MS = 50,    /* between two bars */
    BAR_CELLS = 30,
    BAR_CELLS_NARROW = 6,
    COLUMNS_WIDE = 72,
    PER_MILLE = 1000
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct client_progress progress_begin(struct client *client, struct text kind)
{
    int64_t now = now_ms();

    return (struct client_progress){.client = client,
                                    .kind = kind,
                                    .is_terminal = look_can_redraw(stderr),
                                    .began_ms = now,
                                    .line_ms = now - LINE_MS};
}

/* "12 s", "3 min", "2 h"; empty where nobody can say yet. */
static struct text left(struct client *client, int64_t eta_s)
{
    if (eta_s < 0)
        return TEXT("");
    if (eta_s < 120)
        return text_printf(client->arena, _(", %lld s left"), (long long)eta_s);
    if (eta_s < 7200)
        return text_printf(client->arena, _(", %lld min left"), (long long)(eta_s + 30) / 60);
    return text_printf(client->arena, _(", %lld h left"), (long long)(eta_s + 1800) / 3600);
}

/* How much of it is done, in thousandths. */
static int share(int64_t done, int64_t total)
{
    if (total <= 0 || done <= 0)
        return 0;
    return done >= total ? PER_MILLE : (int)((double)done / (double)total * PER_MILLE);
}

static void draw(struct client_progress *progress, int per_mille, int64_t eta_s)
{
    size_t columns = look_columns(stderr);
    int whole = columns > 0 && columns < COLUMNS_WIDE ? BAR_CELLS_NARROW : BAR_CELLS;
    int cells = per_mille * whole / PER_MILLE;

    fprintf(stderr, "\r%.*s [", TEXT_ARG(progress->kind));
    for (int i = 0; i < whole; i++)
        fputc(i < cells ? '#' : '-', stderr);
    fprintf(stderr, "] %d %%%.*s\x1b[K", per_mille / 10, TEXT_ARG(left(progress->client, eta_s)));
    fflush(stderr);
    progress->is_drawn = true;
}

void progress_show(struct client_progress *progress, int64_t done, int64_t total, int64_t eta_s)
{
    int64_t now = now_ms();
    int per_mille = share(done, total);

    if (progress->client->quiet || now - progress->began_ms < QUIET_MS ||
        now - progress->drawn_ms < DRAW_MS)
        return;
    progress->drawn_ms = now;
    if (progress->is_terminal) {
        draw(progress, per_mille, eta_s);
    } else if (now - progress->line_ms >= LINE_MS) {
        progress->line_ms = now;
        say(progress->client, "%.*s: %d %%%.*s", TEXT_ARG(progress->kind), per_mille / 10,
            TEXT_ARG(left(progress->client, eta_s)));
    }
}

int64_t progress_left_s(const struct client_progress *progress, int64_t done, int64_t total)
{
    int64_t spent_ms = now_ms() - progress->began_ms;

    return done > 0 && total >= done
               ? (int64_t)((double)spent_ms / (double)done * (double)(total - done) / 1000)
               : -1;
}

void progress_end(struct client_progress *progress)
{
    if (progress->is_drawn)
        fputs("\r\x1b[K", stderr);
}
