#include "formats/thrift.h"

enum { DEPTH_MAX = 32 };

void thrift_init(struct thrift *thrift, struct text bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.at;
	*thrift = (struct thrift){.at = at, .start = at, .end = at + bytes.length};
}

static void fault(struct thrift *thrift, const char *what)
{
	if (!thrift->fault) {
		thrift->fault = what;
		thrift->fault_at = (size_t)(thrift->at - thrift->start);
	}
	thrift->at = thrift->end;
}

enum status thrift_check(const struct thrift *thrift, struct error *err)
{
	if (!thrift->fault)
		return STATUS_OK;
	return fail(err, STATUS_DATA_LOSS, "byte %zu of the metadata: %s", thrift->fault_at,
		thrift->fault);
}

static unsigned char take(struct thrift *thrift)
{
	if (thrift->at < thrift->end)
		return *thrift->at++;
	fault(thrift, "it ends too early");
	return 0;
}

static uint64_t varint(struct thrift *thrift)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		unsigned char byte = take(thrift);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	fault(thrift, "a number is longer than 10 bytes");
	return 0;
}

int64_t thrift_integer(struct thrift *thrift)
{
	uint64_t zigzag = varint(thrift);
	return (int64_t)(zigzag >> 1 ^ (UINT64_C(0) - (zigzag & 1)));
}

int8_t thrift_byte(struct thrift *thrift)
{
	return (int8_t)take(thrift);
}

struct text thrift_binary(struct thrift *thrift)
{
	uint64_t length = varint(thrift);
	if (length > (uint64_t)(thrift->end - thrift->at)) {
		fault(thrift, "a text is longer than what is left");
		return (struct text){"", 0};
	}
	struct text text = {(const char *)thrift->at, (size_t)length};
	thrift->at += length;
	return text;
}

size_t thrift_list(struct thrift *thrift, enum thrift_type *type_out)
{
	unsigned char header = take(thrift);
	uint64_t count = header >> 4;
	if (count == 15)
		count = varint(thrift);
	*type_out = (enum thrift_type)(header & 0x0f);
	if (count > (uint64_t)(thrift->end - thrift->at)) {
		fault(thrift, "a list is longer than what is left");
		return 0;
	}
	return (size_t)count;
}

void thrift_enter(struct thrift *thrift)
{
	if (++thrift->depth > DEPTH_MAX)
		fault(thrift, "it nests deeper than 32 levels");
}

bool thrift_next(struct thrift *thrift, struct thrift_field *field)
{
	unsigned char header = take(thrift);
	field->type = (enum thrift_type)(header & 0x0f);
	if (thrift->fault || field->type == THRIFT_STOP) {
		thrift->depth--;
		return false;
	}
	if (field->type > THRIFT_STRUCT) {
		fault(thrift, "a field has an unknown type");
		thrift->depth--;
		return false;
	}
	unsigned delta = header >> 4;
	field->id = delta ? (int16_t)(field->id + (int)delta) : (int16_t)thrift_integer(thrift);
	return true;
}

static void skip_element(struct thrift *thrift, enum thrift_type type)
{
	/* In collections a boolean has a byte of its own. */
	if (type == THRIFT_TRUE || type == THRIFT_FALSE)
		(void)take(thrift);
	else
		thrift_skip(thrift, type);
}

static void skip_map(struct thrift *thrift)
{
	uint64_t count = varint(thrift);
	if (count == 0)
		return;
	unsigned char types = take(thrift);
	for (uint64_t i = 0; i < count && !thrift->fault; i++) {
		skip_element(thrift, (enum thrift_type)(types >> 4));
		skip_element(thrift, (enum thrift_type)(types & 0x0f));
	}
}

static void skip_list(struct thrift *thrift)
{
	enum thrift_type type;
	size_t count = thrift_list(thrift, &type);
	for (size_t i = 0; i < count && !thrift->fault; i++)
		skip_element(thrift, type);
}

static void skip_struct(struct thrift *thrift)
{
	struct thrift_field field = {0};
	thrift_enter(thrift);
	while (thrift_next(thrift, &field))
		thrift_skip(thrift, field.type);
}

static void skip_double(struct thrift *thrift)
{
	if (thrift->end - thrift->at < 8)
		fault(thrift, "it ends too early");
	else
		thrift->at += 8;
}

static void skip_nested(struct thrift *thrift, enum thrift_type type)
{
	thrift->depth++;
	if (thrift->depth > DEPTH_MAX)
		fault(thrift, "it nests deeper than 32 levels");
	else if (type == THRIFT_MAP)
		skip_map(thrift);
	else
		skip_list(thrift);
	thrift->depth--;
}

void thrift_skip(struct thrift *thrift, enum thrift_type type)
{
	switch (type) {
	case THRIFT_TRUE:
	case THRIFT_FALSE:
		return;
	case THRIFT_BYTE:
		(void)take(thrift);
		return;
	case THRIFT_I16:
	case THRIFT_I32:
	case THRIFT_I64:
		(void)varint(thrift);
		return;
	case THRIFT_DOUBLE:
		skip_double(thrift);
		return;
	case THRIFT_BINARY:
		(void)thrift_binary(thrift);
		return;
	case THRIFT_LIST:
	case THRIFT_SET:
	case THRIFT_MAP:
		skip_nested(thrift, type);
		return;
	case THRIFT_STRUCT:
		skip_struct(thrift);
		return;
	case THRIFT_STOP:
		break;
	}
	fault(thrift, "a value has an unknown type");
}
