#include "catalog/check_rows.h"
#include "catalog/key.h"
#include "catalog/runs.h"

#include <inttypes.h>

static enum status job_has_its_id(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__V1__Job *job = message;
	char id[8];
	bool found;
	TRY(store_find(check->txn, DB_JOBS_BY_ID, key_u64_text(job->id, id), &found, &value, err));
	if (!found || !text_equal(value, key))
		check_found(check, arena_printf(check->arena, "job/%.*s", TEXT_ARG(key)),
			"is not found by its id %" PRIu64, job->id);
	return STATUS_OK;
}

static enum status id_leads_to_its_job(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)message;
	const char *place = arena_printf(check->arena, "job/%.*s", TEXT_ARG(value));
	struct text record;
	bool found;
	TRY(store_find(check->txn, DB_JOBS, value, &found, &record, err));
	if (!found || key.length != 8)
		check_found(check, place, "an id names it, and it is not there");
	return STATUS_OK;
}

/* Runs are kept by the complement of their id; here both have the same bytes. */
static enum status run_is_under_its_job(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__Store__V1__RunRecord *record = message;
	if (!record->run) {
		check_found(check, "a run", "the record has no run");
		return STATUS_OK;
	}
	if (!record->run->job[0])
		return STATUS_OK;
	struct buffer SCOPED_BUFFER by_job = {0};
	bool found;
	key_init(&by_job);
	key_add_part(&by_job, text_of(record->run->job));
	buffer_add_text(&by_job, key);
	TRY(store_find(check->txn, DB_RUNS_BY_JOB, buffer_text(&by_job), &found, &value, err));
	if (!found)
		check_found(check, arena_printf(check->arena, "run/%s", record->run->id),
			"is not found by its job '%s'", record->run->job);
	return STATUS_OK;
}

static enum status job_leads_to_its_run(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)message;
	size_t end = text_find(key, 0);
	struct text job = text_until(key, end);
	bool found;
	TRY(store_find(check->txn, DB_RUNS, text_from(key, end + 1), &found, &value, err));
	if (!found)
		check_found(check, arena_printf(check->arena, "job/%.*s", TEXT_ARG(job)),
			"has a run that is not there");
	return STATUS_OK;
}

/* An open run that is not known as one would never be taken up after a restart. */
static enum status run_is_known_as_open(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__Store__V1__RunRecord *record = message;
	bool found;
	(void)key;
	if (!record->run)
		return STATUS_OK;
	TRY(store_find(check->txn, DB_RUNS_OPEN, text_of(record->run->id), &found, &value, err));
	if (found != run_is_open(record->run))
		check_found(check, arena_printf(check->arena, "run/%s", record->run->id),
			found ? "has ended, and is listed among those under way"
			      : "is under way, and is not listed among those");
	return STATUS_OK;
}

static enum status open_run_is_there(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	(void)err;
	struct error why;
	Tenon__Store__V1__RunRecord *run;
	if (run_get(check->txn, key, check->arena, &run, &why) != STATUS_OK)
		check_found(check, arena_printf(check->arena, "run/%.*s", TEXT_ARG(key)),
			"should be under way: %s", why.message);
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"jobs-by-id", DB_JOBS, &tenon__v1__job__descriptor, job_has_its_id, NULL},
	{"jobs-by-id", DB_JOBS_BY_ID, NULL, id_leads_to_its_job, NULL},
	{"runs-by-job", DB_RUNS, &tenon__store__v1__run_record__descriptor, run_is_under_its_job,
		NULL},
	{"runs-by-job", DB_RUNS_BY_JOB, NULL, job_leads_to_its_run, NULL},
	{"runs-open", DB_RUNS, &tenon__store__v1__run_record__descriptor, run_is_known_as_open,
		NULL},
	{"runs-open", DB_RUNS_OPEN, NULL, open_run_is_there, NULL},
};

const struct check_rows check_jobs = CHECK_ROWS(rows);
