#pragma once

#include "clients/cli/screen.h"

/* A table for a screen: cells are collected, then aligned. Texts are borrowed
 * until the grid is drawn. */
struct grid_column {
	const char *title;
	bool number; /* to the right */
	/* On a terminal that is too narrow, in this order: */
	bool elastic; /* cut first, the widest first */
	unsigned least; /* cut next, but not below so many columns; 0: never */
	unsigned spare; /* then left out, the highest first; 0: never */
	bool name; /* and when nothing else helps, cut: it is what the row is about */
	bool path; /* cut at its start, for its end tells more */
};
enum { GRID_DATE = 11 }; /* the least of a time: its day is left */

struct grid;

struct grid *grid_new(
	struct screen *screen, const struct grid_column *columns, size_t columns_count);
void grid_cell(struct grid *grid, const char *text); /* fills rows from left to right */
void grid_painted(struct grid *grid, enum paint paint, const char *text);
void grid_printf(struct grid *grid, const char *format, ...) PRINTF_LIKE(2, 3);
/* Whole rows only. Draws the titles in bold, unless there are none. */
void grid_draw(struct grid *grid, const char *indent);
size_t grid_rows(const struct grid *grid);
