#include "catalog/functions.h"
#include "service/allow.h"

/* The Functions service: user-defined functions. */

static enum status create_function(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreateFunctionRequest *in = request->in;
	Tenon__V1__CreateFunctionResponse *out = ANSWER(
		Tenon__V1__CreateFunctionResponse, TENON__V1__CREATE_FUNCTION_RESPONSE__INIT);
	TRY(require(in->function, "function", err));
	return function_create(txn, in->function, request->arena, &out->function, err);
}

static enum status get_function(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetFunctionRequest *in = request->in;
	Tenon__V1__GetFunctionResponse *out =
		ANSWER(Tenon__V1__GetFunctionResponse, TENON__V1__GET_FUNCTION_RESPONSE__INIT);
	return function_get(
		txn, text_of(in->database), text_of(in->name), request->arena, &out->function, err);
}

static enum status update_function(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UpdateFunctionRequest *in = request->in;
	Tenon__V1__UpdateFunctionResponse *out = ANSWER(
		Tenon__V1__UpdateFunctionResponse, TENON__V1__UPDATE_FUNCTION_RESPONSE__INIT);
	TRY(require(in->function, "function", err));
	return function_update(txn, text_of(in->database), text_of(in->name), in->function,
		request->arena, &out->function, err);
}

static enum status delete_function(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteFunctionRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteFunctionResponse, TENON__V1__DELETE_FUNCTION_RESPONSE__INIT);
	return function_delete(txn, text_of(in->database), text_of(in->name), err);
}

static enum status list_functions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListFunctionsRequest *in = request->in;
	Tenon__V1__ListFunctionsResponse *out =
		ANSWER(Tenon__V1__ListFunctionsResponse, TENON__V1__LIST_FUNCTIONS_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(function_list(txn, text_of(in->database), text_of(in->pattern), text_of(in->page_token),
		page_rows(in->page_size), request->arena, &out->functions, &out->n_functions, &next,
		err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static const struct method rows[] = {
	{"CreateFunction", NEED_WRITE, .write = create_function},
	{"GetFunction", NEED_READ, .read = get_function, .allow = allow_seen},
	{"UpdateFunction", NEED_WRITE, .write = update_function},
	{"DeleteFunction", NEED_WRITE, .write = delete_function},
	{"ListFunctions", NEED_KNOWN, .read = list_functions, .allow = allow_seen},
};

const struct methods function_methods = METHODS(rows);
