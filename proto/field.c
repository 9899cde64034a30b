#include "proto/tree.h"

#include <string.h>

bool field_is_map(const ProtobufCFieldDescriptor *field)
{
	if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
		return false;
	const ProtobufCMessageDescriptor *entry = field->descriptor;
	return entry->n_fields == 2 && text_ends(text_of(entry->name), TEXT("Entry")) &&
	       entry->fields[0].id == 1 && strcmp(entry->fields[0].name, "key") == 0 &&
	       entry->fields[1].id == 2 && strcmp(entry->fields[1].name, "value") == 0;
}

/* RunState and RUN_STATE_: letters match, and each capital but the first follows
 * an underscore. */
const char *enum_short_name(const ProtobufCEnumDescriptor *type, const ProtobufCEnumValue *value)
{
	const char *rest = value->name;
	for (const char *letter = type->short_name; *letter; letter++, rest++) {
		bool capital = *letter >= 'A' && *letter <= 'Z';
		if (capital && letter != type->short_name && *rest++ != '_')
			return value->name;
		if (text_lower(*rest) != text_lower(*letter))
			return value->name;
	}
	return *rest == '_' && rest[1] ? rest + 1 : value->name;
}

size_t field_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
		return 4;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	}
	return 0;
}
