#pragma once

#include "base/arena.h"
#include "base/error.h"

/* A packed tenon.v1.Table without columns, keys, parameters, descriptions, view
 * texts and evidence: what a listing of names shows, at a tenth of the cost of
 * unpacking all of it. DATA_LOSS when the bytes are not a message. */
enum status table_outline(struct text packed, struct arena *arena, struct text *outline_out,
	struct error *err) MUST_USE;
