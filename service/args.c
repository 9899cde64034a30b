#include "service/args.h"

#include <string.h>

enum { ARGS_BYTES_MAX = 260 * 1024, ARGS_MAX = 1000 }; /* AWS Glue: 260 KB in all */

static Tenon__V1__Run__ArgsEntry *entry(struct arena *arena, char *key, char *value)
{
	Tenon__V1__Run__ArgsEntry *entry = arena_alloc(arena, sizeof *entry);
	*entry = (Tenon__V1__Run__ArgsEntry)TENON__V1__RUN__ARGS_ENTRY__INIT;
	entry->key = key;
	entry->value = value;
	return entry;
}

/* The last of two equal keys wins, as in any protobuf map. */
static void set(Tenon__V1__Run *run, struct arena *arena, char *key, char *value)
{
	for (size_t i = 0; i < run->n_args; i++) {
		if (strcmp(run->args[i]->key, key) == 0) {
			run->args[i]->value = value;
			return;
		}
	}
	run->args[run->n_args++] = entry(arena, key, value);
}

enum status args_merge(const Tenon__V1__Job *job, const Tenon__V1__StartJobRunRequest *request,
	struct arena *arena, Tenon__V1__Run *run_out, struct error *err)
{
	size_t most = job->n_default_args + request->n_args;
	size_t bytes = 0;
	if (most > ARGS_MAX)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%zu arguments, and %d is the most",
			most, ARGS_MAX);
	run_out->args = arena_array(arena, most, sizeof *run_out->args);
	for (size_t i = 0; i < job->n_default_args; i++)
		set(run_out, arena, job->default_args[i]->key, job->default_args[i]->value);
	for (size_t i = 0; i < request->n_args; i++)
		set(run_out, arena, request->args[i]->key, request->args[i]->value);
	for (size_t i = 0; i < run_out->n_args; i++)
		bytes += strlen(run_out->args[i]->key) + strlen(run_out->args[i]->value);
	if (bytes > ARGS_BYTES_MAX)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"arguments of %zu bytes, and %d is the most", bytes, ARGS_BYTES_MAX);
	return STATUS_OK;
}

void args_to_task(const Tenon__V1__Run *run, struct arena *arena, Tenon__V1__JobTask *task_out)
{
	task_out->args = arena_array(arena, run->n_args, sizeof *task_out->args);
	for (size_t i = 0; i < run->n_args; i++) {
		Tenon__V1__JobTask__ArgsEntry *copy = arena_alloc(arena, sizeof *copy);
		*copy = (Tenon__V1__JobTask__ArgsEntry)TENON__V1__JOB_TASK__ARGS_ENTRY__INIT;
		copy->key = run->args[i]->key;
		copy->value = run->args[i]->value;
		task_out->args[task_out->n_args++] = copy;
	}
}
