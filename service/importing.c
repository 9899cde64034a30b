#include "service/importing.h"

#include "base/memory.h"
#include "catalog/import.h"
#include "tenon/v1/operations.pb-c.h"

#include <pthread.h>
#include <stdlib.h>

struct importing {
	pthread_mutex_t lock; /* a part at a time */
	struct import *import; /* NULL: none has begun, or it has failed */
};

struct importing *importing_new(void)
{
	struct importing *importing = memory_new(sizeof *importing);
	(void)pthread_mutex_init(&importing->lock, NULL);
	return importing;
}

void importing_free(struct importing *importing)
{
	if (!importing)
		return;
	import_free(importing->import);
	(void)pthread_mutex_destroy(&importing->lock);
	free(importing);
}

/* Locked. */
static enum status take(struct importing *importing, struct request *request, uint64_t *records_out,
	struct error *err)
{
	const Tenon__V1__ImportRequest *in = request->in;
	if (in->first) {
		import_free(TAKE(importing->import));
		TRY(import_new(request->daemon->catalog, &importing->import, err));
	}
	if (!importing->import)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"no import is under way: begin again with the first lines");
	TRY(import_lines(
		importing->import, (struct text){(const char *)in->data.data, in->data.len}, err));
	*records_out = import_records(importing->import);
	return in->finish ? import_finish(importing->import, err) : STATUS_OK;
}

enum status import_part(struct request *request, struct error *err)
{
	struct importing *importing = request->daemon->importing;
	const Tenon__V1__ImportRequest *in = request->in;
	uint64_t records = 0;
	(void)pthread_mutex_lock(&importing->lock);
	enum status status = take(importing, request, &records, err);
	if (status != STATUS_OK || in->finish)
		import_free(TAKE(importing->import));
	(void)pthread_mutex_unlock(&importing->lock);
	TRY(status);
	Tenon__V1__ImportResponse *answer =
		ANSWER(Tenon__V1__ImportResponse, TENON__V1__IMPORT_RESPONSE__INIT);
	answer->records = records;
	return STATUS_OK;
}
