/* What the log gets of a process that a signal ends: SIGBUS from a file that cannot be read through
 * its map, SIGABRT from a library or a check of ours, SIGSEGV. */
#ifndef SANKOFA_DAEMON_LAST_WORD_H
#define SANKOFA_DAEMON_LAST_WORD_H

/* From now on such a signal writes one line to standard error, and then ends the process as it
 * would have. */
void last_word_install(void);

#endif
