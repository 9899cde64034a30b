#include "catalog/changes.h"

#include "base/varint.h"
#include "catalog/store.h"

enum { HEAD_BYTES_MAX = 2 + 2 * VARINT_BYTES_MAX };

/* A byte of what is done, a byte of the database, the lengths, the key, the value. */
enum { DONE_PUT = 1, DONE_DELETE = 2 };

void change_note(struct buffer *changes, const struct change *change)
{
	char *at =
		buffer_reserve(changes, HEAD_BYTES_MAX + change->key.length + change->value.length);
	if (!at)
		return;
	char *from = at;
	*at++ = change->is_delete ? DONE_DELETE : DONE_PUT;
	*at++ = (char)change->db;
	at += varint_put(at, change->key.length);
	at += varint_put(at, change->value.length);
	memcpy(at, change->key.at, change->key.length);
	at += change->key.length;
	if (change->value.length)
		memcpy(at, change->value.at, change->value.length);
	changes->length += (size_t)(at - from) + change->value.length;
}

static bool text_take(struct text *rest, uint64_t length, struct text *out)
{
	if (length > rest->length)
		return false;
	*out = text_until(*rest, length);
	*rest = text_from(*rest, length);
	return true;
}

bool change_next(struct text *rest, struct change *change_out)
{
	struct text left = *rest;
	struct text head;
	uint64_t key;
	uint64_t value;
	if (!text_take(&left, 2, &head) || !varint_take(&left, &key) || !varint_take(&left, &value))
		return false;
	*change_out = (struct change){
		.is_delete = head.at[0] == DONE_DELETE,
		.db = (enum db)(unsigned char)head.at[1],
	};
	if (head.at[0] != DONE_PUT && head.at[0] != DONE_DELETE)
		return false;
	if (change_out->db >= DB_COUNT_ || key == 0 || key > LMDB_KEY_BYTES)
		return false;
	if (!text_take(&left, key, &change_out->key) ||
		!text_take(&left, value, &change_out->value))
		return false;
	*rest = left;
	return true;
}
