#pragma once

#include "catalog/tokens.h"

/* All tokens and grants, compiled to be asked on every call: one hash lookup per shape of
 * pattern that a principal's grants have, however many grants there are. A shape is how
 * many bytes of the database and of the table a pattern fixes, or that it fixes all.
 *
 *   sales.*            whole . 0 bytes         what is asked: sales.orders
 *   raw_*.*            4 bytes . 0 bytes         look up  sales .          (whole . 0)
 *   sales.orders       whole . whole             look up  sale  .          (4 . 0)
 *                                                look up  sales . orders   (whole . whole)
 *
 * Built of one view and never changed, but for when tokens were used. */
struct rights;

enum {
	RIGHT_READ = 1 << 0,
	RIGHT_WRITE = 1 << 1,
	RIGHT_CRAWL = 1 << 2,
	RIGHT_RUN = 1 << 3,
	RIGHT_ADMIN = 1 << 4,
	RIGHTS_ALL = (1 << 5) - 1,
};
/* With what they include. Numbers that are no action give none. */
unsigned rights_of_actions(const Tenon__V1__Action *actions, size_t count);
const char *right_name(unsigned right); /* "write"; of one of them */

enum status rights_load(
	struct catalog_txn *txn, struct rights **rights_out, struct error *err) MUST_USE;
void rights_free(struct rights *rights); /* NULL is fine */
OWNABLE(rights);
uint64_t rights_generation(const struct rights *rights); /* access_generation of its view */

/* What is asked for. Names are folded, as they are stored. Of patterns (a grant that is
 * given): what a pattern covers wholly, and nothing less. */
enum place_kind {
	PLACE_TABLE, /* database and table */
	PLACE_DATABASE, /* all of it: only grants on every table of it count */
	PLACE_WITHIN, /* anything in the database: enough to see that it is there */
	PLACE_RESOURCE, /* in `database`: "job/daily" */
	PLACE_ALL, /* everything */
};
struct place {
	enum place_kind kind;
	struct text database;
	struct text table;
	bool database_begins; /* it is a beginning: stands for all that begin so */
	bool table_begins;
};
/* What the principal's own grants and those of everybody allow there. */
unsigned rights_on(const struct rights *rights, struct text principal, const struct place *place);

/* A token as calls need it; lives as long as the rights. */
struct bearer {
	uint64_t id;
	unsigned char hash[BEARER_HASH_BYTES];
	const char *principal;
	unsigned scope; /* RIGHTS_ALL: no bound */
	struct text databases; /* a pattern; empty: no bound */
	int64_t expire_time_us;
	bool revoked;
	_Atomic int64_t used_time_us; /* to the minute; the newest of those stored and set */
	int64_t stored_time_us;
};
/* NULL when there is none with this id. */
struct bearer *rights_bearer(const struct rights *rights, uint64_t id);
bool bearer_lives(const struct bearer *bearer, int64_t now_us);
/* In a time that does not depend on where they differ. */
bool bearer_is(const struct bearer *bearer, const unsigned char hash[static BEARER_HASH_BYTES]);
/* Tokens in all, by place from 0. */
size_t rights_bearers(const struct rights *rights);
struct bearer *rights_bearer_at(const struct rights *rights, size_t index);
size_t rights_grants(const struct rights *rights);
/* Whether a pattern of database names has the name in it. */
bool pattern_has(struct text pattern, struct text name);
