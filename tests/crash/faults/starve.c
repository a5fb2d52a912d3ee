/* Loaded before a program: an allocation of its memory fails where a test says; all of them are
 * counted, those of libc, OpenSSL, LMDB, jansson and libmicrohttpd included.
 *
 *   STARVE_COUNTS   a file that gets the lines `allocation COUNT` and `allocation place COUNT`
 *                   at the end
 *   STARVE_AT       the allocation that fails, from 1; with a + behind it: and all that follow
 *   STARVE_PLACES   if set, only the first allocation of each place (of who asks whom to ask whom)
 *                   is counted for STARVE_AT
 *   STARVE_TELL     if set, who asked for the one that failed goes to standard error
 *
 *   FAULT_WAITS     if set, they count from SIGUSR2 on
 *
 * Else allocations count from main() on: before, it is the loader's business. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FRAMES_MAX = 24, PLACES_MAX = 1 << 14 }; /* a power of two */

/* glibc's own, by the names it keeps for those who replace malloc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t has_begun;
static bool waits, is_for_ever, by_place, is_telling;
static uint64_t fails_at, count, place_count;
static uint64_t places[PLACES_MAX];
static __thread bool is_busy; /* what backtrace() itself asks for is not counted */

static void begin(int number)
{
    (void)number;
    has_begun = true;
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("STARVE_AT");
    void *frames[FRAMES_MAX];

    if (strcmp(program_invocation_short_name, "sankofad") == 0)
        unsetenv("LD_PRELOAD");    /* what it starts is a program of its own */
    backtrace(frames, FRAMES_MAX); /* loads what it needs */
    is_for_ever = at && strchr(at, '+');
    fails_at = at ? strtoull(at, NULL, 10) : 0;
    by_place = getenv("STARVE_PLACES") != NULL;
    is_telling = getenv("STARVE_TELL") != NULL;
    waits = getenv("FAULT_WAITS") != NULL;
    if (waits)
        signal(SIGUSR2, begin);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("STARVE_COUNTS");
    FILE *file;

    has_begun = false;
    file = path ? fopen(path, "we") : NULL;
    if (!file)
        return;
    fprintf(file, "allocation %llu\nallocation place %llu\n", (unsigned long long)count,
            (unsigned long long)place_count);
    fclose(file);
}

/* Whether nobody has asked from here before. */
static bool is_new_place(void *const *frames, int frame_count)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    size_t at;

    for (int i = 0; i < frame_count; i++)
        hash = (hash ^ (uintptr_t)frames[i]) * UINT64_C(1099511628211);
    hash |= 1;
    for (at = hash % PLACES_MAX; places[at] != 0; at = (at + 1) % PLACES_MAX)
        if (places[at] == hash)
            return false;
    if (place_count == PLACES_MAX / 2)
        abort();
    places[at] = hash;
    place_count++;
    return true;
}

static bool decide(void)
{
    void *frames[FRAMES_MAX];
    bool is_counted = true, fails;
    int frame_count = 0;
    uint64_t number;

    if (by_place)
        frame_count = backtrace(frames, FRAMES_MAX);
    pthread_mutex_lock(&lock);
    count++;
    if (by_place)
        is_counted = is_new_place(frames, frame_count);
    number = by_place ? place_count : count;
    fails = fails_at != 0 &&
            ((number == fails_at && is_counted) || (is_for_ever && number >= fails_at));
    pthread_mutex_unlock(&lock);
    if (fails && is_telling)
        backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
    return fails;
}

/* Sets errno as malloc does. */
static bool must_fail(void)
{
    bool fails;

    if (!has_begun || is_busy)
        return false;
    is_busy = true;
    fails = decide();
    is_busy = false;
    if (fails)
        errno = ENOMEM;
    return fails;
}

void *malloc(size_t size)
{
    return must_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t item_count, size_t size)
{
    return must_fail() ? NULL : __libc_calloc(item_count, size);
}

void *realloc(void *bytes, size_t size)
{
    return must_fail() ? NULL : __libc_realloc(bytes, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return must_fail() ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

int posix_memalign(void **bytes_out, size_t alignment, size_t size)
{
    void *bytes = aligned_alloc(alignment, size);

    if (!bytes)
        return ENOMEM;
    *bytes_out = bytes;
    return 0;
}

/* The daemon's first act in main(), and libc's own otherwise. */
int prctl(int option, ...)
{
    static int (*real)(int option, ...);
    unsigned long words[4];
    va_list arguments;

    va_start(arguments, option);
    for (size_t i = 0; i < 4; i++)
        words[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    if (!real)
        real = (int (*)(int, ...))dlsym(RTLD_NEXT, "prctl");
    if (!waits && option == PR_SET_DUMPABLE)
        has_begun = true;
    return real(option, words[0], words[1], words[2], words[3]);
}
