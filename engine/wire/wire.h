/* Frames between daemon and host, over one stream socket.
 *
 * A frame is 16 bytes of head (size of the body, kind, zeros, number of the call; little-endian)
 * and a body in JSON text, at most WIRE_BODY_BYTES_MAX. A body of up to WIRE_INLINE_BYTES_MAX
 * stands behind its head. A larger one is a *parcel* (parcel.h): its head stands alone in the
 * stream, and with it comes a sealed memfd that holds the body. There is no choice: a large body in
 * the stream and a descriptor beside a small frame break the protocol. The daemon numbers calls;
 * the host answers each with one OUTCOME. A body is trusted by neither side: every reader checks
 * what it takes.
 *
 *   LOADED   host -> daemon   once, first: the plugin's table (describe.h)
 *   UNLOADED host -> daemon   instead: {"message": why it does not load}; the host then ends
 *   SECRETS  daemon -> host   {"secrets": {NAME: hexadecimal}}, at most once, before any call
 *   RUN      daemon -> host   {"step", "inputs", "key", "now_ms", "attempt", "parks"}; the last two
 *                             may be left out: 1 and 0
 *   RESUME   daemon -> host   as RUN, and {"woken_by": "answer" or "time", "cookie", "answer"}
 *   DROP     daemon -> host   as RUN, and {"cookie"}
 *   CANCEL   daemon -> host   {}: nobody waits for that call any more
 *   OUTCOME  host -> daemon   {"outcome": "done", "outputs"} | {"outcome": "refused", "reasons":
 *                             [{"input", "message"}]} | {"outcome": "failed", "retry", "message"} |
 *                             {"outcome": "parked", "wakes": ["answer", "time"], "until_ms",
 *                             "cookie"} | {"outcome": "dropped"} | {"outcome": "broken",
 *                             "message", "ran"}: the inputs do not fit, or what the plugin gave
 *                             breaks its own declaration; ran: it had begun
 *   LOG      host -> daemon   {"level", "event"}
 *
 * Cookies are hexadecimal text. Inputs, outputs and answers are maps of JSON values. */
#ifndef SANKOFA_WIRE_WIRE_H
#define SANKOFA_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

enum {
    WIRE_HEAD_BYTES = 16,
    WIRE_BODY_BYTES_MAX = 4 << 20,
    WIRE_INLINE_BYTES_MAX = 64 << 10, /* a larger body is a parcel */
    WIRE_MESSAGE_BYTES_MAX = 1000,    /* of a message, a reason, a line of the log */
    WIRE_REASONS_MAX = 64,            /* of one refusal */
    WIRE_COOKIE_BYTES_MAX = 4096,     /* before it is hexadecimal */
    WIRE_SECRETS_MAX = 16,            /* of one plugin */
    WIRE_SECRET_BYTES_MAX = 32000,    /* of all of them: what goes inline, as hexadecimal */
    WIRE_LOG_LINES_MAX = 101          /* of one call; the last one says that there were more */
};

enum wire_kind {
    WIRE_LOADED = 1,
    WIRE_UNLOADED,
    WIRE_RUN,
    WIRE_RESUME,
    WIRE_DROP,
    WIRE_CANCEL,
    WIRE_OUTCOME,
    WIRE_LOG,
    WIRE_SECRETS
};

struct wire_frame {
    enum wire_kind kind;
    uint64_t call;
    struct value body; /* a map */
};

/* Head and body in one text, as which a frame is kept. -EMSGSIZE: the body is larger than
 * WIRE_BODY_BYTES_MAX; -EINVAL: it holds what no reader takes (NaN, infinity, text that is not
 * UTF-8, too many levels). */
int wire_write(struct arena *arena, const struct wire_frame *frame, struct text *bytes_out);

/* The head of a frame whose body, of that size, the caller makes himself. */
void wire_write_head(char head_out[WIRE_HEAD_BYTES], enum wire_kind kind, uint64_t call,
                     size_t body_bytes);

/* Reads the head alone: kind and call into *frame_out, and returns the size of the whole frame. 0:
 * the head is not whole; -EPROTO: no frame begins like this (*why_out says what, a literal). */
int64_t wire_head(struct text bytes, struct wire_frame *frame_out, const char **why_out);

/* Reads one frame, kept in one text, from the front of `bytes`. Returns the bytes it took; 0: not
 * whole yet; or -EPROTO: what stands there can never be a frame (*why_out says what, a literal). */
int64_t wire_read(struct arena *arena, struct text bytes, struct wire_frame *frame_out,
                  const char **why_out);

/* Sends and receives one frame on a socket, waiting. 0, -EPIPE at the other side's end, -EPROTO or
 * -errno; what wire_write refuses is refused. `timeout_ms` < 0: none; else for the whole frame:
 * -ETIMEDOUT. Who does not want to wait has box.h. */
int wire_send(int fd, struct arena *arena, const struct wire_frame *frame);
int wire_receive(int fd, struct arena *arena, int timeout_ms, struct wire_frame *frame_out);

#endif
