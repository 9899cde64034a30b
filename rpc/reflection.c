#include "rpc/serving.h"

#include "grpc/reflection/v1/reflection.pb-c.h"

/* Server reflection (grpc/grpc: doc/server-reflection.md). Both versions have the
 * same messages on the wire, so both are read and written by v1's descriptors. */

static void answer_error(Grpc__Reflection__V1__ServerReflectionResponse *response,
	struct arena *arena, const char *message)
{
	Grpc__Reflection__V1__ErrorResponse *error = arena_alloc(arena, sizeof *error);
	grpc__reflection__v1__error_response__init(error);
	error->error_code = STATUS_NOT_FOUND;
	error->error_message = arena_text(arena, text_of(message));
	response->message_response_case =
		GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
	response->error_response = error;
}

/* The raw bytes of the file and of all it imports: nothing is repacked, so
 * nothing can be lost. Borrowed from the embedded set. */
static void answer_file(Grpc__Reflection__V1__ServerReflectionResponse *response,
	const struct descriptors *set, size_t file, struct arena *arena)
{
	size_t count;
	const size_t *files = descriptors_closure(set, file, arena, &count);
	Grpc__Reflection__V1__FileDescriptorResponse *found = arena_alloc(arena, sizeof *found);
	grpc__reflection__v1__file_descriptor_response__init(found);
	found->file_descriptor_proto =
		arena_array(arena, count, sizeof *found->file_descriptor_proto);
	for (size_t i = 0; i < count; i++) {
		struct text bytes = set->files[files[i]].bytes;
		found->file_descriptor_proto[found->n_file_descriptor_proto++] =
			(ProtobufCBinaryData){bytes.length, (uint8_t *)(uintptr_t)bytes.at};
	}
	response->message_response_case =
		GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
	response->file_descriptor_response = found;
}

static void answer_services(Grpc__Reflection__V1__ServerReflectionResponse *response,
	const struct rpc_server *server, struct arena *arena)
{
	size_t count = 0;
	while (server_service(server, count))
		count++;
	Grpc__Reflection__V1__ListServiceResponse *list = arena_alloc(arena, sizeof *list);
	grpc__reflection__v1__list_service_response__init(list);
	list->service = arena_array(arena, count, sizeof(void *));
	for (size_t i = 0; i < count; i++) {
		Grpc__Reflection__V1__ServiceResponse *service =
			arena_alloc(arena, sizeof *service);
		grpc__reflection__v1__service_response__init(service);
		service->name = arena_text(arena, text_of(server_service(server, i)));
		list->service[list->n_service++] = service;
	}
	response->message_response_case =
		GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
	response->list_services_response = list;
}

static const ProtobufCMessage *answer(
	void *state, const ProtobufCMessage *message, struct arena *arena)
{
	const struct rpc_server *server = state;
	const struct descriptors *set = server_descriptors(server);
	const Grpc__Reflection__V1__ServerReflectionRequest *request =
		(const Grpc__Reflection__V1__ServerReflectionRequest *)message;
	Grpc__Reflection__V1__ServerReflectionResponse *response =
		arena_alloc(arena, sizeof *response);
	grpc__reflection__v1__server_reflection_response__init(response);
	response->valid_host = request->host;
	/* Packed only, never changed: the message's field is not const. */
	response->original_request =
		(Grpc__Reflection__V1__ServerReflectionRequest *)(uintptr_t)request;
	size_t file = SIZE_MAX;
	const char *missing = "this request is not known here";
	switch (request->message_request_case) {
	case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
		answer_services(response, server, arena);
		return &response->base;
	case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
		file = descriptors_file(set, text_of(request->file_by_filename));
		missing = "no such file";
		break;
	case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
		file = descriptors_symbol(set, text_of(request->file_containing_symbol));
		missing = "no such symbol";
		break;
	case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
	case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
		missing = "there are no extensions here";
		break;
	case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST__NOT_SET:
	case _GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST__CASE_IS_INT_SIZE:
		break;
	}
	if (file == SIZE_MAX)
		answer_error(response, arena, missing);
	else
		answer_file(response, set, file, arena);
	return &response->base;
}

struct exchange reflection_exchange(struct rpc_server *server)
{
	return (struct exchange){
		.input = &grpc__reflection__v1__server_reflection_request__descriptor,
		.answer = answer,
		.state = server,
	};
}
