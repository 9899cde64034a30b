#include "catalog/figures.h"

#include "catalog/counts.h"
#include "catalog/key.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "tenon/v1/table.pb-c.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static enum status number(
	struct catalog_txn *txn, const char *name, uint64_t *number_out, struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(txn, DB_META, text_of(name), &found, &value, err));
	*number_out = found && value.length == 8 ? key_u64(value.at) : 0;
	return STATUS_OK;
}

static enum status sizes(
	struct catalog_txn *txn, struct catalog_figures *figures, struct error *err)
{
	struct catalog *catalog = txn->catalog;
	for (int db = 0; db < DB_COUNT_; db++) {
		MDB_stat stat;
		TRY(lmdb_status(
			mdb_stat(txn->mdb, catalog->dbis[db], &stat), err, "measure a database"));
		size_t pages = stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
		figures->used_bytes += pages * stat.ms_psize;
		if (db == DB_DATABASES)
			figures->databases = stat.ms_entries;
		if (db == DB_TABLES)
			figures->tables = stat.ms_entries;
	}
	return STATUS_OK;
}

/* In place of all there are, where the view does not show all. */
static enum status counts_shown(
	struct catalog_txn *txn, struct catalog_figures *figures, struct error *err)
{
	OWNED(arena) arena = arena_new();
	OWNED(scan) scan = NULL;
	struct counting counting = {COUNTED_MAX};
	figures->databases = 0;
	figures->tables = 0;
	TRY(scan_open(txn, DB_DATABASES, TEXT(""), TEXT(""), &scan, err));
	for (; counting.left; counting.left--) {
		bool found;
		struct text name;
		struct text value;
		void *database;
		uint64_t tables;
		TRY(scan_next(scan, &found, &name, &value, err));
		if (!found)
			break;
		if (!sees_table(txn, name, TEXT("")))
			continue;
		arena_reset(arena);
		TRY(store_unpack(value, &tenon__v1__database__descriptor, arena, &database, err));
		tables = ((Tenon__V1__Database *)database)->table_count;
		TRY(tables_shown(txn, name, tables, &counting, &tables, err));
		figures->databases++;
		figures->tables += tables;
		if (counting.left == 0)
			break;
	}
	return STATUS_OK;
}

/* A line of LMDB's list is "pid thread transaction"; '-' is one without a view. The
 * first line is the title. */
static int count_reader(const char *line, void *state)
{
	struct catalog_figures *figures = state;
	struct text text = text_trimmed(text_of(line));
	figures->readers += !text_ends(text, TEXT("-")) && !text_ends(text, TEXT("txnid"));
	return 0;
}

enum status catalog_figures(
	struct catalog_txn *txn, struct catalog_figures *figures_out, struct error *err)
{
	struct catalog *catalog = txn->catalog;
	*figures_out = (struct catalog_figures){0};
	uint64_t format;
	MDB_envinfo info;
	struct stat file;
	int fd;
	TRY(number(txn, "format", &format, err));
	TRY(number(txn, "feed", &figures_out->feed_sequence, err));
	/* The counter is the next one. */
	figures_out->feed_sequence -= figures_out->feed_sequence > 0;
	TRY(sizes(txn, figures_out, err));
	if (txn->sight)
		TRY(counts_shown(txn, figures_out, err));
	TRY(lmdb_status(mdb_env_info(catalog->env, &info), err, "measure the map"));
	TRY(lmdb_status(mdb_env_get_fd(catalog->env, &fd), err, "find the data file"));
	if (fstat(fd, &file) != 0)
		return fail(err, STATUS_INTERNAL, "stat: %s", strerrordesc_np(errno));
	(void)mdb_reader_list(catalog->env, count_reader, figures_out);
	figures_out->format = (uint32_t)format;
	figures_out->file_bytes = (uint64_t)file.st_size;
	figures_out->map_bytes = info.me_mapsize;
	return STATUS_OK;
}
