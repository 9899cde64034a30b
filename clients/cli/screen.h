#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* Where people's text goes: a buffer, and what the terminal behind it can show.
 * Everything that came from outside goes through screen_text or a grid, which
 * take the control characters out: a column's name must not drive a terminal. */
struct screen {
	struct buffer out;
	struct arena *arena; /* for what is made while drawing */
	bool color;
	bool ascii; /* a terminal that does not show UTF-8 */
	unsigned width; /* of the terminal; 0: no limit, never cut */
};

enum paint { PAINT_NONE, PAINT_BOLD, PAINT_DIM, PAINT_GREEN, PAINT_YELLOW, PAINT_RED, PAINT_CYAN };

enum { SCREEN_BYTES_MAX = 1024 * 1024 * 1024 };

void screen_text(struct screen *screen, enum paint paint, const char *text);
void screen_printf(struct screen *screen, enum paint paint, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* `text` and a line's end; on a terminal in lines that fit, each after `indent` blanks. */
void screen_wrapped(struct screen *screen, size_t indent, const char *text);

/* How a word of the wire (outcome, severity, state) is painted. */
enum paint paint_of(const char *word);

/* `text` without control characters (each becomes '?'; line ends and tabs stay),
 * in the arena. */
const char *printable(struct arena *arena, const char *text);
/* Columns of a terminal that `text` takes: wide characters two, marks none. */
size_t text_columns(const char *text);
/* "…" and "→", or what the terminal has for them. */
const char *ellipsis(const struct screen *screen);
const char *arrow(const struct screen *screen);
/* The head of `text` that fits `columns`, or its end, with an ellipsis when cut. */
const char *text_cut(const struct screen *screen, const char *text, size_t columns);
const char *text_cut_start(const struct screen *screen, const char *text, size_t columns);

/* For people, in the arena or static. */
const char *human_bytes(struct arena *arena, uint64_t bytes); /* "31.2 MB", powers of 1000 */
const char *human_count(struct arena *arena, uint64_t count); /* "336,776" */
const char *human_seconds(struct arena *arena, double seconds); /* "320 ms", "1.2 s", "2 min 5 s" */
const char *human_time(struct arena *arena, int64_t time_us); /* UTC; "-" for 0 */
const char *human_things(struct arena *arena, uint64_t count, const char *one); /* "3 files" */
