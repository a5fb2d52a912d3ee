/* sankofa-host: one process, one plugin. A library with a small main, so that tests link it.
 *
 *     sankofa-host --plugin-fd 4 [--memory BYTES] [--words kept] [--traceable yes] [--uid NUMBER]
 *                  [--rights NUMBER] [--port PORT]... [--read PATH]... [--write PATH]... [--program
 * PATH]...
 *
 * Descriptor 3 is the socket (wire.h). --plugin-fd is the plugin's file, in a sealed memfd: whoever
 * starts the host has hashed these very bytes, and they cannot change any more, so the host needs
 * no cryptography (steps/image.h makes it). --memory is the limit of the address space; 0: none.
 * --words kept: standard error stays as it is, for the author's tools. The others are the fields of
 * struct jail (jail/jail.h).
 *
 * The happy path:
 *   1. jail_enter, keeping these two descriptors
 *   2. load the plugin, read its table, all or nothing; LOADED, or UNLOADED and the end
 *   3. one call after the other, each answered by its OUTCOME, until the other side closes */
#ifndef SANKOFA_HOST_HOST_H
#define SANKOFA_HOST_HOST_H

enum { HOST_SOCKET_FD = 3 };

/* The exit status: 0 when the other side closed; 1 when the plugin does not load or the other side
 * breaks the protocol; 2 for wrong use. */
int host_main(int argc, char **argv);

#endif
