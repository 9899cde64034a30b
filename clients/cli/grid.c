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

static void draw_cell(struct grid *grid, size_t column, size_t width, struct cell cell)
{
	struct screen *screen = grid->screen;
	bool last = column + 1 == grid->columns_count;
	const char *text = cell.text;
	if (grid->columns[column].elastic && screen->width)
		text = text_cut(screen->arena, text, width);
	size_t used = text_columns(text);
	size_t pad = used < width ? width - used : 0;
	if (grid->columns[column].number)
		add_spaces(screen, pad);
	screen_text(screen, cell.paint, text);
	if (!last)
		add_spaces(screen, (grid->columns[column].number ? 0 : pad) + GAP);
}

/* Blank cells at the end of a row leave no blanks at the end of its line. */
static void trim(struct screen *screen)
{
	while (screen->out.length && screen->out.at[screen->out.length - 1] == ' ')
		screen->out.length--;
}

static void squeeze(const struct grid *grid, size_t *widths, size_t indent)
{
	size_t total = indent;
	for (size_t i = 0; i < grid->columns_count; i++)
		total += widths[i] + (i ? GAP : 0);
	for (size_t i = 0; i < grid->columns_count; i++) {
		if (!grid->columns[i].elastic || !grid->screen->width ||
			total <= grid->screen->width)
			continue;
		size_t over = total - grid->screen->width;
		size_t least = widths[i] < ELASTIC_LEAST ? widths[i] : ELASTIC_LEAST;
		widths[i] = widths[i] > over + least ? widths[i] - over : least;
	}
}

void grid_draw(struct grid *grid, const char *indent)
{
	assert(grid->count % grid->columns_count == 0);
	struct screen *screen = grid->screen;
	size_t *widths = arena_array(screen->arena, grid->columns_count, sizeof *widths);
	bool titled = false;
	for (size_t i = 0; i < grid->columns_count; i++) {
		titled = titled || grid->columns[i].title;
		widths[i] = grid->columns[i].title ? text_columns(grid->columns[i].title) : 0;
	}
	for (size_t i = 0; i < grid->count; i++) {
		size_t columns = text_columns(grid->cells[i].text);
		size_t *width = &widths[i % grid->columns_count];
		*width = columns > *width ? columns : *width;
	}
	squeeze(grid, widths, strlen(indent));
	if (titled) {
		buffer_add_string(&screen->out, indent);
		for (size_t i = 0; i < grid->columns_count; i++)
			draw_cell(grid, i, widths[i],
				(struct cell){grid->columns[i].title ? grid->columns[i].title : "",
					PAINT_BOLD});
		trim(screen);
		buffer_add_byte(&screen->out, '\n');
	}
	for (size_t i = 0; i < grid->count; i++) {
		size_t column = i % grid->columns_count;
		if (column == 0)
			buffer_add_string(&screen->out, indent);
		draw_cell(grid, column, widths[column], grid->cells[i]);
		if (column + 1 == grid->columns_count) {
			trim(screen);
			buffer_add_byte(&screen->out, '\n');
		}
	}
}
