#include "catalog/store.h"

#include "base/memory.h"
#include "catalog/changes.h"
#include "catalog/key.h"
#include "proto/pack.h"
#include "proto/wire.h"

#include <assert.h>
#include <stdlib.h>

/* Where one stretch of a key lives: a level of the drawing in store.h. */
struct place {
	enum db db;
	size_t head; /* bytes of node id before the stretch: 0 or NODE_BYTES */
	char key[LMDB_KEY_BYTES];
	size_t length;
	bool goes_on; /* the key continues under the node that is stored here */
};

static struct text root_of(void)
{
	return (struct text){"", 0};
}

/* The place of `rest` under `node` (empty at the top), and what is left after it. */
static struct text place_of(struct place *place, enum db db, struct text node, struct text rest)
{
	size_t room = LMDB_KEY_BYTES - 1 - node.length;
	place->db = node.length ? DB_LONG : db;
	place->head = node.length;
	place->goes_on = rest.length > room;
	size_t here = place->goes_on ? room : rest.length;
	if (node.length)
		memcpy(place->key, node.at, node.length);
	if (here)
		memcpy(place->key + node.length, rest.at, here);
	place->length = node.length + here;
	if (place->goes_on)
		place->key[place->length++] = 0;
	return text_from(rest, here);
}

static MDB_val val(struct text text)
{
	return (MDB_val){text.length, (void *)(uintptr_t)text.at};
}

static struct text text_of_val(MDB_val value)
{
	return (struct text){value.mv_data, value.mv_size};
}

static MDB_dbi dbi(const struct catalog_txn *txn, enum db db)
{
	return txn->catalog->dbis[db];
}

static enum status get_here(struct catalog_txn *txn, const struct place *place, bool *found_out,
	struct text *value_out, struct error *err)
{
	MDB_val key = val((struct text){place->key, place->length});
	MDB_val value;
	int rc = mdb_get(txn->mdb, dbi(txn, place->db), &key, &value);
	*found_out = rc == MDB_SUCCESS;
	if (rc == MDB_SUCCESS)
		*value_out = text_of_val(value);
	return rc == MDB_NOTFOUND ? STATUS_OK : lmdb_status(rc, err, "read a record");
}

enum status store_find(struct catalog_txn *txn, enum db db, struct text key, bool *found_out,
	struct text *value_out, struct error *err)
{
	struct text node = root_of();
	struct place place;
	/* LMDB has no empty key. */
	*found_out = false;
	if (key.length == 0)
		return STATUS_OK;
	for (;;) {
		key = place_of(&place, db, node, key);
		bool found;
		struct text value = {0};
		TRY(get_here(txn, &place, &found, &value, err));
		if (!found)
			return STATUS_OK;
		if (!place.goes_on) {
			*value_out = value;
			*found_out = true;
			return STATUS_OK;
		}
		node = value;
	}
}

/* Remembers that the map is full, so that the writer grows it and tries again. */
static enum status put_status(struct catalog_txn *txn, int rc, struct error *err)
{
	if (rc == MDB_SUCCESS) {
		txn->puts++;
		return STATUS_OK;
	}
	txn->map_full = txn->map_full || rc == MDB_MAP_FULL;
	return lmdb_status(rc, err, "write a record");
}

static enum status put_here(struct catalog_txn *txn, const struct place *place, MDB_val *value,
	unsigned flags, struct error *err)
{
	assert(txn->writes);
	MDB_val key = val((struct text){place->key, place->length});
	return put_status(txn, mdb_put(txn->mdb, dbi(txn, place->db), &key, value, flags), err);
}

static void note_put(struct catalog_txn *txn, const struct place *place, MDB_val value)
{
	if (txn->changes)
		change_note(txn->changes, &(struct change){.db = place->db,
						  .key = {place->key, place->length},
						  .value = text_of_val(value)});
}

static void note_delete(struct catalog_txn *txn, const struct place *place)
{
	if (txn->changes)
		change_note(txn->changes, &(struct change){.is_delete = true,
						  .db = place->db,
						  .key = {place->key, place->length}});
}

/* The place where `key` ends, making the nodes on the way. */
static enum status place_for_put(struct catalog_txn *txn, enum db db, struct text key,
	struct place *place, struct error *err)
{
	if (key.length == 0)
		return fail(err, STATUS_INTERNAL, "empty key");
	char node_bytes[NODE_BYTES];
	struct text node = root_of();
	for (;;) {
		key = place_of(place, db, node, key);
		if (!place->goes_on)
			return STATUS_OK;
		bool found;
		struct text value = {0};
		TRY(get_here(txn, place, &found, &value, err));
		if (found) {
			memcpy(node_bytes, value.at, NODE_BYTES);
			node = (struct text){node_bytes, NODE_BYTES};
			continue;
		}
		uint64_t id = 0;
		TRY(store_next(txn, "node", &id, err));
		node = key_u64_text(id, node_bytes);
		MDB_val link = val(node);
		TRY(put_here(txn, place, &link, 0, err));
		note_put(txn, place, link);
	}
}

enum status store_put(
	struct catalog_txn *txn, enum db db, struct text key, struct text value, struct error *err)
{
	struct place place;
	TRY(place_for_put(txn, db, key, &place, err));
	MDB_val stored = val(value);
	TRY(put_here(txn, &place, &stored, 0, err));
	note_put(txn, &place, val(value));
	return STATUS_OK;
}

enum status store_put_message(struct catalog_txn *txn, enum db db, struct text key,
	const ProtobufCMessage *message, struct error *err)
{
	char room[PACK_ROOM_BYTES];
	struct text packed;
	if (pack_backwards(message, room, sizeof room, &packed))
		return store_put(txn, db, key, packed, err);
	struct place place;
	TRY(place_for_put(txn, db, key, &place, err));
	MDB_val stored = {protobuf_c_message_get_packed_size(message), NULL};
	if (stored.mv_size > LIMIT_MESSAGE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"a record of %zu bytes is larger than %u bytes", stored.mv_size,
			LIMIT_MESSAGE_BYTES);
	TRY(put_here(txn, &place, &stored, MDB_RESERVE, err));
	(void)protobuf_c_message_pack(message, stored.mv_data);
	note_put(txn, &place, stored);
	return STATUS_OK;
}

/* Nothing is stored under `node` any more. */
static enum status node_is_empty(
	struct catalog_txn *txn, struct text node, bool *empty_out, struct error *err)
{
	MDB_cursor *cursor;
	TRY(lmdb_status(
		mdb_cursor_open(txn->mdb, dbi(txn, DB_LONG), &cursor), err, "open a cursor"));
	MDB_val key = val(node);
	MDB_val value;
	int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	*empty_out =
		rc == MDB_NOTFOUND || (rc == MDB_SUCCESS && !text_starts(text_of_val(key), node));
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? STATUS_OK : lmdb_status(rc, err, "read a record");
}

static enum status delete_here(struct catalog_txn *txn, enum db db, struct text node,
	struct text key, bool *found_out, struct error *err)
{
	struct place place;
	struct text rest = place_of(&place, db, node, key);
	MDB_val here = val((struct text){place.key, place.length});
	if (place.goes_on) {
		struct text value = {0};
		TRY(get_here(txn, &place, found_out, &value, err));
		if (!*found_out)
			return STATUS_OK;
		char bytes[NODE_BYTES];
		memcpy(bytes, value.at, NODE_BYTES);
		struct text below = {bytes, NODE_BYTES};
		/* Depth is bounded by KEY_BYTES_MAX / 502. */
		TRY(delete_here(txn, db, below, rest, found_out, err));
		bool empty = false;
		if (*found_out)
			TRY(node_is_empty(txn, below, &empty, err));
		if (!empty)
			return STATUS_OK;
	}
	int rc = mdb_del(txn->mdb, dbi(txn, place.db), &here, NULL);
	if (!place.goes_on)
		*found_out = rc == MDB_SUCCESS;
	if (rc == MDB_NOTFOUND)
		return STATUS_OK;
	TRY(put_status(txn, rc, err));
	note_delete(txn, &place);
	return STATUS_OK;
}

enum status store_delete(
	struct catalog_txn *txn, enum db db, struct text key, bool *found_out, struct error *err)
{
	assert(txn->writes);
	*found_out = false;
	if (key.length == 0)
		return STATUS_OK;
	return delete_here(txn, db, root_of(), key, found_out, err);
}

enum status store_unpack(struct text value, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void **message_out, struct error *err)
{
	return wire_unpack_record(descriptor, value, arena, message_out, err);
}

enum status store_message(struct catalog_txn *txn, enum db db, struct text key,
	const ProtobufCMessageDescriptor *descriptor, struct arena *arena, void **message_out,
	struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(txn, db, key, &found, &value, err));
	*message_out = NULL;
	return found ? store_unpack(value, descriptor, arena, message_out, err) : STATUS_OK;
}

enum status store_next(
	struct catalog_txn *txn, const char *counter, uint64_t *value_out, struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(txn, DB_META, text_of(counter), &found, &value, err));
	if (found && value.length != 8)
		return fail(
			err, STATUS_DATA_LOSS, "counter '%s' has %zu bytes", counter, value.length);
	uint64_t next = found ? key_u64(value.at) : 1;
	char bytes[8];
	TRY(store_put(txn, DB_META, text_of(counter), key_u64_text(next + 1, bytes), err));
	*value_out = next;
	return STATUS_OK;
}

enum status store_count(struct catalog_txn *txn, enum db db, uint64_t *count_out, struct error *err)
{
	MDB_stat stat;
	TRY(lmdb_status(mdb_stat(txn->mdb, txn->catalog->dbis[db], &stat), err, "count records"));
	*count_out = stat.ms_entries;
	return STATUS_OK;
}
