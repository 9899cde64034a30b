#include "base/nearest.h"

enum { WORD_BYTES_MAX = 64 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance: three rows of the usual table. */
static size_t distance(struct text a, struct text b)
{
	size_t rows[3][WORD_BYTES_MAX + 1];
	for (size_t j = 0; j <= b.length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.length; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			bool same = text_lower(a.at[i - 1]) == text_lower(b.at[j - 1]);
			row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && text_lower(a.at[i - 1]) == text_lower(b.at[j - 2]) &&
				text_lower(a.at[i - 2]) == text_lower(b.at[j - 1]))
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[a.length % 3][b.length];
}

const char *nearest(struct text word, const char *const *names, size_t count)
{
	if (word.length == 0 || word.length > WORD_BYTES_MAX)
		return NULL;
	size_t best = word.length / 3 + (word.length < 3) + 1;
	const char *found = NULL;
	for (size_t i = 0; i < count; i++) {
		struct text name = text_of(names[i]);
		if (name.length > WORD_BYTES_MAX)
			continue;
		size_t far = distance(word, name);
		if (far < best) {
			best = far;
			found = names[i];
		}
	}
	return found;
}
