#include "etl/faults.h"

bool fault_of_file(enum status status)
{
	return status == STATUS_DATA_LOSS || status == STATUS_RESOURCE_EXHAUSTED ||
	       status == STATUS_PERMISSION_DENIED || status == STATUS_NOT_FOUND;
}

void fault_note(struct source *source, size_t index, const struct error *err)
{
	pthread_mutex_lock(&source->lock);
	if (!source->files[index].fault)
		source->files[index].fault = arena_text(source->told, text_of(err->message));
	pthread_mutex_unlock(&source->lock);
}

static size_t faults_in(const struct source *source)
{
	size_t faults = 0;
	for (size_t i = 0; i < source->file_count; i++)
		faults += source->files[i].fault != NULL;
	return faults;
}

static void remember(struct source *source, const char *why)
{
	if (source->set_aside_count < SOURCE_SAMPLES)
		source->set_aside[source->set_aside_count] = why;
	source->set_aside_count++;
}

static void drop_faulty(struct source *source)
{
	size_t kept = 0;
	for (size_t i = 0; i < source->file_count; i++) {
		if (source->files[i].fault)
			remember(source, source->files[i].fault);
		else
			source->files[kept++] = source->files[i];
	}
	source->file_count = kept;
}

static void count_anew(struct source *source)
{
	for (size_t i = 0; i < source->file_count; i++) {
		source->files[i].bad = 0;
		source->files[i].told = source->files[i].hollow = false;
	}
	source->rows = source->bad_values = 0;
	source->bad_sample_count = 0;
}

enum status faults_advise(const struct source *sources, size_t count, struct error *err)
{
	bool any = false;
	for (size_t i = 0; i < count; i++)
		any |= faults_in(&sources[i]) > 0;
	if (!any)
		return err->status;
	struct error why = *err;
	return fail(err, why.status,
		"%s: mend or remove the file, or name it in the table's parameter 'exclusions'",
		why.message);
}

enum status faults_set_aside(struct source *sources, size_t count, struct error *err)
{
	size_t faults = 0, before = 0;
	bool selected = true;
	for (size_t i = 0; i < count; i++) {
		size_t own = faults_in(&sources[i]);
		faults += own;
		before += sources[i].set_aside_count;
		selected &= !own || sources[i].selects;
	}
	if (!faults || !selected || before + faults > SOURCE_FAULTS)
		return faults_advise(sources, count, err);
	for (size_t i = 0; i < count; i++) {
		drop_faulty(&sources[i]);
		count_anew(&sources[i]);
	}
	return STATUS_OK;
}

void hollow_set_aside(struct source *source)
{
	if (!source->selects)
		return;
	for (size_t i = 0; i < source->file_count; i++) {
		struct source_file *file = &source->files[i];
		if (file->hollow)
			file->fault = arena_printf(source->arena,
				"'%.*s': none of its %llu records can be read as %s",
				TEXT_ARG(file->object.path), (unsigned long long)file->bad,
				format_name(source->format));
	}
	drop_faulty(source);
}
