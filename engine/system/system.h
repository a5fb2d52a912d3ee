/* The real ports: the clock, the random generator and the files of this machine. Included by main
 * programs alone. */
#ifndef SANKOFA_SYSTEM_SYSTEM_H
#define SANKOFA_SYSTEM_SYSTEM_H

#include "base/port.h"
#include "base/when.h"

struct port_clock system_clock(void);
struct port_random system_random(void);
struct port_files system_files(void);

/* Zones from /usr/share/zoneinfo (or $TZDIR), each read once and kept in `arena`. Main thread. */
struct zone_source system_zones(struct arena *arena);

#endif
