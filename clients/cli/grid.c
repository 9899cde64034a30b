#include "clients/cli/grid.h"

#include "base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { GAP = 2, ELASTIC_LEAST = 12 };

struct cell {
	const char *text;
	enum paint paint;
};

struct grid {
	struct screen *screen;
	const struct grid_column *columns;
	size_t columns_count;
	struct cell *cells;
	size_t count;
	size_t capacity;
};

struct grid *grid_new(
	struct screen *screen, const struct grid_column *columns, size_t columns_count)
{
	struct grid *grid = arena_alloc(screen->arena, sizeof *grid);
	*grid = (struct grid){.screen = screen, .columns = columns, .columns_count = columns_count};
	return grid;
}

/* One line: line ends inside a cell would break the table. */
static const char *flat(struct arena *arena, const char *text)
{
	text = printable(arena, text);
	if (!strpbrk(text, "\n\t"))
		return text;
	char *copy = arena_text(arena, text_of(text));
	for (char *byte = copy; *byte; byte++)
		*byte = *byte == '\n' || *byte == '\t' ? ' ' : *byte;
	return copy;
}

void grid_painted(struct grid *grid, enum paint paint, const char *text)
{
	struct arena *arena = grid->screen->arena;
	if (grid->count == grid->capacity) {
		size_t grown = memory_grown(grid->capacity, grid->count + 1);
		grid->cells =
			arena_grow(arena, grid->cells, grid->count, grown, sizeof *grid->cells);
		grid->capacity = grown;
	}
	grid->cells[grid->count++] = (struct cell){flat(arena, text ? text : ""), paint};
}

void grid_cell(struct grid *grid, const char *text)
{
	grid_painted(grid, PAINT_NONE, text);
}

void grid_printf(struct grid *grid, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	grid_cell(grid, arena_text(grid->screen->arena, text_of(text)));
}

size_t grid_rows(const struct grid *grid)
{
	return grid->count / grid->columns_count;
}

static void add_spaces(struct screen *screen, size_t count)
{
	while (count--)
		buffer_add_byte(&screen->out, ' ');
}

static void draw_cell(struct grid *grid, size_t column, size_t width, struct cell cell, bool last)
{
	struct screen *screen = grid->screen;
	const struct grid_column *about = &grid->columns[column];
	const char *text = cell.text;
	if ((about->elastic || about->least || about->name) && screen->width)
		text = about->path ? text_cut_start(screen, text, width)
				   : text_cut(screen, text, width);
	size_t used = text_columns(text);
	size_t pad = used < width ? width - used : 0;
	if (about->number)
		add_spaces(screen, pad);
	screen_text(screen, cell.paint, text);
	if (!last)
		add_spaces(screen, (about->number ? 0 : pad) + GAP);
}

/* Blank cells at the end of a row leave no blanks at the end of its line. */
static void trim(struct screen *screen)
{
	while (screen->out.length && screen->out.at[screen->out.length - 1] == ' ')
		screen->out.length--;
}

/* No column may be as wide as this one is: it is left out. */
#define LEFT_OUT SIZE_MAX

static size_t total_width(const struct grid *grid, const size_t *widths, size_t indent)
{
	size_t total = indent;
	size_t shown = 0;
	for (size_t i = 0; i < grid->columns_count; i++) {
		if (widths[i] != LEFT_OUT)
			total += widths[i] + (shown++ ? GAP : 0);
	}
	return total;
}

enum round { ROUND_ELASTIC, ROUND_LEAST, ROUND_NAME };

/* The least that a column is cut to in this round; 0: it is not. */
static size_t least_of(const struct grid_column *column, enum round round)
{
	switch (round) {
	case ROUND_ELASTIC:
		return column->elastic ? ELASTIC_LEAST : 0;
	case ROUND_LEAST:
		return column->elastic ? 0 : column->least;
	case ROUND_NAME:
		break;
	}
	return column->name ? ELASTIC_LEAST : 0;
}

/* Takes `over` from the columns of one round, always from the widest; what is still over. */
static size_t squeeze(const struct grid *grid, enum round round, size_t *widths, size_t over)
{
	for (; over; over--) {
		size_t widest = LEFT_OUT;
		for (size_t i = 0; i < grid->columns_count; i++) {
			size_t least = least_of(&grid->columns[i], round);
			if (!least || widths[i] == LEFT_OUT || widths[i] <= least)
				continue;
			if (widest == LEFT_OUT || widths[i] > widths[widest])
				widest = i;
		}
		if (widest == LEFT_OUT)
			break;
		widths[widest]--;
	}
	return over;
}

/* The next column to be left out; false when none may be. */
static bool spare(const struct grid *grid, const size_t *natural, size_t *column_out)
{
	unsigned highest = 0;
	for (size_t i = 0; i < grid->columns_count; i++) {
		if (natural[i] != LEFT_OUT && grid->columns[i].spare > highest) {
			highest = grid->columns[i].spare;
			*column_out = i;
		}
	}
	return highest > 0;
}

/* From the widths that hold everything to those that fit the screen, or nearly. */
static void fit(const struct grid *grid, size_t *natural, size_t *widths, size_t indent)
{
	size_t room = grid->screen->width;
	for (;;) {
		memcpy(widths, natural, grid->columns_count * sizeof *widths);
		size_t total = total_width(grid, widths, indent);
		if (!room || total <= room)
			return;
		size_t over = squeeze(grid, ROUND_ELASTIC, widths, total - room);
		over = squeeze(grid, ROUND_LEAST, widths, over);
		size_t column;
		if (!over)
			return;
		if (!spare(grid, natural, &column)) {
			(void)squeeze(grid, ROUND_NAME, widths, over);
			return;
		}
		natural[column] = LEFT_OUT;
	}
}

static void draw_row(
	struct grid *grid, const size_t *widths, const char *indent, const struct cell *cells)
{
	size_t last = 0;
	for (size_t i = 0; i < grid->columns_count; i++)
		last = widths[i] == LEFT_OUT ? last : i;
	buffer_add_string(&grid->screen->out, indent);
	for (size_t i = 0; i < grid->columns_count; i++) {
		if (widths[i] != LEFT_OUT)
			draw_cell(grid, i, widths[i], cells[i], i == last);
	}
	trim(grid->screen);
	buffer_add_byte(&grid->screen->out, '\n');
}

void grid_draw(struct grid *grid, const char *indent)
{
	assert(grid->count % grid->columns_count == 0);
	struct arena *arena = grid->screen->arena;
	size_t *natural = arena_array(arena, grid->columns_count, sizeof *natural);
	size_t *widths = arena_array(arena, grid->columns_count, sizeof *widths);
	struct cell *titles = arena_array(arena, grid->columns_count, sizeof *titles);
	bool titled = false;
	for (size_t i = 0; i < grid->columns_count; i++) {
		const char *title = grid->columns[i].title;
		titled = titled || title;
		titles[i] = (struct cell){title ? title : "", PAINT_BOLD};
		natural[i] = text_columns(titles[i].text);
	}
	for (size_t i = 0; i < grid->count; i++) {
		size_t columns = text_columns(grid->cells[i].text);
		size_t *width = &natural[i % grid->columns_count];
		*width = columns > *width ? columns : *width;
	}
	fit(grid, natural, widths, strlen(indent));
	if (titled)
		draw_row(grid, widths, indent, titles);
	for (size_t row = 0; row < grid->count; row += grid->columns_count)
		draw_row(grid, widths, indent, grid->cells + row);
}
