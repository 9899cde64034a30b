#pragma once

#include "tenon/v1/jobs.pb-c.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How far a run is, on standard error: one line that is redrawn on a terminal,
 * else a line at most every few seconds, so that a log stays readable. */
struct progress {
	FILE *file;
	bool terminal;
	bool color;
	uint64_t started_ns;
	uint64_t spoken_ns;
	bool drawn;
};

void progress_start(struct progress *progress, FILE *file, bool terminal, bool color);
void progress_show(struct progress *progress, const Tenon__V1__Run *run);
void progress_clear(struct progress *progress); /* before anything else is printed */

struct buffer;
/* The line itself: "[######------]  50 %  inferring  12/24 files  3.4/6.8 MB". */
void progress_line(struct buffer *out, const Tenon__V1__Run *run, double seconds, bool bar);
