#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The words after a command: --name VALUE, --name=VALUE, --flag, and the rest. A
 * lone "--" makes everything after it the rest. */
struct option {
	const char *name; /* "--address" */
	bool takes_value;
	const char *value; /* out; a flag that was given has "" */
};

enum { OPTIONS_REST_MAX = 65536 };

/* `arguments` is reordered: the rest comes first, *rest_out of them. */
enum status options_parse(struct option *options, size_t count, char **arguments,
	size_t argument_count, size_t *rest_out, struct error *err) MUST_USE;

/* A whole number of `option`, `otherwise` when it was not given; byte counts may
 * end in K, M, G or T (powers of 1024). */
enum status option_number(const struct option *option, uint64_t otherwise, uint64_t *number_out,
	struct error *err) MUST_USE;
