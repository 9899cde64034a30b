#pragma once

#include "catalog/txn.h"

#include <protobuf-c/protobuf-c.h>

/* What each named database of the store holds, one row each: opening, checking,
 * exporting and importing go by this table. What a row leaves out is the safe thing: a
 * database of which only the name is said is exported as bytes, and imported so. */

/* A record that an import brings. */
struct arrival {
	struct text key;
	struct text value;
	const ProtobufCMessage *message; /* the value, when the row says what it is */
	int64_t time_us; /* of the export */
	struct arena *arena; /* the record's */
};

struct holding {
	const char *name; /* LMDB's */
	/* Of the key, one letter a part: t a text that a NUL ends, n a number of 8 bytes, r
	 * the rest (only last). NULL: "r". How exports show it, no more. */
	const char *key;
	const ProtobufCMessageDescriptor *value; /* each is one such message; NULL: bytes */
	/* Made of other databases' records when those arrive: not exported. */
	bool derived;
	/* A catalog that holds any is not empty: nothing is imported into it. */
	bool content;
	/* What an import into an empty catalog throws away first. */
	bool starts_anew;
	/* Left out when false; NULL: all are exported. */
	bool (*travels)(struct text key, struct text value);
	/* Overwrites what must not be shown; NULL: there is no secret. */
	void (*hide)(ProtobufCMessage *message, struct arena *arena);
	/* Overwrites, in every export, what an import makes anew; NULL: nothing. */
	void (*begin)(ProtobufCMessage *message);
	/* Puts the record, and what is derived from it; NULL: the record alone. */
	enum status (*arrive)(
		struct catalog_txn *txn, const struct arrival *arrival, struct error *err);
};

extern const struct holding holdings[DB_COUNT_];
