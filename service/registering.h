#pragma once

#include "registry/registry.h"
#include "service/serve.h"

#include "catalog/registries.h"

/* A definition on its way into the registry: parsed and decided on a pool thread, kept
 * by the catalog, which knows nothing of formats. */

struct candidate {
	const struct definition *definition;
	struct schema_version_new fresh; /* AVAILABLE, until something stands in the way */
};

/* Parsed, in `arena`. `definition` is borrowed. */
enum status candidate_parse(struct arena *arena, Tenon__V1__DataFormat format,
	const char *definition, struct candidate *candidate_out, struct error *err) MUST_USE;

struct decision {
	bool accepted;
	const char *why; /* not accepted: one line */
	struct obstacles obstacles; /* of the first version that stands in the way */
};
/* Against the versions that the schema's compatibility names, each in a read of its own.
 * RESOURCE_EXHAUSTED past LIMIT_CHECK_SECONDS. Results are in `arena`. */
enum status candidate_decide(struct catalog *catalog, const struct schema_view *view,
	const struct candidate *candidate, struct arena *arena, struct decision *decision_out,
	struct error *err) MUST_USE;

/* Obstacles as the wire has them. */
void differences_of(struct arena *arena, const struct obstacles *obstacles,
	Tenon__V1__SchemaChange ***changes_out, size_t *count_out);
