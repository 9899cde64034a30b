#pragma once

#include "clients/cli/screen.h"

/* A table for a screen: cells are collected, then aligned. Texts are borrowed
 * until the grid is drawn. */
struct grid_column {
	const char *title;
	bool number; /* to the right */
	bool elastic; /* cut when the terminal is too narrow; at most one */
};

struct grid;

struct grid *grid_new(
	struct screen *screen, const struct grid_column *columns, size_t columns_count);
void grid_cell(struct grid *grid, const char *text); /* fills rows from left to right */
void grid_painted(struct grid *grid, enum paint paint, const char *text);
void grid_printf(struct grid *grid, const char *format, ...) PRINTF_LIKE(2, 3);
/* Whole rows only. Draws the titles in bold, unless there are none. */
void grid_draw(struct grid *grid, const char *indent);
size_t grid_rows(const struct grid *grid);
