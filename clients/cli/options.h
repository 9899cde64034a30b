#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What a command understands after its name: flags (rows of a table that ends
 * with a NULL name) and a number of plain arguments. */
struct flag {
	const char *name; /* "--database" */
	char letter; /* 'f' for -f, or 0 */
	const char *value; /* "DB": what it takes; NULL: nothing */
	const char *help;
};

struct options {
	const char **arguments;
	size_t count;
	struct option_set {
		const struct flag *flag;
		const char *value;
	} * set; /* in the order given */
	size_t set_count;
};

/* Reads `count` words by the tables of flags (NULL-terminated list of tables). A
 * flag may stand anywhere before "--"; its value follows it or stands after '='.
 * INVALID_ARGUMENT names the word and the nearest flag. */
enum status options_read(struct arena *arena, const struct flag *const *tables,
	const char *const *words, size_t count, struct options *options_out,
	struct error *err) MUST_USE;

bool options_has(const struct options *options, const char *name);
const char *options_value(const struct options *options, const char *name); /* last; or NULL */
/* The nth value of a flag that may be given more than once; NULL past the last. */
const char *options_nth(const struct options *options, const char *name, size_t nth);
