#include "imports/json_items.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 65536, KEY_BYTES_MAX = 1024, END = -1 };

/* From the outermost inwards; `list` and `page` say which of them are open. */
enum where { AT_TOP, IN_LIST, IN_PAGE, IN_MEMBER };

struct json_items {
	struct byte_source source;
	bool (*is_page)(struct text key);
	char *block;
	size_t at, filled;
	uint64_t before; /* bytes of the blocks before this one */
	size_t line;
	bool begun;
	enum where where;
	size_t page;
	bool list; /* pages or items stand in one list */
	bool comma; /* a comma or an end must come next */
	struct buffer key;
	struct buffer item;
	struct error failure; /* of reading; its status says whether there was one */
};

struct json_items *json_items_new(struct byte_source source, bool (*is_page)(struct text key))
{
	struct json_items *items = memory_new(sizeof *items);
	items->source = source;
	items->is_page = is_page;
	items->block = memory_new(BLOCK_BYTES);
	items->line = 1;
	buffer_init(&items->key, KEY_BYTES_MAX);
	buffer_init(&items->item, LIMIT_RECORD_BYTES);
	return items;
}

void json_items_free(struct json_items *items)
{
	if (!items)
		return;
	buffer_done(&items->key);
	buffer_done(&items->item);
	free(items->block);
	free(items);
}

/* False at the end, and when reading failed. */
static bool fill(struct json_items *in)
{
	size_t got = 0;
	if (in->failure.status != STATUS_OK)
		return false;
	in->before += in->filled;
	in->at = in->filled = 0;
	if (in->source.read(in->source.state, in->block, BLOCK_BYTES, &got, &in->failure) !=
		STATUS_OK)
		return false;
	in->failure.status = STATUS_OK;
	in->filled = got;
	return got > 0;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static int peek(struct json_items *in)
{
	return in->at < in->filled || fill(in) ? (unsigned char)in->block[in->at] : END;
}

static int peek_past_space(struct json_items *in)
{
	int byte;
	while ((byte = peek(in)) != END && is_space((char)byte)) {
		in->line += byte == '\n';
		in->at++;
	}
	return byte;
}

static enum status expected(struct json_items *in, const char *what, int found, struct error *err)
{
	if (in->failure.status != STATUS_OK) {
		*err = in->failure;
		return err->status;
	}
	uint64_t byte = in->before + in->at;
	if (found == END)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"line %zu byte %" PRIu64 ": expected %s, where the file ends", in->line,
			byte, what);
	bool shown = found >= ' ' && found < 0x7F;
	return fail(err, STATUS_INVALID_ARGUMENT,
		shown ? "line %zu byte %" PRIu64 ": expected %s, before '%c'"
		      : "line %zu byte %" PRIu64 ": expected %s, before byte %d",
		in->line, byte, what, found);
}

/* Where a value ends. */
struct extent {
	size_t depth;
	bool begun, in_string, escaped;
};

static bool ends_string(struct extent *extent, char byte)
{
	if (extent->escaped)
		extent->escaped = false;
	else if (byte == '\\')
		extent->escaped = true;
	else if (byte == '"')
		extent->in_string = false;
	return !extent->in_string && extent->depth == 0;
}

/* Advances over the value's bytes in this block; true when it ended among them. */
static bool scan(struct json_items *in, struct extent *extent)
{
	while (in->at < in->filled) {
		char byte = in->block[in->at];
		bool opens = byte == '{' || byte == '[';
		bool closes = byte == '}' || byte == ']';
		if (!extent->in_string && extent->depth == 0 && extent->begun &&
			(is_space(byte) || closes || opens || byte == ',' || byte == ':'))
			return true;
		in->at++;
		in->line += byte == '\n';
		extent->begun = true;
		if (extent->in_string) {
			if (ends_string(extent, byte))
				return true;
			continue;
		}
		extent->in_string = byte == '"';
		extent->depth += opens;
		extent->depth -= closes;
		if (closes && extent->depth == 0)
			return true;
	}
	return false;
}

/* Adds the value that begins here to in->item, or the rest of one that `extent` has
 * begun. The byte here may begin a value. */
static enum status capture(
	struct json_items *in, struct extent extent, size_t line, struct error *err)
{
	while (in->at < in->filled || fill(in)) {
		size_t from = in->at;
		bool ended = scan(in, &extent);
		buffer_add(&in->item, in->block + from, in->at - from);
		if (in->item.full)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"line %zu: an item is larger than %u bytes", line,
				LIMIT_RECORD_BYTES);
		if (ended)
			return STATUS_OK;
	}
	if (in->failure.status == STATUS_OK && extent.begun && extent.depth == 0 &&
		!extent.in_string)
		return STATUS_OK;
	return expected(in, "the rest of a value", END, err);
}

/* The text of a key as it is written, and no more: into in->key, and into in->item. */
static enum status read_key(struct json_items *in, struct error *err)
{
	int byte = peek_past_space(in);
	if (byte != '"')
		return expected(in, "a key in quotes", byte, err);
	size_t from = in->item.length;
	TRY(capture(in, (struct extent){0}, in->line, err));
	struct text quoted = text_from(buffer_text(&in->item), from);
	buffer_clear(&in->key);
	buffer_add(&in->key, quoted.at + 1, quoted.length - 2);
	return buffer_check(&in->key, "a key", err);
}

static bool begins_value(int byte)
{
	return byte != END && byte != ',' && byte != ':' && byte != '}' && byte != ']';
}

static enum status take_item(struct json_items *in, bool of_page, struct json_item *item_out,
	bool *found_out, struct error *err)
{
	int byte = peek_past_space(in);
	size_t line = in->line;
	uint64_t at = in->before + in->at;
	if (!begins_value(byte))
		return expected(in, "a value", byte, err);
	buffer_clear(&in->item);
	TRY(capture(in, (struct extent){0}, line, err));
	*item_out = (struct json_item){
		.member = of_page ? buffer_text(&in->key) : TEXT(""),
		.listed = in->where == IN_MEMBER,
		.page = in->page,
		.json = buffer_text(&in->item),
		.line = line,
		.byte = at,
	};
	*found_out = true;
	in->comma = true;
	return STATUS_OK;
}

static enum where outside(const struct json_items *in)
{
	return in->list ? IN_LIST : AT_TOP;
}

/* An object outside of pages: a page, or an item. */
static enum status open_object(
	struct json_items *in, struct json_item *item_out, bool *found_out, struct error *err)
{
	size_t line = in->line;
	uint64_t at = in->before + in->at;
	buffer_clear(&in->item);
	buffer_add_byte(&in->item, '{');
	in->at++;
	int byte = peek_past_space(in);
	if (byte == '}') {
		in->at++;
		in->comma = true;
		return STATUS_OK;
	}
	TRY(read_key(in, err));
	if (in->is_page(buffer_text(&in->key))) {
		in->where = IN_PAGE;
		in->page++;
		in->comma = false;
		return STATUS_OK;
	}
	TRY(capture(in, (struct extent){.depth = 1, .begun = true}, line, err));
	*item_out = (struct json_item){
		.page = in->page, .json = buffer_text(&in->item), .line = line, .byte = at};
	*found_out = true;
	in->comma = true;
	return STATUS_OK;
}

static enum status skip_mark(struct json_items *in, struct error *err)
{
	int byte = peek(in);
	in->begun = true;
	bool wide = byte == 0xFF || byte == 0xFE ||
		    (byte == '{' && in->filled > 1 && in->block[1] == 0);
	if (wide)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the file is UTF-16, as PowerShell writes it: save it as UTF-8");
	if (in->filled - in->at >= 3 && memcmp(in->block + in->at, "\xEF\xBB\xBF", 3) == 0)
		in->at += 3;
	return STATUS_OK;
}

static enum status at_top(struct json_items *in, int byte, struct json_item *item_out,
	bool *found_out, struct error *err)
{
	in->comma = false;
	if (byte == '{')
		return open_object(in, item_out, found_out, err);
	if (byte != '[')
		return expected(in, "JSON, as 'aws ... --output json' prints it", byte, err);
	in->at++;
	in->list = true;
	in->where = IN_LIST;
	return STATUS_OK;
}

static enum status in_list(struct json_items *in, int byte, struct json_item *item_out,
	bool *found_out, struct error *err)
{
	if (byte == ']') {
		in->at++;
		in->list = false;
		in->where = AT_TOP;
		return STATUS_OK;
	}
	if (in->comma) {
		if (byte != ',')
			return expected(in, "',' or ']'", byte, err);
		in->at++;
		in->comma = false;
		byte = peek_past_space(in);
	}
	return byte == '{' ? open_object(in, item_out, found_out, err)
			   : take_item(in, false, item_out, found_out, err);
}

/* The first key was read already when the page was opened. */
static enum status in_page(struct json_items *in, int byte, struct json_item *item_out,
	bool *found_out, struct error *err)
{
	if (in->comma && byte == '}') {
		in->at++;
		in->where = outside(in);
		return STATUS_OK;
	}
	if (in->comma) {
		if (byte != ',')
			return expected(in, "',' or '}'", byte, err);
		in->at++;
		buffer_clear(&in->item);
		TRY(read_key(in, err));
		byte = peek_past_space(in);
	}
	if (byte != ':')
		return expected(in, "':'", byte, err);
	in->at++;
	byte = peek_past_space(in);
	if (byte == '[' && in->is_page(buffer_text(&in->key))) {
		in->at++;
		in->where = IN_MEMBER;
		in->comma = false;
		return STATUS_OK;
	}
	return take_item(in, true, item_out, found_out, err);
}

static enum status in_member(struct json_items *in, int byte, struct json_item *item_out,
	bool *found_out, struct error *err)
{
	if (byte == ']') {
		in->at++;
		in->where = IN_PAGE;
		in->comma = true;
		return STATUS_OK;
	}
	if (in->comma && byte != ',')
		return expected(in, "',' or ']'", byte, err);
	in->at += in->comma;
	return take_item(in, true, item_out, found_out, err);
}

enum status json_items_next(
	struct json_items *in, struct json_item *item_out, bool *found_out, struct error *err)
{
	static enum status (*const steps[])(
		struct json_items *, int, struct json_item *, bool *, struct error *) = {
		[AT_TOP] = at_top,
		[IN_LIST] = in_list,
		[IN_PAGE] = in_page,
		[IN_MEMBER] = in_member,
	};
	*found_out = false;
	if (!in->begun)
		TRY(skip_mark(in, err));
	while (!*found_out) {
		int byte = peek_past_space(in);
		if (byte == END && in->where == AT_TOP && in->failure.status == STATUS_OK)
			return STATUS_OK;
		if (byte == END)
			return expected(in, "the rest of a list or object", END, err);
		TRY(steps[in->where](in, byte, item_out, found_out, err));
	}
	return STATUS_OK;
}
