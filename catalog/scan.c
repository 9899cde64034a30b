#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/store.h"

#include <assert.h>
#include <stdlib.h>

/* One level of a long key that the scan is inside of. */
struct level {
	MDB_cursor *cursor;
	char node[NODE_BYTES];
	size_t head; /* 0 at the top, else NODE_BYTES */
	size_t base; /* bytes of the whole key before this level */
};

struct scan {
	struct catalog_txn *txn;
	enum db db;
	struct level *levels; /* the last is the one the scan stands in */
	size_t depth;
	size_t capacity;
	struct buffer key; /* the whole key */
	struct buffer prefix;
	struct buffer after;
	bool inclusive; /* `after` belongs to it */
	bool begun;
};

static struct text level_node(const struct level *level)
{
	return (struct text){level->node, level->head};
}

static enum status enter(struct scan *scan, struct text node, size_t base, struct error *err)
{
	size_t wanted = memory_grown(scan->capacity, scan->depth + 1);
	if (wanted != scan->capacity) {
		scan->levels = memory_resize(scan->levels, wanted, sizeof *scan->levels);
		scan->capacity = wanted;
	}
	struct level *level = &scan->levels[scan->depth];
	*level = (struct level){.head = node.length, .base = base};
	if (node.length)
		memcpy(level->node, node.at, node.length);
	enum db db = node.length ? DB_LONG : scan->db;
	MDB_dbi dbi = scan->txn->catalog->dbis[db];
	TRY(lmdb_status(
		mdb_cursor_open(scan->txn->mdb, dbi, &level->cursor), err, "open a cursor"));
	scan->depth++;
	return STATUS_OK;
}

static void leave(struct scan *scan)
{
	mdb_cursor_close(scan->levels[--scan->depth].cursor);
}

enum status scan_open(struct catalog_txn *txn, enum db db, struct text prefix, struct text after,
	struct scan **scan_out, struct error *err)
{
	OWNED(scan) scan = memory_new(sizeof *scan);
	scan->txn = txn;
	scan->db = db;
	key_init(&scan->key);
	key_init(&scan->prefix);
	key_init(&scan->after);
	buffer_add_text(&scan->prefix, prefix);
	buffer_add_text(&scan->after, after);
	TRY(buffer_check(&scan->prefix, "key", err));
	TRY(buffer_check(&scan->after, "key", err));
	TRY(enter(scan, (struct text){"", 0}, 0, err));
	*scan_out = TAKE(scan);
	return STATUS_OK;
}

enum status scan_open_at(struct catalog_txn *txn, enum db db, struct text prefix, struct text from,
	struct scan **scan_out, struct error *err)
{
	TRY(scan_open(txn, db, prefix, from, scan_out, err));
	(*scan_out)->inclusive = true;
	return STATUS_OK;
}

void scan_free(struct scan *scan)
{
	if (!scan)
		return;
	while (scan->depth)
		leave(scan);
	free(scan->levels);
	buffer_done(&scan->key);
	buffer_done(&scan->prefix);
	buffer_done(&scan->after);
	free(scan);
}

/* Move the innermost cursor to the first stretch not below `rest`; MDB_NEXT
 * when `rest` has no bytes at all. LMDB's code is the result. */
static int seek(struct level *level, struct text rest, MDB_val *key, MDB_val *value)
{
	size_t room = LMDB_KEY_BYTES - 1 - level->head;
	bool goes_on = rest.length > room;
	char bytes[LMDB_KEY_BYTES];
	struct text here = text_until(rest, room);
	if (level->head)
		memcpy(bytes, level->node, level->head);
	if (here.length)
		memcpy(bytes + level->head, here.at, here.length);
	size_t length = level->head + here.length;
	if (goes_on)
		bytes[length++] = 0;
	if (length == 0)
		return mdb_cursor_get(level->cursor, key, value, MDB_FIRST);
	*key = (MDB_val){length, bytes};
	return mdb_cursor_get(level->cursor, key, value, MDB_SET_RANGE);
}

/* Step out of levels that are exhausted until one has another entry. */
static int step(struct scan *scan, MDB_val *key, MDB_val *value)
{
	for (;;) {
		struct level *level = &scan->levels[scan->depth - 1];
		int rc = mdb_cursor_get(level->cursor, key, value, MDB_NEXT);
		bool inside =
			rc == MDB_SUCCESS &&
			text_starts((struct text){key->mv_data, key->mv_size}, level_node(level));
		if (inside || (rc != MDB_SUCCESS && rc != MDB_NOTFOUND))
			return rc;
		if (scan->depth == 1)
			return MDB_NOTFOUND;
		leave(scan);
	}
}

/* Put the stretch at the cursor behind what the outer levels spell. */
static void spell(struct scan *scan, struct text stretch)
{
	const struct level *level = &scan->levels[scan->depth - 1];
	scan->key.length = level->base;
	struct text part = text_from(stretch, level->head);
	if (stretch.length == LMDB_KEY_BYTES)
		part.length--; /* the mark */
	buffer_add_text(&scan->key, part);
}

/* From an entry at the cursor to the record it leads to: goes down while it is
 * only the head of longer keys. `rest` is the target inside the level below, or
 * empty for its first key. */
static enum status land(struct scan *scan, int rc, struct text target, bool *found_out, MDB_val key,
	MDB_val *value, struct error *err)
{
	for (;;) {
		*found_out = rc == MDB_SUCCESS;
		if (rc != MDB_SUCCESS)
			return rc == MDB_NOTFOUND ? STATUS_OK
						  : lmdb_status(rc, err, "read a record");
		struct text stretch = {key.mv_data, key.mv_size};
		struct level *level = &scan->levels[scan->depth - 1];
		if (!text_starts(stretch, level_node(level))) {
			if (scan->depth == 1)
				return fail(err, STATUS_INTERNAL, "scan left its level");
			leave(scan);
			rc = step(scan, &key, value);
			continue;
		}
		spell(scan, stretch);
		if (stretch.length != LMDB_KEY_BYTES)
			return STATUS_OK;
		if (value->mv_size != NODE_BYTES)
			return fail(err, STATUS_DATA_LOSS, "a long key's node has %zu bytes",
				value->mv_size);
		struct text whole = buffer_text(&scan->key);
		struct text rest = text_starts(target, whole) ? text_from(target, whole.length)
							      : (struct text){"", 0};
		TRY(enter(scan, (struct text){value->mv_data, NODE_BYTES}, whole.length, err));
		rc = seek(&scan->levels[scan->depth - 1], rest, &key, value);
		if (rc == MDB_NOTFOUND) {
			leave(scan);
			rc = step(scan, &key, value);
		}
	}
}

static enum status begin(struct scan *scan, bool *found_out, MDB_val *value, struct error *err)
{
	struct text prefix = buffer_text(&scan->prefix);
	struct text after = buffer_text(&scan->after);
	struct text target = text_compare(after, prefix) > 0 ? after : prefix;
	MDB_val key;
	int rc = seek(&scan->levels[0], target, &key, value);
	TRY(land(scan, rc, target, found_out, key, value, err));
	if (!*found_out || scan->inclusive || after.length == 0 ||
		!text_equal(buffer_text(&scan->key), after))
		return STATUS_OK;
	rc = step(scan, &key, value);
	return land(scan, rc, (struct text){"", 0}, found_out, key, value, err);
}

enum status scan_next(struct scan *scan, bool *found_out, struct text *key_out,
	struct text *value_out, struct error *err)
{
	MDB_val value;
	if (!scan->begun) {
		scan->begun = true;
		TRY(begin(scan, found_out, &value, err));
	} else {
		MDB_val key;
		int rc = step(scan, &key, &value);
		TRY(land(scan, rc, (struct text){"", 0}, found_out, key, &value, err));
	}
	*found_out = *found_out && text_starts(buffer_text(&scan->key), buffer_text(&scan->prefix));
	if (*found_out) {
		*key_out = buffer_text(&scan->key);
		*value_out = (struct text){value.mv_data, value.mv_size};
	}
	return STATUS_OK;
}

enum status store_messages(struct catalog_txn *txn, enum db db, struct text prefix,
	struct text after, size_t limit, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void ***messages_out, size_t *count_out, struct error *err)
{
	OWNED(scan) scan = NULL;
	void **messages = NULL;
	size_t count = 0;
	size_t capacity = 0;
	TRY(scan_open(txn, db, prefix, after, &scan, err));
	while (count < limit) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		if (count == capacity) {
			capacity = memory_grown(capacity, count + 1);
			messages = arena_grow(arena, messages, count, capacity, sizeof *messages);
		}
		TRY(store_unpack(value, descriptor, arena, &messages[count], err));
		count++;
	}
	*messages_out = messages;
	*count_out = count;
	return STATUS_OK;
}

enum status store_count_prefix(struct catalog_txn *txn, enum db db, struct text prefix,
	uint64_t *count_out, struct error *err)
{
	OWNED(scan) scan = NULL;
	uint64_t count = 0;
	TRY(scan_open(txn, db, prefix, TEXT(""), &scan, err));
	for (;; count++) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
	}
	*count_out = count;
	return STATUS_OK;
}

/* Deleting while scanning would move the cursors: keys are taken in handfuls. */
enum status store_delete_some(struct catalog_txn *txn, enum db db, struct text prefix,
	uint64_t most, uint64_t *count_out, struct error *err)
{
	enum { HANDFUL = 512 };
	OWNED(arena) arena = arena_new();
	struct text keys[HANDFUL];
	size_t wanted = HANDFUL;
	size_t count = HANDFUL;
	*count_out = 0;
	while (count == wanted && *count_out < most) {
		arena_reset(arena);
		wanted = most - *count_out < HANDFUL ? (size_t)(most - *count_out) : HANDFUL;
		OWNED(scan) scan = NULL;
		TRY(scan_open(txn, db, prefix, (struct text){"", 0}, &scan, err));
		for (count = 0; count < wanted; count++) {
			bool found;
			struct text key;
			struct text value;
			TRY(scan_next(scan, &found, &key, &value, err));
			if (!found)
				break;
			keys[count] = arena_copy(arena, key);
		}
		scan_free(TAKE(scan));
		for (size_t i = 0; i < count; i++) {
			bool found;
			TRY(store_delete(txn, db, keys[i], &found, err));
		}
		*count_out += count;
	}
	return STATUS_OK;
}

enum status store_delete_prefix(struct catalog_txn *txn, enum db db, struct text prefix,
	uint64_t *count_out, struct error *err)
{
	return store_delete_some(txn, db, prefix, UINT64_MAX, count_out, err);
}
