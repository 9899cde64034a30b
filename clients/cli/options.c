#include "clients/cli/options.h"

#include "base/nearest.h"

#include <string.h>

enum { FLAGS_MAX = 64 };

static const struct flag *find(const struct flag *const *tables, struct text name, char letter)
{
	for (; *tables; tables++) {
		for (const struct flag *flag = *tables; flag->name; flag++) {
			if (letter ? flag->letter == letter : text_equal(text_of(flag->name), name))
				return flag;
		}
	}
	return NULL;
}

static enum status unknown(const struct flag *const *tables, const char *word, struct error *err)
{
	const char *names[FLAGS_MAX];
	size_t count = 0;
	for (; *tables; tables++) {
		for (const struct flag *flag = *tables; flag->name && count < FLAGS_MAX; flag++)
			names[count++] = flag->name;
	}
	struct text name = text_until(text_of(word), text_find(text_of(word), '='));
	const char *close = nearest(name, names, count);
	return fail(err, STATUS_INVALID_ARGUMENT, "unknown option '%s'%s%s%s", word,
		close ? "; did you mean '" : "", close ? close : "", close ? "'?" : "");
}

/* The flag that `word` is, and its value when it stands in the same word. */
static const struct flag *flag_of(
	const struct flag *const *tables, const char *word, const char **value_out)
{
	*value_out = NULL;
	if (word[1] != '-')
		return word[2] ? NULL : find(tables, TEXT(""), word[1]);
	const char *equals = strchr(word, '=');
	if (equals)
		*value_out = equals + 1;
	return find(
		tables, (struct text){word, equals ? (size_t)(equals - word) : strlen(word)}, 0);
}

enum status options_read(struct arena *arena, const struct flag *const *tables,
	const char *const *words, size_t count, struct options *options_out, struct error *err)
{
	struct options options = {0};
	options.arguments = arena_array(arena, count, sizeof *options.arguments);
	options.set = arena_array(arena, count, sizeof *options.set);
	bool plain = false;
	for (size_t i = 0; i < count; i++) {
		const char *word = words[i];
		if (plain || word[0] != '-' || word[1] == 0) {
			options.arguments[options.count++] = word;
			continue;
		}
		if (strcmp(word, "--") == 0) {
			plain = true;
			continue;
		}
		const char *value;
		const struct flag *flag = flag_of(tables, word, &value);
		if (!flag)
			return unknown(tables, word, err);
		if (flag->value && !value && i + 1 < count)
			value = words[++i];
		if (flag->value && !value)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"option '%s' needs a value: %s %s", word, flag->name, flag->value);
		if (!flag->value && value)
			return fail(err, STATUS_INVALID_ARGUMENT, "option '%s' takes no value",
				flag->name);
		options.set[options.set_count++] = (struct option_set){flag, value};
	}
	*options_out = options;
	return STATUS_OK;
}

const char *options_nth(const struct options *options, const char *name, size_t nth)
{
	for (size_t i = 0; i < options->set_count; i++) {
		if (strcmp(options->set[i].flag->name, name) == 0 && nth-- == 0)
			return options->set[i].value;
	}
	return NULL;
}

const char *options_value(const struct options *options, const char *name)
{
	const char *value = NULL;
	for (size_t i = 0; i < options->set_count; i++) {
		if (strcmp(options->set[i].flag->name, name) == 0)
			value = options->set[i].value;
	}
	return value;
}

bool options_has(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->set_count; i++) {
		if (strcmp(options->set[i].flag->name, name) == 0)
			return true;
	}
	return false;
}
