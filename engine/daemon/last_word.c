/* In a handler nothing but write() may be called: the lines are made beforehand. */
#include "daemon/last_word.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"

#define WORDS(signal, hint) "error daemon.crashed signal=" signal " hint=\"" hint "\"\n"

static const struct {
    int number;
    const char *line;
} words[] = {
    {SIGBUS, WORDS("SIGBUS", "a file of the store could not be read; look at the disk")},
    {SIGSEGV, WORDS("SIGSEGV", "please report this; nothing acknowledged is lost")},
    {SIGABRT, WORDS("SIGABRT", "the line above says why, if there is one")},
    {SIGFPE, WORDS("SIGFPE", "please report this; nothing acknowledged is lost")},
    {SIGILL, WORDS("SIGILL", "please report this; nothing acknowledged is lost")},
};
static const size_t word_count = sizeof(words) / sizeof(words[0]);

static void tell(int number)
{
    for (size_t i = 0; i < word_count; i++)
        if (words[i].number == number)
            (void)!write(STDERR_FILENO, words[i].line, strlen(words[i].line));
    /* The default action is back: it takes place when this returns. */
    raise(number);
}

void last_word_install(void)
{
    struct sigaction action = {.sa_handler = tell, .sa_flags = (int)SA_RESETHAND};

    for (size_t i = 0; i < word_count; i++)
        CHECK(sigaction(words[i].number, &action, NULL) == 0);
}
