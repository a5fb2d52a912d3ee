/* Where this program stands, and what was installed with it. Paths live in the arena. */
#ifndef SANKOFA_WORDS_PLACE_H
#define SANKOFA_WORDS_PLACE_H

struct arena;

/* A file beside this program. */
const char *place_beside(struct arena *arena, const char *name);
/* The folder of the catalogues: beside a build, else where they were installed. */
const char *place_catalogues(struct arena *arena);
/* The same of the plugins. */
const char *place_plugins(struct arena *arena);

#endif
