/* A broken promise of our own code ends the process, in every build. */
#ifndef SANKOFA_BASE_CHECK_H
#define SANKOFA_BASE_CHECK_H

/* Ends the process with the fact that does not hold. One fact per check; never for input. */
#define CHECK(fact) ((fact) ? (void)0 : check_failed(#fact, __FILE__, __LINE__))

_Noreturn void check_failed(const char *fact, const char *file, int line);

#endif
