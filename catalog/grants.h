#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/access.pb-c.h"

/* Who may do what: one record for a principal and a pattern. */

/* Adds `actions` to what the principal has on the same pattern. INVALID_ARGUMENT for a
 * '*' that is not the last byte, an action that is none, or a pattern and a resource. */
enum status grant_put(struct catalog_txn *txn, const Tenon__V1__Grant *grant, struct arena *arena,
	Tenon__V1__Grant **grant_out, struct error *err) MUST_USE;
/* Takes those actions away, or all when none is named. NOT_FOUND when there is no grant
 * on just this pattern, or none of the actions is in it. */
enum status grant_delete(
	struct catalog_txn *txn, const Tenon__V1__Grant *grant, struct error *err) MUST_USE;
/* By principal; of one and of everybody ("*"), or (empty) of all. */
enum status grant_list(struct catalog_txn *txn, struct text principal, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__Grant ***grants_out, size_t *count_out,
	struct text *next_out, struct error *err) MUST_USE;
/* What it is about, as errors and the feed name it: "sales.*", "job/daily". */
const char *grant_place(struct arena *arena, const Tenon__V1__Grant *grant);

/* Whether names are folded, "*" for a table that was left out: as grants are stored.
 * The same checks as grant_put. */
enum status grant_normal(const Tenon__V1__Grant *grant, struct arena *arena,
	Tenon__V1__Grant **grant_out, struct error *err) MUST_USE;

/* A name, a beginning with "*", or "*". */
enum status access_pattern_check(struct text pattern, const char *what, struct error *err) MUST_USE;
/* 1 to 255 bytes; not one of the names that the daemon itself goes by. */
enum status principal_check(struct text principal, struct error *err) MUST_USE;
/* And for a new grant or token none that a person takes for another: printable ASCII, with
 * single blanks inside; '*' alone. What was stored before goes on. */
enum status principal_new_check(struct text principal, struct error *err) MUST_USE;

/* Tokens and grants have changed so many times; what is made of them is made anew when
 * this differs. */
enum status access_generation(
	struct catalog_txn *txn, uint64_t *generation_out, struct error *err) MUST_USE;
/* Inside the room: of a normal one; they change. */
struct buffer;
void grant_key(struct buffer *key, const Tenon__V1__Grant *grant);
enum status access_changed(struct catalog_txn *txn, struct error *err) MUST_USE;
