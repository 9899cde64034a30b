#include "catalog/export_line.h"

#include "catalog/key.h"
#include "catalog/store.h"
#include "proto/json.h"
#include "proto/wire.h"

#include <inttypes.h>

#define DESCRIPTOR &tenon__store__v1__export_line__descriptor

static const char value_begins[] = ",\"value\":";

/* ---- keys: each part is a text; what cannot be one is "\x" and hex ---- */

static const struct text hex_mark = {"\\x", 2};

static bool is_plain(struct text part)
{
	return text_is_utf8(part) && !memchr(part.at ? part.at : "", 0, part.length) &&
	       !text_starts(part, hex_mark);
}

static char *hex_print(struct arena *arena, struct text part)
{
	char *hex = arena_alloc(arena, hex_mark.length + 2 * part.length + 1);
	memcpy(hex, hex_mark.at, hex_mark.length);
	for (size_t i = 0; i < part.length; i++) {
		static const char digits[] = "0123456789abcdef";
		unsigned char byte = (unsigned char)part.at[i];
		hex[hex_mark.length + 2 * i] = digits[byte >> 4];
		hex[hex_mark.length + 2 * i + 1] = digits[byte & 15];
	}
	return hex;
}

static char *part_print(struct arena *arena, struct text part)
{
	return is_plain(part) ? arena_text(arena, part) : hex_print(arena, part);
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static enum status part_parse(
	struct arena *arena, const char *part, struct text *bytes_out, struct error *err)
{
	struct text text = text_of(part);
	if (!text_starts(text, hex_mark)) {
		*bytes_out = text;
		return STATUS_OK;
	}
	struct text hex = text_from(text, hex_mark.length);
	char *bytes = arena_alloc(arena, hex.length / 2 + 1);
	for (size_t i = 0; i < hex.length; i += 2) {
		int high = hex_digit(hex.at[i]);
		int low = i + 1 < hex.length ? hex_digit(hex.at[i + 1]) : -1;
		if (high < 0 || low < 0)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"key: '%.40s' is not '\\x' and pairs of hex digits", part);
		bytes[i / 2] = (char)(high << 4 | low);
	}
	*bytes_out = (struct text){bytes, hex.length / 2};
	return STATUS_OK;
}

static const char *shape_of(enum db db)
{
	return holdings[db].key ? holdings[db].key : "r";
}

enum { ID_BYTES = 8, PARTS_MAX = 8 };

/* The next part of a key of this shape; false when it is none. */
static bool part_cut(char letter, struct text *rest, struct arena *arena, char **part_out)
{
	size_t length = rest->length;
	if (letter == 'n') {
		length = ID_BYTES;
		if (rest->length < length)
			return false;
		*part_out = arena_printf(arena, "%" PRIu64, key_u64(rest->at));
	} else {
		if (letter == 't')
			length = text_find(*rest, 0);
		if (letter == 't' && length == rest->length)
			return false;
		*part_out = part_print(arena, text_until(*rest, length));
	}
	*rest = text_from(*rest, length + (letter == 't'));
	return true;
}

static void key_print(
	enum db db, struct text key, struct arena *arena, Tenon__Store__V1__ExportLine *line)
{
	const char *shape = shape_of(db);
	struct text rest = key;
	line->key = arena_array(arena, PARTS_MAX, sizeof *line->key);
	for (const char *letter = shape; *letter; letter++) {
		if (!part_cut(*letter, &rest, arena, &line->key[line->n_key++]))
			break;
	}
	if (rest.length == 0 && line->n_key == strlen(shape) && line->key[line->n_key - 1])
		return;
	/* Not of its shape: the bytes as they are. */
	line->key[0] = hex_print(arena, key);
	line->n_key = 1;
}

static enum status key_parse(const Tenon__Store__V1__ExportLine *line, enum db db,
	struct arena *arena, struct text *key_out, struct error *err)
{
	const char *shape = shape_of(db);
	struct buffer SCOPED_BUFFER key = {0};
	key_init(&key);
	bool whole = line->n_key == 1 && text_starts(text_of(line->key[0]), hex_mark);
	if (!whole && line->n_key != strlen(shape))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"key: it has %zu parts, and those of '%s' have %zu", line->n_key,
			holdings[db].name, strlen(shape));
	for (size_t i = 0; i < line->n_key; i++) {
		struct text part;
		uint64_t number;
		TRY(part_parse(arena, line->key[i], &part, err));
		if (whole || shape[i] == 'r') {
			buffer_add_text(&key, part);
		} else if (shape[i] == 't') {
			key_add_part(&key, part);
		} else {
			if (part.length == 0 || text_uint64(part, &number) != part.length)
				return fail(err, STATUS_INVALID_ARGUMENT,
					"key: '%.40s' is not a number", line->key[i]);
			key_add_u64(&key, number);
		}
	}
	TRY(buffer_check(&key, "the key", err));
	if (key.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "key: it is empty");
	*key_out = arena_copy(arena, buffer_text(&key));
	return STATUS_OK;
}

/* ---- lines ---- */

/* Whether the JSON of a record gives it back: maps may come in another order. */
static bool survives(const ProtobufCMessage *message, struct text json, struct arena *arena)
{
	struct buffer SCOPED_BUFFER again = {0};
	ProtobufCMessage *back;
	struct error why;
	buffer_init(&again, LIMIT_MESSAGE_BYTES);
	return json_parse(json, message->descriptor, arena, &back, &why) == STATUS_OK &&
	       protobuf_c_message_get_packed_size(back) ==
		       protobuf_c_message_get_packed_size(message) &&
	       json_print(back, JSON_SPARSE, &again, &why) == STATUS_OK &&
	       text_equal(buffer_text(&again), json);
}

static enum status line_print(
	const Tenon__Store__V1__ExportLine *line, struct buffer *out, struct error *err)
{
	return json_print(&line->base, JSON_SPARSE, out, err);
}

/* The value as bytes, in the line itself. */
static enum status raw_print(Tenon__Store__V1__ExportLine *line, struct text value,
	struct buffer *out, struct error *err)
{
	line->raw = (ProtobufCBinaryData){value.length, (uint8_t *)(uintptr_t)value.at};
	return line_print(line, out, err);
}

enum status export_record_print(const struct export_line *record, bool with_secrets,
	struct arena *arena, struct buffer *out, struct error *err)
{
	const struct holding *holding = &holdings[record->db];
	Tenon__Store__V1__ExportLine line = TENON__STORE__V1__EXPORT_LINE__INIT;
	struct text value = record->value;
	void *message = NULL;
	struct error why;
	line.in = arena_text(arena, text_of(holding->name));
	key_print(record->db, record->key, arena, &line);
	if (!holding->value)
		return raw_print(&line, value, out, err);
	if (store_unpack(value, holding->value, arena, &message, &why) != STATUS_OK)
		return fail(err, STATUS_DATA_LOSS,
			"a record of '%s' is damaged (%s): tenon fsck says more", holding->name,
			why.message);
	if (holding->hide && !with_secrets)
		holding->hide(message, arena);
	if (holding->begin)
		holding->begin(message);
	if (holding->begin || (holding->hide && !with_secrets))
		value = wire_pack(arena, message);
	size_t start = out->length;
	TRY(line_print(&line, out, err));
	out->length--; /* its '}' comes after the value */
	buffer_add_string(out, value_begins);
	size_t json = out->length;
	TRY(json_print(message, JSON_SPARSE, out, err));
	if (survives(message, (struct text){out->at + json, out->length - json}, arena)) {
		buffer_add_byte(out, '}');
		return buffer_check(out, "a line of the export", err);
	}
	out->length = start;
	return raw_print(&line, value, out, err);
}

enum status export_head_print(
	const Tenon__Store__V1__ExportHead *head, struct buffer *out, struct error *err)
{
	Tenon__Store__V1__ExportLine line = TENON__STORE__V1__EXPORT_LINE__INIT;
	line.head = (Tenon__Store__V1__ExportHead *)(uintptr_t)head;
	return line_print(&line, out, err);
}

enum status export_tail_print(
	const Tenon__Store__V1__ExportTail *tail, struct buffer *out, struct error *err)
{
	Tenon__Store__V1__ExportLine line = TENON__STORE__V1__EXPORT_LINE__INIT;
	line.tail = (Tenon__Store__V1__ExportTail *)(uintptr_t)tail;
	return line_print(&line, out, err);
}

/* Where `,"value":` stands in the outermost object, or the line's length. */
static size_t value_find(struct text line)
{
	const struct text mark = {value_begins, sizeof value_begins - 1};
	size_t depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < line.length; i++) {
		char byte = line.at[i];
		if (quoted) {
			i += byte == '\\';
			quoted = byte != '"';
			continue;
		}
		quoted = byte == '"';
		depth += byte == '{' || byte == '[';
		depth -= (byte == '}' || byte == ']') && depth > 0;
		if (depth == 1 && byte == ',' && text_starts(text_from(line, i), mark))
			return i;
	}
	return line.length;
}

static enum status database_named(const char *name, enum db *db_out, struct error *err)
{
	for (int db = 0; db < DB_COUNT_; db++) {
		if (strcmp(holdings[db].name, name) != 0)
			continue;
		if (holdings[db].derived)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"in: '%s' is made of other records and not imported", name);
		*db_out = (enum db)db;
		return STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"in: no part of a catalog is called '%.64s': a newer version may have exported it",
		name);
}

static enum status value_parse(struct text json, enum db db, struct arena *arena,
	struct text *value_out, struct error *err)
{
	void *message;
	if (!holdings[db].value)
		return fail(err, STATUS_INVALID_ARGUMENT, "value: those of '%s' come as raw",
			holdings[db].name);
	if (json_parse(json, holdings[db].value, arena, &message, err) != STATUS_OK)
		return fail_within(err, "value");
	*value_out = wire_pack(arena, message);
	return STATUS_OK;
}

enum status export_line_parse(
	struct text line, struct arena *arena, struct export_line *line_out, struct error *err)
{
	size_t at = value_find(line);
	bool has_value = at < line.length;
	if (has_value && line.at[line.length - 1] != '}')
		return fail(err, STATUS_INVALID_ARGUMENT, "the line does not end with '}'");
	struct text envelope = line;
	if (has_value)
		envelope = text_of(arena_printf(arena, "%.*s}", (int)at, line.at));
	Tenon__Store__V1__ExportLine *read;
	TRY(json_parse(envelope, DESCRIPTOR, arena, &read, err));
	struct export_line made = {.head = read->head, .tail = read->tail};
	if (read->head || read->tail) {
		if ((read->head && read->tail) || read->in[0] || has_value || read->n_key)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"a head or a tail is a line of its own");
		*line_out = made;
		return STATUS_OK;
	}
	TRY(database_named(read->in, &made.db, err));
	TRY(key_parse(read, made.db, arena, &made.key, err));
	made.value = (struct text){(const char *)read->raw.data, read->raw.len};
	if (has_value) {
		struct text json = text_from(line, at + sizeof value_begins - 1);
		json.length--;
		TRY(value_parse(json, made.db, arena, &made.value, err));
	}
	*line_out = made;
	return STATUS_OK;
}

void export_sum(struct hash *sum, struct text line)
{
	char both[2 * HASH_TEXT_BYTES];
	(void)hash_text(*sum, both);
	(void)hash_text(hash_of(line), both + HASH_TEXT_BYTES - 1);
	*sum = hash_of((struct text){both, 2 * (HASH_TEXT_BYTES - 1)});
}
