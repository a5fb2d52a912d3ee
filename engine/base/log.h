/* The log: events with key=value pairs, one line each: `case.opened case=SN-2026-00042-K by=awa`.
 * Never a name, never a field's value. Any thread. */
#ifndef SANKOFA_BASE_LOG_H
#define SANKOFA_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Writes `event` and the pairs: log_event(LOG_INFO, "case.opened", "case=%s by=%s", code, person).
 * Every value is free of spaces; `\"%s\"` for a sentence, which must be ours. `pairs` may be "". */
__attribute__((format(printf, 3, 4))) void log_event(enum log_level level, const char *event,
                                                     const char *pairs, ...);
/* Lines below `level` are dropped; LOG_INFO at first. */
void log_set_level(enum log_level level);
/* Where lines go; standard error at first. `sink` gets one whole line without its newline. */
void log_set_sink(void (*sink)(void *self, enum log_level level, const char *line), void *self);

#endif
