#pragma once

#include "etl/source.h"

/* What a run tells the daemon of itself. */

/* Progress between queries; CANCELLED when the host asks to stop. */
enum status run_report(const struct compile *compile, const char *phase,
	const struct source *sources, size_t count, struct error *err) MUST_USE;

/* Source reports, and bookmark updates of the sources that have one. */
enum status report_sources(struct compile *compile, const char *run_id, struct source *sources,
	size_t count, Tenon__V1__CommitRunRequest *request, struct error *err) MUST_USE;

enum status report_stats(struct compile *compile, struct source *sources, size_t count,
	uint64_t start_ns, Tenon__V1__CommitRunRequest *request, struct error *err) MUST_USE;
