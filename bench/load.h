#pragma once

#include <stddef.h>
#include <stdint.h>

/* A closed loop of unary calls from one thread over one HTTP/2 connection, with
 * `in_flight` outstanding, for `seconds`. */
struct load {
	const char *address;
	const char *method; /* "/pkg.Service/Method" */
	const void *(*request)(void *state, uint64_t number, size_t *length_out); /* packed */
	void *state;
	unsigned in_flight;
	double seconds;
	const char *token; /* of the calls; NULL: none */
	double per_s; /* begun at this pace, while fewer are outstanding; 0: at once */
};

struct load_result {
	uint64_t calls;
	uint64_t failures;
	double seconds;
	double p50_us, p99_us;
};

void load_run(const struct load *load, struct load_result *result_out);
