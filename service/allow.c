#include "service/allow.h"

#include "catalog/runs.h"

#include <string.h>

static unsigned right_of(enum need need)
{
	switch (need) {
	case NEED_READ:
		return RIGHT_READ;
	case NEED_WRITE:
		return RIGHT_WRITE;
	case NEED_CRAWL:
		return RIGHT_CRAWL;
	case NEED_RUN:
		return RIGHT_RUN;
	case NEED_KNOWN:
	case NEED_RUN_TOKEN:
		return 0;
	case NEED_UNSAID:
	case NEED_ADMIN:
		break;
	}
	return RIGHT_ADMIN;
}

/* The least of several is what a refusal asks for. */
static unsigned lowest(unsigned rights)
{
	return rights & -rights;
}

static enum status refuse(
	struct request *request, unsigned rights, const struct place *place, struct error *err)
{
	const struct caller *caller = &request->caller;
	const char *right = right_name(lowest(rights));
	const char *where = place_name(place, request->arena);
	const char *what = "everything";
	if (place->kind != PLACE_ALL)
		what = arena_printf(request->arena, "'%.200s'", where);
	if (access_granted(request->daemon->access, caller, place) & rights)
		return fail(err, STATUS_PERMISSION_DENIED,
			"the token of '%.100s' is not for %s on %s: use one whose scope and "
			"databases have it",
			caller->principal, right, what);
	const char *pattern = strlen(where) <= (size_t)2 * LIMIT_NAME_BYTES / 3 ? where : "PATTERN";
	return fail(err, STATUS_PERMISSION_DENIED,
		"'%.100s' may not %s %s: an administrator can say \"tenon grant add '%.100s' %s "
		"'%s'\"",
		caller->principal, rights & RIGHT_ADMIN ? "administer" : right, what,
		caller->principal, right, pattern);
}

enum status request_may(
	struct request *request, unsigned rights, const struct place *place, struct error *err)
{
	if (!access_rights(request->daemon->access, &request->caller, rights, place))
		return refuse(request, rights, place, err);
	request->allowed = rights;
	request->allowed_place = *place;
	return STATUS_OK;
}

enum status request_may_all(struct request *request, unsigned rights, struct error *err)
{
	for (size_t i = 0; i < request->places.count; i++)
		TRY(request_may(request, rights, &request->places.at[i], err));
	return STATUS_OK;
}

enum status allow(struct request *request, struct error *err)
{
	const struct method *method = request->method;
	if (!access_enforced(request->daemon->access) || method->needs == NEED_RUN_TOKEN)
		return STATUS_OK;
	request->places = places_of(request->about, request->in, request->arena);
	if (method->allow)
		return method->allow(request, err);
	if (method->needs == NEED_KNOWN)
		return STATUS_OK;
	if (method->needs == NEED_UNSAID)
		request->places = places_of(&(struct about){.rule = NULL}, NULL, request->arena);
	return request_may_all(request, right_of(method->needs), err);
}

/* A listing of all is for everybody: it leaves out what its reader may not see. */
enum status allow_seen(struct request *request, struct error *err)
{
	for (size_t i = 0; i < request->places.count; i++) {
		struct place place = request->places.at[i];
		if (place.kind == PLACE_ALL ||
			(place.kind == PLACE_RESOURCE && place.database_begins))
			continue;
		if (place.kind == PLACE_DATABASE)
			place.kind = PLACE_WITHIN;
		TRY(request_may(request, RIGHT_READ, &place, err));
	}
	return STATUS_OK;
}

enum status allow_read_or_run(struct request *request, struct error *err)
{
	struct place *first = &request->places.at[0];
	if (first->kind == PLACE_RESOURCE && first->database_begins)
		return STATUS_OK; /* a listing */
	return request_may_all(request, RIGHT_READ | RIGHT_RUN, err);
}

static struct place place_of_run(const Tenon__Store__V1__RunRecord *record, struct arena *arena)
{
	if (record->crawl_request)
		return place_of_database(text_of(record->crawl_request->database), arena);
	return (struct place){.kind = PLACE_RESOURCE,
		.database = text_of(arena_printf(arena, "job/%s", record->run->job))};
}

enum status allow_run(
	struct request *request, const char *run_id, unsigned rights, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__Store__V1__RunRecord *record;
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	enum status status = run_get(txn, text_of(run_id), request->arena, &record, err);
	if (status != STATUS_OK)
		return status;
	struct place place = place_of_run(record, request->arena);
	unsigned seen = RIGHT_READ | RIGHT_RUN | RIGHT_CRAWL;
	if (!access_rights(request->daemon->access, &request->caller, seen, &place))
		return fail(err, STATUS_NOT_FOUND, "run '%s': no such run", run_id);
	request->places.at[0] = place;
	return request_may(request, rights, &place, err);
}

/* A path may lead anywhere on the machine: into another table's files too. */
static enum status allow_node(
	struct request *request, unsigned right, struct place place, struct error *err)
{
	enum status status = request_may(request, right, &place, err);
	if (status != STATUS_OK && place.kind == PLACE_ALL)
		return fail_within(err, "the job names files by their path");
	return status;
}

enum status allow_plan(struct request *request, const Tenon__V1__Plan *plan, struct error *err)
{
	struct arena *arena = request->arena;
	if (!access_enforced(request->daemon->access))
		return STATUS_OK;
	for (size_t i = 0; plan && i < plan->n_nodes; i++) {
		const Tenon__V1__Node *node = plan->nodes[i];
		if (node->kind_case == TENON__V1__NODE__KIND_SOURCE) {
			const Tenon__V1__Source *source = node->source;
			TRY(allow_node(request, RIGHT_READ,
				*source->path ? (struct place){.kind = PLACE_ALL}
					      : place_of_table(text_of(source->database),
							text_of(source->table), arena),
				err));
		} else if (node->kind_case == TENON__V1__NODE__KIND_TARGET) {
			const Tenon__V1__Target *target = node->target;
			if (*target->path)
				TRY(allow_node(request, RIGHT_WRITE,
					(struct place){.kind = PLACE_ALL}, err));
			TRY(allow_node(request, RIGHT_WRITE,
				place_of_table(
					text_of(target->database), text_of(target->table), arena),
				err));
		}
	}
	return STATUS_OK;
}
