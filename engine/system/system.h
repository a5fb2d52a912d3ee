/* The real ports: the clock, the random generator and the files of this machine. Included by main
 * programs alone. */
#ifndef SANKOFA_SYSTEM_SYSTEM_H
#define SANKOFA_SYSTEM_SYSTEM_H

#include <stddef.h>

#include "base/port.h"
#include "base/when.h"

struct port_clock system_clock(void);
struct port_random system_random(void);
struct port_files system_files(void);

/* Zones from /usr/share/zoneinfo (or $TZDIR), each read once and kept in `arena`. Main thread. */
struct zone_source system_zones(struct arena *arena);

/* A passphrase typed at this process's terminal, without echo. -ENOTTY: it has none; -EFBIG: it is
 * longer than `size_max`; or -errno. The caller wipes it. */
int system_ask_passphrase(const char *prompt, char *bytes_out, size_t size_max, size_t *size_out);
/* The same from a file, "-" for the standard input: all of it but the end of its last line. */
int system_read_passphrase(const char *path, char *bytes_out, size_t size_max, size_t *size_out);

#endif
