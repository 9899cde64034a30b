#pragma once

#include "catalog/rights.h"

#include <protobuf-c/protobuf-c.h>

/* What a request is about, found by the names of its fields, once per method: a database
 * and table, a name, a resource of another kind. What is about nothing of these is about
 * everything, so that a method nobody thought of is for those who may do everything. */
struct about;

/* The rule for requests of this type; static. */
struct about {
	const struct about_rule *rule; /* NULL: everything */
	/* Resolved fields; NULL: not there. */
	const ProtobufCFieldDescriptor *outer; /* the message that has the others */
	const ProtobufCFieldDescriptor *first, *second;
	const ProtobufCFieldDescriptor *new_first, *new_second; /* of a rename */
	const ProtobufCFieldDescriptor *id; /* set: names stand for nothing */
};
struct about about_of(const char *service, const ProtobufCMessageDescriptor *message);

struct places {
	struct place *at;
	size_t count;
};
/* At least one. Texts are folded as they are stored, in `arena`. */
struct places places_of(const struct about *about, const void *message, struct arena *arena);
/* "table/sales/orders", "database/sales", "job/daily": as tags name it. */
struct place place_of_resource(struct text resource, struct arena *arena);
struct place place_of_table(struct text database, struct text table, struct arena *arena);
struct place place_of_database(struct text database, struct arena *arena);
/* Of a registered schema: by its names ("" is the default registry), or any, when only the id
 * of a version is given. */
struct place place_of_schema(
	struct text registry, struct text schema, bool by_id, struct arena *arena);
/* What a normal grant is on. */
struct place place_of_grant(const Tenon__V1__Grant *grant);

/* For people: "sales.orders", "sales.*", "job/daily", "*" for everything. */
const char *place_name(const struct place *place, struct arena *arena);
