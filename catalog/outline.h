#pragma once

#include "base/arena.h"
#include "base/error.h"

/* A packed tenon.v1.Table without columns, keys, parameters, descriptions, view
 * texts and evidence: what a listing of names shows, at a tenth of the cost of
 * unpacking all of it. DATA_LOSS when the bytes are not a message. */
enum status table_outline(struct text packed, struct arena *arena, struct text *outline_out,
	struct error *err) MUST_USE;

/* The same without what each version says of itself, beside its table: id, version,
 * fingerprint, time and author of the update, number of partitions. */
enum status table_body(
	struct text packed, struct arena *arena, struct text *body_out, struct error *err) MUST_USE;
