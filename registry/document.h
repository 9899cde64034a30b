#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* A JSON text as a tree (RFC 8259, strict), in an arena. */
enum document_kind {
	DOCUMENT_NULL,
	DOCUMENT_FALSE,
	DOCUMENT_TRUE,
	DOCUMENT_NUMBER,
	DOCUMENT_STRING,
	DOCUMENT_LIST,
	DOCUMENT_OBJECT,
};

struct document {
	enum document_kind kind;
	uint32_t index; /* counted through the whole text, from 0 at its root */
	struct text key; /* in an object */
	struct text text; /* a string's characters; a number as it is written */
	size_t count;
	const struct document *items; /* of a list or object, in the order written */
	const struct document *const *by_key; /* an object's items, sorted by key */
	size_t at; /* the byte where it begins */
};

/* INVALID_ARGUMENT names the byte; a key that stands twice in one object is an error. */
enum status document_parse(struct arena *arena, struct text text,
	const struct document **document_out, struct error *err) MUST_USE;

/* The member called `key`, or NULL; NULL too when it is no object. */
const struct document *document_member(const struct document *object, struct text key);

/* Keys in order, no white space, strings with the fewest escapes. */
void document_print(const struct document *document, struct buffer *out);
/* At most some 60 bytes of it, for a message. */
const char *document_brief(struct arena *arena, const struct document *document);

/* The same value: numbers by their value, objects whatever the order of their keys. */
bool document_equal(const struct document *a, const struct document *b);

/* -1, 0, 1 for numbers as JSON writes them, exactly, however long they are. */
int number_compare(struct text a, struct text b);
bool number_is_whole(struct text number);
