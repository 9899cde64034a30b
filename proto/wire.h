#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <protobuf-c/protobuf-c.h>

/* `message_out` is the address of a pointer to the message's struct; it is set
 * only on success, and everything that it reaches lives in `arena`:
 *
 *   Tenon__V1__Table *table;
 *   TRY(wire_unpack(&tenon__v1__table__descriptor, bytes, arena, &table, err));
 */

/* Safe unpacking of bytes from outside. protobuf-c recurses without a bound,
 * accepts NUL and any bytes in strings, and may amplify 70-fold: nesting is
 * checked first (LIMIT_MESSAGE_DEPTH), the arena is held to LIMIT_ARENA_BYTES,
 * and every string must be UTF-8 without NUL (INVALID_ARGUMENT names the field). */
enum status wire_unpack(const ProtobufCMessageDescriptor *descriptor, struct text bytes,
	struct arena *arena, void *message_out, struct error *err) MUST_USE;

/* The same for records that we wrote ourselves: no string check. DATA_LOSS when
 * they do not unpack. */
enum status wire_unpack_record(const ProtobufCMessageDescriptor *descriptor, struct text bytes,
	struct arena *arena, void *message_out, struct error *err) MUST_USE;

/* The first field `number` of a packed message of ours that is a message, text or bytes:
 * what stands in it, borrowed. `at` is NULL when there is none. Nothing is unpacked. */
struct text wire_field(struct text bytes, unsigned number);

/* The packed bytes, in `arena`. NULL strings count as empty. */
struct text wire_pack(struct arena *arena, const ProtobufCMessage *message);

/* Deep copy through the wire, into `arena`. */
void *wire_copy(struct arena *arena, const ProtobufCMessage *message);

/* The FileDescriptorSet of every service (proto/descriptors.S). */
struct text wire_descriptors(void);
