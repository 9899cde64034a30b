#include "catalog/statistics.h"
#include "service/serve.h"

/* The Statistics service: each column of a request succeeds or fails alone. */

#define PLACE_OF(in)                                                                              \
	{                                                                                         \
		text_of((in)->database), text_of((in)->table), (in)->partition, (in)->n_partition \
	}

static enum status update_statistics(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UpdateColumnStatisticsRequest *in = request->in;
	Tenon__V1__UpdateColumnStatisticsResponse *out =
		ANSWER(Tenon__V1__UpdateColumnStatisticsResponse,
			TENON__V1__UPDATE_COLUMN_STATISTICS_RESPONSE__INIT);
	const struct statistics_place place = PLACE_OF(in);
	TRY(batch_check(in->n_statistics, LIMIT_PAGE, "columns", err));
	out->errors = arena_array(request->arena, in->n_statistics, sizeof *out->errors);
	for (size_t i = 0; i < in->n_statistics; i++) {
		enum status status = statistics_put(txn, &place, in->statistics[i], err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

/* What is asked for: the columns named, or every column of the table. */
static enum status columns_asked(struct request *request, struct catalog_txn *txn,
	const Tenon__V1__GetColumnStatisticsRequest *in, char ***columns_out, size_t *count_out,
	struct error *err)
{
	Tenon__V1__Table *table;
	*columns_out = in->columns;
	*count_out = in->n_columns;
	if (in->n_columns)
		return batch_check(in->n_columns, LIMIT_PAGE, "columns", err);
	TRY(table_get(txn, text_of(in->database), text_of(in->table), request->arena, &table, err));
	size_t count = table->storage ? table->storage->n_columns : 0;
	char **columns =
		arena_array(request->arena, count + table->n_partition_keys, sizeof *columns);
	for (size_t i = 0; i < count; i++)
		columns[i] = table->storage->columns[i]->name;
	for (size_t i = 0; i < table->n_partition_keys; i++)
		columns[count + i] = table->partition_keys[i]->name;
	*columns_out = columns;
	*count_out = count + table->n_partition_keys;
	return STATUS_OK;
}

static enum status get_statistics(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetColumnStatisticsRequest *in = request->in;
	Tenon__V1__GetColumnStatisticsResponse *out = ANSWER(Tenon__V1__GetColumnStatisticsResponse,
		TENON__V1__GET_COLUMN_STATISTICS_RESPONSE__INIT);
	const struct statistics_place place = PLACE_OF(in);
	char **columns;
	size_t count;
	TRY(columns_asked(request, txn, in, &columns, &count, err));
	out->statistics = arena_array(request->arena, count, sizeof *out->statistics);
	out->errors = arena_array(request->arena, count, sizeof *out->errors);
	Tenon__V1__ColumnStatistics **found;
	TRY(statistics_get_columns(txn, &place, columns, count, request->arena, &found, err));
	for (size_t i = 0; i < count; i++) {
		if (found[i]) {
			out->statistics[out->n_statistics++] = found[i];
		} else if (in->n_columns) {
			(void)fail(
				err, STATUS_NOT_FOUND, "no statistics of column '%s'", columns[i]);
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
		}
	}
	return STATUS_OK;
}

static enum status delete_statistics(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteColumnStatisticsRequest *in = request->in;
	const struct statistics_place place = PLACE_OF(in);
	(void)ANSWER(Tenon__V1__DeleteColumnStatisticsResponse,
		TENON__V1__DELETE_COLUMN_STATISTICS_RESPONSE__INIT);
	TRY(batch_check(in->n_columns, LIMIT_PAGE, "columns", err));
	if (in->n_columns == 0)
		return statistics_delete(txn, &place, TEXT(""), err);
	for (size_t i = 0; i < in->n_columns; i++) {
		TRY(require(in->columns[i][0] ? in->columns[i] : NULL, "column", err));
		TRY(statistics_delete(txn, &place, text_of(in->columns[i]), err));
	}
	return STATUS_OK;
}

static const struct method rows[] = {
	{"UpdateColumnStatistics", NEED_WRITE, .write = update_statistics},
	{"GetColumnStatistics", NEED_READ, .read = get_statistics},
	{"DeleteColumnStatistics", NEED_WRITE, .write = delete_statistics},
};

const struct methods statistics_methods = METHODS(rows);
