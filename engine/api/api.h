/* HTTP/1.1 with JSON over Unix sockets: routes to requests of the wheel, replies to responses.
 *
 * The happy path:
 * 1. libmicrohttpd, polled by the loop, hands over a whole request; its peer becomes a person.
 * 2. The route's table turns it into a struct run_request, which is posted; the connection sleeps.
 * 3. The wheel replies once everything is durable; the connection wakes and the response goes out.
 *
 * Loop's thread only. */
#ifndef SANKOFA_API_API_H
#define SANKOFA_API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "api/people/people.h"
#include "base/diag.h"
#include "run/wheel.h"

struct api;

struct api_limits {
    size_t body_bytes_max;              /* 0: 1 MiB */
    size_t document_bytes_max;          /* of a document; 0: 25 MiB */
    size_t header_bytes_max;            /* 0: 16 KiB */
    unsigned connection_count_max;      /* 0: 256 */
    unsigned user_connection_count_max; /* 0: 16; root and the daemon's own user: no such bound */
    int64_t request_ms_max;             /* a request must be whole in this time; 0: 10,000 */
};

/* Forms of a definition beside JSON. */
enum api_form { API_YAML, API_DOT, API_SVG };

struct api_options {
    uv_loop_t *loop;
    struct wheel *wheel; /* NULL, and `vault`: the store is sealed, until api_unseal */
    struct vault *vault; /* for which slots are prepared */
    const struct people *people;
    bool is_demo;           /* `Sankofa-As` and the clock are allowed; every answer says so */
    const char *staff_path; /* made 0660 */
    const char *admin_path; /* made 0600; NULL: no admin socket */
    gid_t staff_gid;        /* of the staff socket; (gid_t)-1: as it is */
    struct api_limits limits;
    struct port_random random; /* request ids, recovery shares */
    struct port_clock clock;   /* when a slot was made */
    void *self;
    void (*posted)(void *self); /* the wheel has something to do */
    /* A definition as it is stored, in that form; `active`: ids of the states that the picture
     * marks, NULL: none. Made in `arena`. */
    struct text (*draw)(void *self, enum api_form form, struct text definition,
                        struct text language, const struct value *active, struct arena *arena);
    struct value (*status)(void *self, struct arena *arena);  /* GET /v1/status, without people's */
    struct value (*plugins)(void *self, struct arena *arena); /* GET /v1/admin/plugins */
    /* POST /v1/admin/reload; `over` is called once, never from within. */
    void (*reload)(void *self, void (*over)(void *over_self, const struct run_reply *reply),
                   void *over_self);
    /* Somebody sent what may open the sealed store; borrowed until `done`, which is called once,
     * never from within. `problem` NULL: it is open, and api_unseal was called. */
    void (*unlock)(void *self, const struct vault_opener *opener,
                   void (*done)(void *done_self, const struct problem *problem), void *done_self);
};

/* Listens. A socket file that nobody listens on any more is replaced; one that somebody answers on
 * is -EADDRINUSE. */
int api_open(const struct api_options *options, struct diag_list *diags, struct api **api_out);
/* A batch is durable: who follows the feed is told. */
void api_journal_grew(struct api *api);
/* The store is open: from now on everything is carried out. */
void api_unseal(struct api *api, struct wheel *wheel, struct vault *vault,
                const struct people *people, bool is_demo);
/* Takes no new connection; requests under way go on. */
void api_stop(struct api *api);
/* Whether a response is still owed; how many are. */
bool api_is_idle(const struct api *api);
size_t api_owed_count(const struct api *api);
/* Other people, and other limits, but for header_bytes_max and connection_count_max, from now on.
 * The people of before are borrowed by requests under way. */
void api_renew(struct api *api, const struct people *people, const struct api_limits *limits);
/* Ends every connection, removes the sockets; `closed` is called when nothing is left in the loop.
 */
void api_close(struct api *api, void (*closed)(void *self), void *self);
/* After `closed`. Accepts NULL. */
void api_destroy(struct api *api);

#endif
