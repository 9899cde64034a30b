#pragma once

#include "base/owned.h"
#include "base/text.h"
#include "imports/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* A stream of JSON documents cut into items, without holding a document: the
 * elements of lists (`{"TableList": [item, item], "NextToken": item}`), in pages that
 * may follow each other or stand in a list; an object that is no page is an item
 * itself. What an item holds is not looked at but for where it ends. */
struct json_items;

struct json_item {
	struct text member; /* of the page that it stands in; empty: it is no page's */
	bool listed; /* it is an element of the member's list */
	size_t page; /* from 1; of an item that is no page's: how many came before */
	struct text json; /* until the next call */
	size_t line; /* where it begins */
	uint64_t byte;
};

/* A page is an object whose first key `is_page` knows. */
struct json_items *json_items_new(struct byte_source source, bool (*is_page)(struct text key));
void json_items_free(struct json_items *items);
OWNABLE(json_items);

/* False in found_out at the end. INVALID_ARGUMENT names the line and byte where this is
 * no such stream; RESOURCE_EXHAUSTED for an item past LIMIT_RECORD_BYTES. Nothing more
 * can be read after an error. */
enum status json_items_next(struct json_items *items, struct json_item *item_out, bool *found_out,
	struct error *err) MUST_USE;
