/* Texts as people look for them: folded (case, accents and punctuation gone), and as names of the
 * region sound, whether they are spelt the French, Portuguese or English way: Diallo, Djaló and
 * Jallow are one name. */
#ifndef SANKOFA_BASE_SOUND_H
#define SANKOFA_BASE_SOUND_H

#include "base/text.h"

struct arena;

/* Lower case, without accents; what is neither letter nor digit becomes one space between words,
 * apostrophes nothing. Letters beyond Latin stay as they are. */
struct text sound_fold(struct arena *arena, struct text text);
/* The word behind *offset of a folded text, which moves behind it; empty at the end. */
struct text sound_word(struct text folded, size_t *offset);
/* How a folded word sounds: consonants by class, vowels as a, i or u. */
struct text sound_key(struct arena *arena, struct text word);
/* The consonants of a key, with its first vowel: what stays the same where a vowel was swallowed
 * (Binetou, Bintou). */
struct text sound_bones(struct arena *arena, struct text key);

#endif
