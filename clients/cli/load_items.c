#include "clients/cli/load_calls.h"
#include "imports/same.h"

#define CATALOG	  &tenon__v1__catalog__descriptor
#define FUNCTIONS &tenon__v1__functions__descriptor

/* Databases, tables and functions: one call or two each. */

static void came_out(
	struct load *load, enum import_kind kind, const char *name, enum load_outcome outcome)
{
	load_count(load, kind, outcome, 1);
	load_row_came_out(load, kind, name, outcome);
}

static enum status find_database(
	struct load *load, char *name, Tenon__V1__Database **database_out, struct error *err)
{
	Tenon__V1__GetDatabaseRequest request = TENON__V1__GET_DATABASE_REQUEST__INIT;
	Tenon__V1__GetDatabaseResponse *response = NULL;
	request.name = name;
	*database_out = NULL;
	enum status status = load_call(load, CATALOG, "GetDatabase", &request.base, &response, err);
	if (status == STATUS_OK)
		*database_out = response->database;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status create_database(
	struct load *load, Tenon__V1__Database *database, struct error *err)
{
	Tenon__V1__CreateDatabaseRequest request = TENON__V1__CREATE_DATABASE_REQUEST__INIT;
	Tenon__V1__CreateDatabaseResponse *response = NULL;
	request.database = database;
	if (load->options.plan)
		return STATUS_OK;
	return load_call(load, CATALOG, "CreateDatabase", &request.base, &response, err);
}

static enum status update_database(
	struct load *load, Tenon__V1__Database *database, struct error *err)
{
	Tenon__V1__UpdateDatabaseRequest request = TENON__V1__UPDATE_DATABASE_REQUEST__INIT;
	Tenon__V1__UpdateDatabaseResponse *response = NULL;
	request.name = database->name;
	request.database = database;
	if (load->options.plan)
		return STATUS_OK;
	return load_call(load, CATALOG, "UpdateDatabase", &request.base, &response, err);
}

enum status load_database(struct load *load, Tenon__V1__Database *database, struct error *err)
{
	Tenon__V1__Database *stored = NULL;
	struct load_row *row = load_row(load, IMPORT_DATABASE, database->name);
	/* Made a moment ago for a table of it: now comes what it is. */
	if (row->implied && row->outcome == LOAD_CREATED) {
		TRY(update_database(load, database, err));
		row->implied = false;
		return STATUS_OK;
	}
	TRY(find_database(load, database->name, &stored, err));
	if (!stored) {
		TRY(create_database(load, database, err));
		came_out(load, IMPORT_DATABASE, database->name, LOAD_CREATED);
	} else if (!load->options.replace) {
		came_out(load, IMPORT_DATABASE, database->name, LOAD_EXISTS);
	} else if (same_database(load->arena, database, stored)) {
		came_out(load, IMPORT_DATABASE, database->name, LOAD_UNCHANGED);
	} else {
		TRY(update_database(load, database, err));
		came_out(load, IMPORT_DATABASE, database->name, LOAD_REPLACED);
	}
	return STATUS_OK;
}

/* What a table needs to be put into. */
static enum status need_database(struct load *load, char *name, struct error *err)
{
	struct load_row *row = load_row(load, IMPORT_DATABASE, name);
	if (row->outcome != LOAD_OUTCOMES_ && row->outcome != LOAD_FAILED)
		return STATUS_OK;
	Tenon__V1__Database *stored = NULL;
	Tenon__V1__Database made = TENON__V1__DATABASE__INIT;
	TRY(find_database(load, name, &stored, err));
	row->implied = true;
	row->outcome = LOAD_EXISTS;
	if (stored)
		return STATUS_OK;
	made.name = name;
	row->outcome = LOAD_FAILED;
	TRY(create_database(load, &made, err));
	row->outcome = LOAD_CREATED;
	load_count(load, IMPORT_DATABASE, LOAD_CREATED, 1);
	return STATUS_OK;
}

static enum status plan_table(struct load *load, Tenon__V1__Table *table,
	enum load_outcome *outcome_out, struct error *err)
{
	Tenon__V1__Table *stored = NULL;
	TRY(load_find_table(load, table->database, table->name, &stored, err));
	*outcome_out = !stored					? LOAD_CREATED
		       : !load->options.replace			? LOAD_EXISTS
		       : same_table(load->arena, table, stored) ? LOAD_UNCHANGED
								: LOAD_REPLACED;
	return STATUS_OK;
}

static enum status replace_table(struct load *load, Tenon__V1__Table *table,
	enum load_outcome *outcome_out, struct error *err)
{
	Tenon__V1__UpdateTableRequest request = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	Tenon__V1__UpdateTableResponse *response = NULL;
	request.table = table;
	request.create_if_missing = true;
	request.reason = arena_printf(load->arena, "import of %s", load->file);
	TRY(load_call(load, CATALOG, "UpdateTable", &request.base, &response, err));
	*outcome_out = response->created   ? LOAD_CREATED
		       : response->changed ? LOAD_REPLACED
					   : LOAD_UNCHANGED;
	return STATUS_OK;
}

static enum status create_table(struct load *load, Tenon__V1__Table *table,
	enum load_outcome *outcome_out, struct error *err)
{
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	Tenon__V1__CreateTableResponse *response = NULL;
	request.table = table;
	enum status status = load_call(load, CATALOG, "CreateTable", &request.base, &response, err);
	*outcome_out = status == STATUS_ALREADY_EXISTS ? LOAD_EXISTS : LOAD_CREATED;
	return status == STATUS_ALREADY_EXISTS ? STATUS_OK : status;
}

enum status load_table(
	struct load *load, Tenon__V1__Table *table, const char *name, struct error *err)
{
	enum load_outcome outcome = LOAD_FAILED;
	TRY(need_database(load, table->database, err));
	TRY(load->options.plan		? plan_table(load, table, &outcome, err)
		: load->options.replace ? replace_table(load, table, &outcome, err)
					: create_table(load, table, &outcome, err));
	came_out(load, IMPORT_TABLE, name, outcome);
	return STATUS_OK;
}

static enum status find_function(struct load *load, const Tenon__V1__Function *function,
	Tenon__V1__Function **found_out, struct error *err)
{
	Tenon__V1__GetFunctionRequest request = TENON__V1__GET_FUNCTION_REQUEST__INIT;
	Tenon__V1__GetFunctionResponse *response = NULL;
	request.database = function->database;
	request.name = function->name;
	*found_out = NULL;
	enum status status =
		load_call(load, FUNCTIONS, "GetFunction", &request.base, &response, err);
	if (status == STATUS_OK)
		*found_out = response->function;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status create_function(
	struct load *load, Tenon__V1__Function *function, struct error *err)
{
	Tenon__V1__CreateFunctionRequest request = TENON__V1__CREATE_FUNCTION_REQUEST__INIT;
	Tenon__V1__CreateFunctionResponse *response = NULL;
	request.function = function;
	if (load->options.plan)
		return STATUS_OK;
	return load_call(load, FUNCTIONS, "CreateFunction", &request.base, &response, err);
}

static enum status update_function(
	struct load *load, Tenon__V1__Function *function, struct error *err)
{
	Tenon__V1__UpdateFunctionRequest request = TENON__V1__UPDATE_FUNCTION_REQUEST__INIT;
	Tenon__V1__UpdateFunctionResponse *response = NULL;
	request.database = function->database;
	request.name = function->name;
	request.function = function;
	if (load->options.plan)
		return STATUS_OK;
	return load_call(load, FUNCTIONS, "UpdateFunction", &request.base, &response, err);
}

enum status load_function(
	struct load *load, Tenon__V1__Function *function, const char *name, struct error *err)
{
	Tenon__V1__Function *stored = NULL;
	enum load_outcome outcome = LOAD_EXISTS;
	TRY(need_database(load, function->database, err));
	TRY(find_function(load, function, &stored, err));
	if (!stored) {
		TRY(create_function(load, function, err));
		outcome = LOAD_CREATED;
	} else if (load->options.replace && same_function(load->arena, function, stored)) {
		outcome = LOAD_UNCHANGED;
	} else if (load->options.replace) {
		TRY(update_function(load, function, err));
		outcome = LOAD_REPLACED;
	}
	came_out(load, IMPORT_FUNCTION, name, outcome);
	return STATUS_OK;
}
