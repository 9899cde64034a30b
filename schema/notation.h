#pragma once

#include "base/buffer.h"
#include "schema/type.h"

/* Type text. Hive's grammar (Hive Language Manual, "Types"), case-insensitive,
 * spaces allowed, with `integer`, `long`, `uniontype<…>` read as int, bigint,
 * choice<…>. Field names may be quoted with backticks, as Hive does, and are
 * when they hold anything but [A-Za-z0-9_].
 *
 *   bigint   decimal(10,2)   array<struct<a:int,`b c`:string>>   choice<double,string>
 */

/* INVALID_ARGUMENT with the byte position; RESOURCE_EXHAUSTED past
 * LIMIT_TYPE_TEXT_BYTES, LIMIT_TYPE_DEPTH or LIMIT_FIELDS. */
enum status type_parse(struct arena *arena, struct text text, const struct type **type_out,
	struct error *err) MUST_USE;

void type_print(const struct type *type, struct buffer *out); /* bigint53 as bigint */
void type_print_exact(const struct type *type, struct buffer *out); /* parses back type_equal */
const char *type_text(struct arena *arena, const struct type *type); /* type_print */
const char *type_text_exact(struct arena *arena, const struct type *type);
