#include "catalog/figures.h"
#include "service/auditing.h"
#include "service/checking.h"
#include "service/copying.h"
#include "service/importing.h"
#include "service/serve.h"
#include "tenon/v1/operations.pb-c.h"

#include <stdio.h>
#include <unistd.h>

/* Resident pages are the second number of /proc/self/statm (proc(5)). */
static uint64_t resident_bytes(void)
{
	char line[128] = "";
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return 0;
	size_t length = fread(line, 1, sizeof line - 1, file);
	(void)fclose(file);
	struct text rest = {line, length};
	struct text piece;
	bool more = true;
	uint64_t pages = 0;
	for (int i = 0; i < 2 && text_split(&rest, &more, ' ', &piece); i++)
		(void)text_uint64(piece, &pages);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static enum status get_status(struct request *request, struct catalog_txn *txn, struct error *err)
{
	struct catalog_figures figures;
	struct catalog_stats stats;
	TRY(catalog_figures(txn, &figures, err));
	catalog_stats(request->daemon->catalog, &stats);
	Tenon__V1__GetStatusResponse *answer =
		ANSWER(Tenon__V1__GetStatusResponse, TENON__V1__GET_STATUS_RESPONSE__INIT);
	answer->version = wire_text(request->arena, text_of(TENOND_VERSION));
	answer->format = figures.format;
	answer->start_time_us = request->daemon->start_time_us;
	answer->databases = figures.databases;
	answer->tables = figures.tables;
	answer->store_bytes = figures.file_bytes;
	answer->store_used_bytes = figures.used_bytes;
	answer->map_bytes = figures.map_bytes;
	answer->commits = stats.commits;
	answer->writes = stats.writes;
	answer->write_refusals = stats.refusals;
	answer->write_failures = stats.failures;
	answer->queued = stats.queued;
	answer->feed_sequence = figures.feed_sequence;
	answer->memory_bytes = resident_bytes();
	answer->pid = (uint32_t)getpid();
	answer->audit = wire_text(request->arena,
		text_of(audit_level_name(auditing_level(request->daemon->auditing))));
	answer->readers = figures.readers;
	answer->oldest_view_ms = catalog_oldest_view_ns(request->daemon->catalog) / 1000000;
	return STATUS_OK;
}

static const struct method rows[] = {
	{"GetStatus", NEED_KNOWN, .read = get_status},
	{"Backup", NEED_ADMIN, .serve = backup_serve},
	{"Export", NEED_ADMIN, .serve = export_serve},
	{"Import", NEED_ADMIN, .slow = import_part},
	{"Check", NEED_ADMIN, .serve = check_serve},
};

const struct methods operations_methods = METHODS(rows);
