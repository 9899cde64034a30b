#pragma once

#include "base/arena.h"
#include "tenon/v1/table.pb-c.h"

/* Where two tables differ, but for what the schema's own changes tell (a column's name
 * and type, columns that came or went) and what the server sets. Paths are the proto's
 * names: "description", "storage.serde.library"; an entry of a map by its key
 * ("parameters.owner"), a column by its name ("storage.columns.amount.comment"); any
 * other list as a whole, as JSON. Values are cut to 1,024 bytes. At most
 * LIMIT_FEED_FIELDS; either may be NULL: then there is nothing to compare. */
void field_diff(struct arena *arena, const Tenon__V1__Table *before, const Tenon__V1__Table *after,
	Tenon__V1__FieldChange ***changes_out, size_t *count_out);

/* The same of any two messages of one type: either may be NULL, which is an empty one
 * (what is new, what is gone). What has a name is found by it in any place, and a oneof
 * by what is set; what the server counts and dates (numbers from 20 on, of the message
 * itself) is no difference. */
struct field_pair {
	const ProtobufCMessage *before;
	const ProtobufCMessage *after;
	const char *within; /* paths begin with it; or NULL */
	/* Of columns, too, what the schema's changes tell: types, and columns that came or
	 * went, as their names. */
	bool columns;
	bool whole; /* however many fields, and no value cut or hidden */
	size_t most; /* fields, if not whole; 0: LIMIT_FEED_FIELDS */
	/* Fields and keys of maps that name_is_secret (secrets/), that are hashes of one (they end
	 * so), or that `is_secret` says: their value reads
	 * "***" on either side, and that they are told says that they differ. */
	bool may_have_secrets;
	bool (*is_secret)(const void *state, struct text key); /* or NULL */
	const void *state;
};
void field_diff_any(struct arena *arena, const struct field_pair *pair,
	Tenon__V1__FieldChange ***changes_out, size_t *count_out);
