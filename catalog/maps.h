#pragma once

#include "base/error.h"
#include "base/text.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

/* map<string, string> fields of any message, by its descriptor: protobuf-c keeps
 * them as the wire had them, unsorted and with duplicates. */

/* Sort every map in `message`, submessages too, by key; the last of equal keys
 * wins. Checks counts and the lengths of keys and values. */
enum status maps_normalise(ProtobufCMessage *message, struct error *err);

/* Remove the entries of `message`'s own maps whose key `drop` says. */
void maps_remove(ProtobufCMessage *message, bool (*drop)(struct text key));
