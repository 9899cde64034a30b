#include "catalog/ledger.h"

#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/store.h"
#include "catalog/table.h"

/* database NUL path, so that a listing is sorted as the storage lists it. */
static enum status ledger_key(struct buffer *key, struct text database, struct text path,
	struct arena *arena, struct error *err)
{
	struct text folded;
	key_init(key);
	TRY(name_fold(arena, database, "database name", &folded, err));
	TRY(length_check(path, LIMIT_PATH_BYTES, "a file's path", err));
	key_add_part(key, folded);
	buffer_add_text(key, path);
	return STATUS_OK;
}

enum status ledger_put(struct catalog_txn *txn, struct text database,
	const Tenon__V1__LedgerEntry *entry, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	struct text path = text_of(entry->path);
	if (path.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "a file of the ledger has no path");
	TRY(ledger_key(&key, database, path, arena, err));
	return store_put_message(txn, DB_FILES, buffer_text(&key), &entry->base, err);
}

enum status ledger_remove(
	struct catalog_txn *txn, struct text database, struct text path, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	bool found;
	TRY(ledger_key(&key, database, path, arena, err));
	return store_delete(txn, DB_FILES, buffer_text(&key), &found, err);
}

enum status ledger_list(struct catalog_txn *txn, struct text database, struct text prefix,
	struct text after, size_t limit, struct arena *arena, Tenon__V1__LedgerEntry ***entries_out,
	size_t *count_out, struct error *err)
{
	struct buffer SCOPED_BUFFER start = {0};
	struct buffer SCOPED_BUFFER from = {0};
	TRY(ledger_key(&start, database, prefix, arena, err));
	if (after.length)
		TRY(ledger_key(&from, database, after, arena, err));
	void **entries;
	TRY(store_messages(txn, DB_FILES, buffer_text(&start), buffer_text(&from), limit,
		&tenon__v1__ledger_entry__descriptor, arena, &entries, count_out, err));
	*entries_out = (Tenon__V1__LedgerEntry **)entries;
	return STATUS_OK;
}

/* An entry of a table that goes, or (`to`) has another name or database now. */
static enum status entry_follow(struct catalog_txn *txn, struct text database,
	Tenon__V1__LedgerEntry *entry, const Tenon__V1__Table *to, struct arena *arena,
	struct error *err)
{
	TRY(ledger_remove(txn, database, text_of(entry->path), err));
	if (!to)
		return STATUS_OK;
	entry->table = arena_printf(arena, "%s.%s", to->database, to->name);
	return ledger_put(txn, text_of(to->database), entry, err);
}

/* Paths only go up, so what is put again under the same database is not met again. */
static enum status entries_follow(struct catalog_txn *txn, const Tenon__V1__Table *table,
	const Tenon__V1__Table *to, struct error *err)
{
	enum { HANDFUL = 256 };
	struct text location = text_of(table->storage ? table->storage->location : "");
	if (location.length == 0)
		return STATUS_OK;
	OWNED(arena) arena = arena_new();
	struct text database = text_of(table->database);
	char *after = arena_text(arena, TEXT(""));
	for (size_t count = HANDFUL; count == HANDFUL;) {
		Tenon__V1__LedgerEntry **entries;
		OWNED(arena) page = arena_new();
		TRY(ledger_list(txn, database, location, text_of(after), HANDFUL, page, &entries,
			&count, err));
		for (size_t i = 0; i < count; i++) {
			struct text owner = text_of(entries[i]->table);
			/* database.table, where either may hold dots. */
			if (text_starts(owner, database) &&
				text_equal(text_from(owner, database.length + 1),
					text_of(table->name)))
				TRY(entry_follow(txn, database, entries[i], to, page, err));
		}
		if (count)
			after = arena_text(arena, text_of(entries[count - 1]->path));
	}
	return STATUS_OK;
}

enum status ledger_forget_table(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err)
{
	return entries_follow(txn, table, NULL, err);
}

enum status ledger_rename_table(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct error *err)
{
	return entries_follow(txn, before, after, err);
}
