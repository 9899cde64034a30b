#pragma once

#include "base/error.h"
#include "base/text.h"

/* Thrift's compact protocol (thrift-compact-protocol.md of Apache Thrift), read
 * only and from memory. Every call checks its bounds; a fault sticks: whatever is
 * read afterwards is zero and thrift_check tells. Nesting is bounded, and no size
 * that the bytes claim is believed beyond the bytes that are there. */
struct thrift {
	const unsigned char *at, *start, *end;
	unsigned depth;
	const char *fault; /* static text, or NULL */
	size_t fault_at;
};

enum thrift_type {
	THRIFT_STOP,
	THRIFT_TRUE,
	THRIFT_FALSE,
	THRIFT_BYTE,
	THRIFT_I16,
	THRIFT_I32,
	THRIFT_I64,
	THRIFT_DOUBLE,
	THRIFT_BINARY,
	THRIFT_LIST,
	THRIFT_SET,
	THRIFT_MAP,
	THRIFT_STRUCT,
};

struct thrift_field {
	int16_t id;
	enum thrift_type type;
};

void thrift_init(struct thrift *thrift, struct text bytes);
/* DATA_LOSS with what is wrong and where. */
enum status thrift_check(const struct thrift *thrift, struct error *err) MUST_USE;

/* Fields of a struct: thrift_enter, then thrift_next until it is false, reading or
 * skipping each. Zero `field` before. thrift_next leaves the struct at its end. */
void thrift_enter(struct thrift *thrift);
bool thrift_next(struct thrift *thrift, struct thrift_field *field);
void thrift_skip(struct thrift *thrift, enum thrift_type type);

int64_t thrift_integer(struct thrift *thrift); /* i16, i32, i64 */
int8_t thrift_byte(struct thrift *thrift);
struct text thrift_binary(struct thrift *thrift); /* borrowed */
/* How many elements of which type follow: each has at least one byte. */
size_t thrift_list(struct thrift *thrift, enum thrift_type *type_out);
