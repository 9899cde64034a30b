#pragma once

#include "service/serve.h"

/* Whether a call may be served: in one place for every method, by its row's `needs` and what
 * its request is about (service/places.h); a row whose answer lies elsewhere has its own
 * `allow`. It is asked before anything is looked up, so that a refusal says the same of
 * what is there and what is not. */
enum status allow(struct request *request, struct error *err) MUST_USE;

/* Any one of `rights` is enough. PERMISSION_DENIED names who, what, where, and the grant
 * that would help. */
enum status request_may(struct request *request, unsigned rights, const struct place *place,
	struct error *err) MUST_USE;
/* On everything that the request is about. */
enum status request_may_all(struct request *request, unsigned rights, struct error *err) MUST_USE;

/* Rows' own. */
enum status allow_seen(struct request *request, struct error *err) MUST_USE; /* or not asked for */
enum status allow_read_or_run(struct request *request, struct error *err) MUST_USE;
/* What a run of this plan reads and writes: tables by their names; files outside of tables
 * are for those who may read, or write, everything. */
enum status allow_plan(
	struct request *request, const Tenon__V1__Plan *plan, struct error *err) MUST_USE;
/* Of the run with this id: NOT_FOUND, as if there were none, when it may not be seen. */
enum status allow_run(
	struct request *request, const char *run_id, unsigned rights, struct error *err) MUST_USE;
