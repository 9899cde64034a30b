#pragma once

#include "clients/cli/load.h"

/* Inside of loading: what its files share. */

/* A call whose answer lives in load->arena. */
enum status load_call(struct load *load, const ProtobufCServiceDescriptor *service,
	const char *method, const ProtobufCMessage *request, void *response_out,
	struct error *err) MUST_USE;
/* A failure after which other items may still succeed. */
bool load_goes_on(enum status status);
void load_fail(struct load *load, const struct load_failure *failure);
struct load_row *load_row(struct load *load, enum import_kind kind, const char *name);
void load_row_came_out(
	struct load *load, enum import_kind kind, const char *name, enum load_outcome outcome);
void load_count(struct load *load, enum import_kind kind, enum load_outcome outcome, uint64_t more);

/* NULL when there is none. */
enum status load_find_table(struct load *load, char *database, char *name,
	Tenon__V1__Table **table_out, struct error *err) MUST_USE;

enum status load_database(
	struct load *load, Tenon__V1__Database *database, struct error *err) MUST_USE;
enum status load_table(
	struct load *load, Tenon__V1__Table *table, const char *name, struct error *err) MUST_USE;
enum status load_function(struct load *load, Tenon__V1__Function *function, const char *name,
	struct error *err) MUST_USE;
/* The partitions that wait; none do afterwards. */
enum status load_partitions(struct load *load, struct error *err) MUST_USE;
