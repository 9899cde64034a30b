#include "worker/options.h"

#include "base/text.h"

static struct option *option_named(struct option *options, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(text_of(options[i].name), name))
			return &options[i];
	}
	return NULL;
}

enum status options_parse(struct option *options, size_t count, char **arguments,
	size_t argument_count, size_t *rest_out, struct error *err)
{
	size_t rest = 0;
	bool only_rest = false;
	for (size_t i = 0; i < argument_count; i++) {
		struct text word = text_of(arguments[i]);
		if (only_rest || !text_starts(word, TEXT("--"))) {
			arguments[rest++] = arguments[i];
			continue;
		}
		if (word.length == 2) {
			only_rest = true;
			continue;
		}
		size_t equals = text_find(word, '=');
		struct option *option = option_named(options, count, text_until(word, equals));
		if (!option)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"there is no option '%.*s': see tenon-worker --help",
				TEXT_ARG(text_until(word, equals)));
		bool has_value = equals < word.length;
		if (has_value && !option->takes_value)
			return fail(err, STATUS_INVALID_ARGUMENT, "option '%s' takes no value",
				option->name);
		if (option->takes_value && !has_value && i + 1 == argument_count)
			return fail(err, STATUS_INVALID_ARGUMENT, "option '%s' needs a value",
				option->name);
		if (has_value)
			option->value = word.at + equals + 1;
		else
			option->value = option->takes_value ? arguments[++i] : "";
	}
	*rest_out = rest;
	return STATUS_OK;
}

static unsigned shift_of(struct text unit)
{
	static const char letters[] = "KMGT";
	for (unsigned i = 0; unit.length == 1 && i < 4; i++) {
		if (text_lower(unit.at[0]) == text_lower(letters[i]))
			return 10 * (i + 1);
	}
	return 0;
}

enum status option_number(
	const struct option *option, uint64_t otherwise, uint64_t *number_out, struct error *err)
{
	if (!option->value) {
		*number_out = otherwise;
		return STATUS_OK;
	}
	struct text word = text_of(option->value);
	uint64_t number = 0;
	size_t digits = text_uint64(word, &number);
	struct text unit = text_from(word, digits);
	unsigned shift = shift_of(unit);
	if (digits == 0 || (unit.length && !shift) || number > UINT64_MAX >> shift)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%s' of %s is not a number: write 512M, 2G or a count", option->value,
			option->name);
	*number_out = number << shift;
	return STATUS_OK;
}
