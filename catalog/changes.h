#pragma once

#include "base/buffer.h"
#include "catalog/txn.h"

/* What a transaction puts and deletes, one after the other, as bytes: what the journal keeps
 * of it. Keys are LMDB's, so the long ones are split already (store.h), and doing it
 * again to what was there before gives what is there now. */
struct change {
	bool is_delete;
	enum db db;
	struct text key;
	struct text value; /* empty of a delete */
};

void change_note(struct buffer *changes, const struct change *change);

/* The first of `rest`, which then begins behind it: borrowed from it. False, and nothing
 * changed, when there is none: at the end, or where the bytes are no change. */
bool change_next(struct text *rest, struct change *change_out);
