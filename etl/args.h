#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <protobuf-c/protobuf-c.h>

/* One argument of a run. */
struct arg {
	const char *name, *value;
};

/* A copy of `message` in which every text's ${name} is the argument's value; $${
 * stands for ${ itself. INVALID_ARGUMENT names an argument that was not given.
 * Values are not looked into again. */
enum status args_apply(struct arena *arena, const ProtobufCMessage *message, const struct arg *args,
	size_t count, ProtobufCMessage **message_out, struct error *err) MUST_USE;
