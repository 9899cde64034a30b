#include "schema/notation.h"
#include "schema/predicate_node.h"

static enum predicate_truth truth_of(bool truth)
{
	return truth ? PREDICATE_TRUE : PREDICATE_FALSE;
}

/* One character: a byte of ASCII, or a whole UTF-8 sequence. */
static size_t character(struct text text, size_t at)
{
	size_t length = 1;
	while (at + length < text.length && ((unsigned char)text.at[at + length] & 0xC0) == 0x80)
		length++;
	return length;
}

static bool matches_one(struct text pattern, size_t at, struct text text, size_t from,
	size_t *pattern_step_out, size_t *text_step_out)
{
	*pattern_step_out = 1;
	*text_step_out = 1;
	if (pattern.at[at] == '_') {
		*text_step_out = character(text, from);
		return true;
	}
	if (pattern.at[at] == '\\' && at + 1 < pattern.length) {
		*pattern_step_out = 2;
		at++;
	}
	return pattern.at[at] == text.at[from];
}

/* % is any run, _ any character, \ takes the next byte as it is. After a
 * mismatch only the last % takes one byte more: time is at most |text|·|pattern|. */
static bool is_like(struct text text, struct text pattern)
{
	size_t p = 0;
	size_t t = 0;
	size_t after_run = SIZE_MAX;
	size_t run_end = 0;
	while (t < text.length) {
		size_t pattern_step;
		size_t text_step;
		if (p < pattern.length && pattern.at[p] == '%') {
			after_run = ++p;
			run_end = t;
		} else if (p < pattern.length &&
			   matches_one(pattern, p, text, t, &pattern_step, &text_step)) {
			p += pattern_step;
			t += text_step;
		} else if (after_run != SIZE_MAX) {
			p = after_run;
			run_end += character(text, run_end);
			t = run_end;
		} else {
			return false;
		}
	}
	while (p < pattern.length && pattern.at[p] == '%')
		p++;
	return p == pattern.length;
}

static bool in_literals(const struct predicate *test, const struct scalar *value)
{
	for (size_t i = 0; i < test->count; i++) {
		if (scalar_compare(value, &test->literals[i]) == 0)
			return true;
	}
	return false;
}

static bool holds(const struct predicate *test, const struct scalar *value)
{
	switch (test->kind) {
	case PREDICATE_EQUAL:
	case PREDICATE_IN:
		return in_literals(test, value);
	case PREDICATE_LESS:
		return scalar_compare(value, &test->literals[0]) < 0;
	case PREDICATE_LESS_EQUAL:
		return scalar_compare(value, &test->literals[0]) <= 0;
	case PREDICATE_BETWEEN:
		return scalar_compare(value, &test->literals[0]) >= 0 &&
		       scalar_compare(value, &test->literals[1]) <= 0;
	case PREDICATE_LIKE:
		return is_like(value->text, test->pattern);
	case PREDICATE_NULL:
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
		break;
	}
	return false;
}

enum status predicate_test(const struct predicate *test, const struct text *values,
	enum predicate_truth *truth_out, struct error *err)
{
	struct text text = values[test->key];
	struct scalar value;
	const struct type *type = scalar_is_text(test->column->type->kind)
					  ? type_simple(TYPE_STRING)
					  : test->column->type;
	if (!scalar_parse(type, text, &value)) {
		OWNED(arena) arena = arena_new();
		return fail(err, STATUS_FAILED_PRECONDITION,
			"partition value '%.*s' is not a value of key '%.*s' of type %s",
			TEXT_ARG(text_until(text, 64)), TEXT_ARG(test->column->name),
			type_text(arena, type));
	}
	if (test->kind == PREDICATE_NULL)
		*truth_out = truth_of(value.null || scalar_is_null_text(text));
	else
		*truth_out = value.null ? PREDICATE_UNKNOWN : truth_of(holds(test, &value));
	return STATUS_OK;
}

/* AND and OR lean left and may be as long as the expression; only brackets,
 * whose depth is bounded, recurse to the right. */
static enum status eval(const struct predicate *predicate, const struct text *values,
	enum predicate_truth *truth_out, struct error *err)
{
	enum predicate_truth first = PREDICATE_UNKNOWN;
	enum predicate_truth second = PREDICATE_UNKNOWN;
	if (predicate->kind > PREDICATE_NOT)
		return predicate_test(predicate, values, truth_out, err);
	TRY(eval(predicate->first, values, &first, err));
	if (predicate->kind == PREDICATE_NOT) {
		*truth_out = (enum predicate_truth)(PREDICATE_TRUE - first);
		return STATUS_OK;
	}
	TRY(eval(predicate->second, values, &second, err));
	bool smaller = predicate->kind == PREDICATE_AND;
	*truth_out = (first < second) == smaller ? first : second;
	return STATUS_OK;
}

enum status predicate_matches(const struct predicate *predicate, const struct text *values,
	bool *matches_out, struct error *err)
{
	enum predicate_truth truth = PREDICATE_UNKNOWN;
	TRY(eval(predicate, values, &truth, err));
	*matches_out = truth == PREDICATE_TRUE;
	return STATUS_OK;
}
