/* Texts as people look for them: folded (case, accents and punctuation gone), and as names of the
 * region sound, whether they are spelt the French, Portuguese or English way: Diallo, Djaló and
 * Jallow are one name. */
#ifndef SANKOFA_BASE_SOUND_H
#define SANKOFA_BASE_SOUND_H

#include "base/text.h"

struct arena;

/* Lower case, without accents, tones and dots, whether they are letters of their own in Unicode or
 * marks behind one; what is neither letter nor digit becomes one space between words, apostrophes
 * nothing. Arabic is left without its vowel marks, and its letters that are written one for the
 * other are one; letters of other scripts stay as they are. */
struct text sound_fold(struct arena *arena, struct text text);
/* The word behind *offset of a folded text, which moves behind it; empty at the end. */
struct text sound_word(struct text folded, size_t *offset);
/* How a folded word sounds: consonants by class, vowels as a, i or u. */
struct text sound_key(struct arena *arena, struct text word);
/* The consonants of a key, with its first vowel: what stays the same where a vowel was swallowed
 * (Binetou, Bintou). */
struct text sound_bones(struct arena *arena, struct text key);

#endif
