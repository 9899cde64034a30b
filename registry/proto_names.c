#include "registry/protobuf.h"

#include "base/hash.h"

enum { BUCKETS = 1024 };

struct proto_names {
	struct arena *arena;
	struct proto_type *buckets[BUCKETS];
};

/* What can be imported: the files that come with protobuf itself. */
static const struct {
	const char *file;
	const char *name;
	bool is_enum;
} known[] = {
	{"any", "Any", false},
	{"api", "Api", false},
	{"api", "Method", false},
	{"api", "Mixin", false},
	{"duration", "Duration", false},
	{"empty", "Empty", false},
	{"field_mask", "FieldMask", false},
	{"source_context", "SourceContext", false},
	{"struct", "Struct", false},
	{"struct", "Value", false},
	{"struct", "ListValue", false},
	{"struct", "NullValue", true},
	{"timestamp", "Timestamp", false},
	{"type", "Type", false},
	{"type", "Field", false},
	{"type", "Enum", false},
	{"type", "EnumValue", false},
	{"type", "Option", false},
	{"type", "Syntax", true},
	{"wrappers", "DoubleValue", false},
	{"wrappers", "FloatValue", false},
	{"wrappers", "Int64Value", false},
	{"wrappers", "UInt64Value", false},
	{"wrappers", "Int32Value", false},
	{"wrappers", "UInt32Value", false},
	{"wrappers", "BoolValue", false},
	{"wrappers", "StringValue", false},
	{"wrappers", "BytesValue", false},
	{"descriptor", "FileOptions", false},
	{"descriptor", "MessageOptions", false},
	{"descriptor", "FieldOptions", false},
	{"descriptor", "OneofOptions", false},
	{"descriptor", "EnumOptions", false},
	{"descriptor", "EnumValueOptions", false},
	{"descriptor", "ServiceOptions", false},
	{"descriptor", "MethodOptions", false},
	{"descriptor", "ExtensionRangeOptions", false},
	{"descriptor", "FileDescriptorSet", false},
	{"descriptor", "FileDescriptorProto", false},
	{"descriptor", "DescriptorProto", false},
};
enum { KNOWN = sizeof known / sizeof *known };

static struct text stem_of(struct text file)
{
	struct text before = TEXT("google/protobuf/");
	struct text after = TEXT(".proto");
	if (!text_starts(file, before) || !text_ends(file, after) ||
		file.length < before.length + after.length)
		return (struct text){"", 0};
	return text_from(text_until(file, file.length - after.length), before.length);
}

bool proto_import_is_known(struct text file)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (text_equal(stem_of(file), text_of(known[i].file)))
			return true;
	}
	return false;
}

static size_t bucket_of(const struct proto_type *outer, struct text name)
{
	return (hash_of_64(name) + (outer ? outer->index : 0)) % BUCKETS;
}

static struct proto_type *child_of(
	const struct proto_names *names, const struct proto_type *outer, struct text name)
{
	struct proto_type *type = names->buckets[bucket_of(outer, name)];
	while (type && (type->outer != outer || !text_equal(type->name, name)))
		type = type->next;
	return type;
}

struct proto_names *proto_names_new(struct arena *arena)
{
	struct proto_names *names = arena_alloc(arena, sizeof *names);
	names->arena = arena;
	return names;
}

bool proto_names_add(struct proto_names *names, struct proto_type *type)
{
	struct proto_type **bucket = &names->buckets[bucket_of(type->outer, type->name)];
	if (child_of(names, type->outer, type->name))
		return false;
	type->next = *bucket;
	*bucket = type;
	return true;
}

/* No word of a .proto file holds a dot, so these names meet no others. */
void proto_names_import(struct proto_names *names, struct text file)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (!text_equal(stem_of(file), text_of(known[i].file)))
			continue;
		struct proto_type *type = arena_alloc(names->arena, sizeof *type);
		*type = (struct proto_type){
			.is_enum = known[i].is_enum,
			.foreign = true,
			.index = (uint32_t)i + 1,
			.name = text_of(
				arena_printf(names->arena, "google.protobuf.%s", known[i].name)),
		};
		(void)proto_names_add(names, type);
	}
}

/* `name`, part by part, below `outer`. */
static struct proto_type *path_find(
	const struct proto_names *names, const struct proto_type *outer, struct text name)
{
	struct proto_type *type = NULL;
	struct text part;
	bool more = true;
	while (text_split(&name, &more, '.', &part)) {
		type = child_of(names, outer, part);
		if (!type)
			return NULL;
		outer = type;
	}
	return type;
}

/* From the file: with the package before it, or the last parts of the package. */
static struct proto_type *file_find(
	const struct proto_names *names, struct text package, struct text name)
{
	struct proto_type *type = path_find(names, NULL, name);
	for (struct text rest = package; !type && rest.length;
		rest = text_from(rest, text_find(rest, '.') + 1)) {
		if (text_starts(name, rest) && name.length > rest.length &&
			name.at[rest.length] == '.')
			type = path_find(names, NULL, text_from(name, rest.length + 1));
	}
	return type ? type : child_of(names, NULL, name);
}

struct proto_type *proto_names_find(const struct proto_names *names, const struct proto_type *scope,
	struct text package, struct text name)
{
	struct text first = text_until(name, text_find(name, '.'));
	if (text_starts(name, TEXT(".")))
		return file_find(names, package, text_from(name, 1));
	for (; scope; scope = scope->outer) {
		if (child_of(names, scope, first))
			return path_find(names, scope, name);
	}
	return file_find(names, package, name);
}
