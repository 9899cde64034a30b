#include "clients/cli/screen.h"

#include <string.h>

/* The character that starts at `at` (UTF-8, which the wire was checked for), and
 * its length; any stray byte is one character U+FFFD. */
static size_t character(const char *at, uint32_t *code_out)
{
	unsigned char first = (unsigned char)at[0];
	size_t length = first < 0x80   ? 1
			: first < 0xC2 ? 0
			: first < 0xE0 ? 2
			: first < 0xF0 ? 3
				       : 4;
	uint32_t code = length < 2 ? first : first & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)at[i] & 0xC0) != 0x80) {
			length = 0;
			break;
		}
		code = code << 6 | ((unsigned char)at[i] & 0x3F);
	}
	*code_out = length ? code : 0xFFFD;
	return length ? length : 1;
}

static bool between(uint32_t code, uint32_t first, uint32_t last)
{
	return code >= first && code <= last;
}

/* C0 but for line ends and tabs, DEL, C1, and the marks that turn the direction of text around. */
static bool is_control(uint32_t code)
{
	if (code == '\n' || code == '\t')
		return false;
	return code < 0x20 || between(code, 0x7F, 0x9F) || between(code, 0x202A, 0x202E) ||
	       between(code, 0x2066, 0x2069);
}

static size_t code_columns(uint32_t code)
{
	if (between(code, 0x300, 0x36F) || between(code, 0x200B, 0x200F) || code == 0xFE0F)
		return 0;
	bool wide = between(code, 0x1100, 0x115F) || between(code, 0x2E80, 0x303E) ||
		    between(code, 0x3041, 0xA4CF) || between(code, 0xAC00, 0xD7A3) ||
		    between(code, 0xF900, 0xFAFF) || between(code, 0xFE30, 0xFE6F) ||
		    between(code, 0xFF00, 0xFF60) || between(code, 0xFFE0, 0xFFE6) ||
		    between(code, 0x1F300, 0x1FAFF) || between(code, 0x20000, 0x3FFFD);
	return wide ? 2 : 1;
}

const char *printable(struct arena *arena, const char *text)
{
	const char *at = text;
	uint32_t code;
	while (*at) {
		size_t length = character(at, &code);
		if (is_control(code) || (code == 0xFFFD && length == 1))
			break;
		at += length;
	}
	if (!*at)
		return text;
	char *made = arena_alloc(arena, strlen(text) + 1);
	char *end = made;
	for (at = text; *at;) {
		size_t length = character(at, &code);
		bool bad = is_control(code) || (code == 0xFFFD && length == 1);
		if (bad)
			*end++ = '?';
		else
			end = mempcpy(end, at, length);
		at += length;
	}
	*end = 0;
	return made;
}

size_t text_columns(const char *text)
{
	size_t columns = 0;
	uint32_t code;
	while (*text) {
		text += character(text, &code);
		columns += code_columns(code);
	}
	return columns;
}

const char *ellipsis(const struct screen *screen)
{
	return screen->ascii ? "..." : "…";
}

const char *arrow(const struct screen *screen)
{
	return screen->ascii ? "->" : "→";
}

const char *text_cut(const struct screen *screen, const char *text, size_t columns)
{
	if (text_columns(text) <= columns)
		return text;
	const char *at = text;
	const char *more = ellipsis(screen);
	size_t used = text_columns(more);
	uint32_t code;
	while (*at) {
		size_t length = character(at, &code);
		if (used + code_columns(code) > columns)
			break;
		used += code_columns(code);
		at += length;
	}
	return arena_printf(screen->arena, "%.*s%s", (int)(at - text), text, more);
}

const char *text_cut_start(const struct screen *screen, const char *text, size_t columns)
{
	size_t whole = text_columns(text);
	if (whole <= columns)
		return text;
	const char *more = ellipsis(screen);
	size_t left = whole + text_columns(more);
	uint32_t code;
	while (*text && left > columns) {
		text += character(text, &code);
		left -= code_columns(code);
	}
	return arena_printf(screen->arena, "%s%s", more, text);
}
