#include "clients/cli/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const escapes[] = {
	[PAINT_NONE] = "",
	[PAINT_BOLD] = "\033[1m",
	[PAINT_DIM] = "\033[2m",
	[PAINT_GREEN] = "\033[32m",
	[PAINT_YELLOW] = "\033[33m",
	[PAINT_RED] = "\033[31m",
	[PAINT_CYAN] = "\033[36m",
};

void screen_text(struct screen *screen, enum paint paint, const char *text)
{
	bool painted = screen->color && paint != PAINT_NONE;
	if (painted)
		buffer_add_string(&screen->out, escapes[paint]);
	buffer_add_string(&screen->out, printable(screen->arena, text));
	if (painted)
		buffer_add_string(&screen->out, "\033[0m");
}

void screen_printf(struct screen *screen, enum paint paint, const char *format, ...)
{
	char short_text[512];
	va_list args;
	va_list again;
	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(short_text, sizeof short_text, format, args);
	va_end(args);
	if (length >= 0 && (size_t)length < sizeof short_text) {
		screen_text(screen, paint, short_text);
	} else if (length >= 0) {
		char *text = arena_alloc(screen->arena, (size_t)length + 1);
		(void)vsnprintf(text, (size_t)length + 1, format, again);
		screen_text(screen, paint, text);
	}
	va_end(again);
}

/* How much of `text` goes on a line of `room` columns: up to a blank, when there is one. */
static size_t line_length(struct text text, size_t room)
{
	size_t end = 0;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] != ' ')
			continue;
		if (i > room)
			return end ? end : i;
		end = i;
	}
	return text.length > room && end ? end : text.length;
}

void screen_wrapped(struct screen *screen, size_t indent, const char *text)
{
	struct text rest = text_of(printable(screen->arena, text));
	size_t room = screen->width > indent + 20 ? screen->width - indent : SIZE_MAX;
	do {
		size_t length = line_length(rest, room);
		for (size_t i = 0; i < indent; i++)
			buffer_add_byte(&screen->out, ' ');
		buffer_add_text(&screen->out, text_until(rest, length));
		buffer_add_byte(&screen->out, '\n');
		rest = text_from(rest, length < rest.length ? length + 1 : length);
	} while (rest.length);
}

enum paint paint_of(const char *word)
{
	static const struct {
		const char *word;
		enum paint paint;
	} rows[] = {
		{"ok", PAINT_GREEN},
		{"created", PAINT_GREEN},
		{"safe", PAINT_GREEN},
		{"SUCCEEDED", PAINT_GREEN},
		{"updated", PAINT_YELLOW},
		{"widening", PAINT_YELLOW},
		{"CANCELLED", PAINT_YELLOW},
		{"unknown", PAINT_YELLOW},
		{"skipped", PAINT_DIM},
		{"unchanged", PAINT_DIM},
		{"empty", PAINT_DIM},
		{"QUEUED", PAINT_DIM},
		{"RUNNING", PAINT_CYAN},
		{"COMMITTING", PAINT_CYAN},
		{"breaking", PAINT_RED},
		{"corrupt", PAINT_RED},
		{"FAILED", PAINT_RED},
		{"TIMEOUT", PAINT_RED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].paint;
	}
	return PAINT_NONE;
}
