#include "formats/csv_dialect.h"

#include "formats/csv_value.h"

#include <math.h>

struct candidate {
	struct dialect dialect;
	size_t columns; /* the most common number of fields above one; 1 when there is none */
	size_t first; /* the first record of that length */
	double agreement; /* share of records alike, from `first` on; near misses count less */
	double alike; /* share of records exactly alike */
	double indented; /* share of records whose first cell is empty */
	double quality; /* mean over cells */
	double score;
};

struct delimiter {
	double weight; /* of the score; those that also stand in prose must be sure */
	char byte;
	bool sure; /* nearly all records alike and three columns at least */
};
static const struct delimiter delimiters[] = {
	{1, ',', false},
	{1, '\t', false},
	{1, ';', false},
	{1, '|', false},
	{1, '\x01', false},
	{0.9, '^', false},
	{0.9, '~', false},
	{0.5, ':', true},
	{0.5, ' ', true},
};
enum { DELIMITERS = sizeof delimiters / sizeof *delimiters, STRONG = 5, COUNTS_MAX = 4096 };

static bool has_strong_delimiter(struct text text, char but)
{
	for (size_t i = 0; i < STRONG; i++) {
		if (delimiters[i].byte != but && text_find(text, delimiters[i].byte) < text.length)
			return true;
	}
	return false;
}

static double cell_quality(const struct csv_cell *cell, char delimiter)
{
	enum csv_kind kind = csv_kind_of(cell->text, delimiter != ',');
	if (kind == CSV_BLANK)
		return 0.8;
	if (kind != CSV_STRING)
		return 1;
	if (cell->quoted)
		return 0.9;
	char first = cell->text.at[0];
	char last = cell->text.at[cell->text.length - 1];
	if (first == '"' || last == '"' || (first == '\'' && last == '\''))
		return 0.3;
	return has_strong_delimiter(cell->text, delimiter) ? 0.4 : 0.8;
}

/* The most common number of fields above one; the larger of equals. */
static size_t common_count(const struct csv_sample *sample)
{
	uint16_t seen[COUNTS_MAX] = {0};
	size_t best = 1;
	for (size_t i = 0; i < sample->count; i++) {
		size_t count = sample->records[i].count;
		if (count < COUNTS_MAX && count > 1)
			seen[count]++;
		else if (count >= COUNTS_MAX)
			return count;
	}
	for (size_t count = 2; count < COUNTS_MAX; count++) {
		if (seen[count] && (best == 1 || seen[count] >= seen[best]))
			best = count;
	}
	return best;
}

size_t csv_column_count(const struct csv_sample *sample, bool header)
{
	size_t columns = common_count(sample);
	size_t names = header && sample->count ? sample->records[0].count : 0;
	size_t within = 0;
	for (size_t i = 1; i < sample->count; i++)
		within += sample->records[i].count <= names;
	/* Longer records are the table's only when they are nearly all of it. */
	if (names > columns || within * 5 > sample->count)
		columns = names;
	/* A delimiter behind every last field makes no column. */
	for (size_t i = 0; columns > 1 && i < sample->count; i++) {
		const struct csv_record *record = &sample->records[i];
		if (record->count >= columns && record->cells[columns - 1].text.length)
			return columns;
	}
	return columns > 1 ? columns - 1 : 1;
}

static double record_agreement(const struct csv_record *record, size_t columns)
{
	if (record->bad)
		return 0;
	if (record->count == columns)
		return 1;
	if (record->count + 1 == columns || record->count == columns + 1)
		return 0.6;
	return record->count > 1 && record->count < columns ? 0.4 : 0;
}

/* "[29/Nov/2024:10:00:00" and "+0000]": a delimiter cut through brackets. */
static bool is_torn(struct text text)
{
	if (text.length == 0)
		return false;
	bool opens = text_find(text, '[') < text.length || text_find(text, '(') < text.length;
	bool closes = text_find(text, ']') < text.length || text_find(text, ')') < text.length;
	return opens != closes;
}

static void judge(const struct csv_sample *sample, const struct delimiter *delimiter,
	struct candidate *candidate)
{
	double agreement = 0;
	double quality = 0;
	size_t cells = 0;
	size_t torn = 0;
	size_t alike = 0;
	size_t indented = 0;
	size_t columns = candidate->columns = common_count(sample);
	if (columns < 2)
		return;
	while (sample->records[candidate->first].count != columns)
		candidate->first++;
	for (size_t i = candidate->first; i < sample->count; i++) {
		const struct csv_record *record = &sample->records[i];
		agreement += record_agreement(record, columns);
		alike += record->count == columns && !record->bad;
		indented += record->cells[0].text.length == 0;
		for (size_t c = 0; c < record->count && c < 256; c++, cells++) {
			quality += cell_quality(&record->cells[c], delimiter->byte);
			torn += is_torn(record->cells[c].text);
		}
	}
	double records = (double)(sample->count - candidate->first);
	candidate->agreement = agreement / records;
	candidate->alike = (double)alike / records;
	candidate->indented = (double)indented / records;
	candidate->quality = quality / (double)cells;
	/* A preamble may be long, but not most of what is there. */
	double kept = (double)(sample->count - candidate->first) / (double)sample->count;
	bool sure = candidate->agreement > 0.98 && columns >= 3 && sample->count >= 3 &&
		    torn * 20 < cells;
	if (delimiter->sure && !sure)
		return;
	candidate->score = delimiter->weight * candidate->agreement * candidate->agreement *
			   candidate->quality * candidate->quality * sqrt(kept) *
			   (1 - 1 / (double)columns);
}

static bool contains(struct text text, struct text wanted)
{
	return memmem(text.at, text.length, wanted.at, wanted.length) != NULL;
}

/* A single quote where a field may start, more than once. */
static bool has_single_quotes(struct text sample)
{
	size_t starts = 0;
	for (size_t i = 0; i < sample.length; i++) {
		if (sample.at[i] != '\'')
			continue;
		starts += i == 0 || sample.at[i - 1] == '\n' || sample.at[i - 1] == '\r';
		for (size_t d = 0; i > 0 && d < STRONG; d++)
			starts += sample.at[i - 1] == delimiters[d].byte;
	}
	return starts > 1;
}

/* The ways to quote that the sample's bytes allow, the usual one first. */
struct quoting {
	char quote, escape;
	double weight;
};
static size_t quotings(struct text sample, const struct dialect *said, struct quoting out[4])
{
	size_t count = 0;
	bool any = text_find(sample, '"') < sample.length;
	if (said->quote) {
		out[count++] = (struct quoting){said->quote, said->escape, 1};
		return count;
	}
	out[count++] = (struct quoting){'"', said->escape, 1};
	if (!said->escape && contains(sample, TEXT("\\\"")))
		out[count++] = (struct quoting){'"', '\\', 0.995};
	if (has_single_quotes(sample))
		out[count++] = (struct quoting){'\'', said->escape, 0.97};
	if (any)
		out[count++] = (struct quoting){0, 0, 0.8};
	return count;
}

static void try_one(struct arena *arena, struct text text, bool whole, struct dialect dialect,
	const struct delimiter *delimiter, double weight, struct candidate *best)
{
	struct csv_sample sample;
	struct candidate candidate = {.dialect = dialect, .columns = 1};
	candidate.dialect.delimiter = delimiter->byte;
	csv_sample_read(arena, text, whole, &candidate.dialect, CSV_SAMPLE_RECORDS, &sample);
	judge(&sample, delimiter, &candidate);
	candidate.score *= weight;
	if (candidate.score > best->score)
		*best = candidate;
}

static struct candidate try_all(
	struct arena *arena, struct text text, bool whole, const struct dialect *said)
{
	struct candidate best = {.dialect = *said, .columns = 1};
	struct quoting ways[4];
	size_t count = quotings(text, said, ways);
	const struct delimiter told = {said->delimiter, 1, false};
	for (size_t d = 0; d < DELIMITERS; d++) {
		const struct delimiter *delimiter = said->delimiter ? &told : &delimiters[d];
		if (text_find(text, delimiter->byte) == text.length)
			continue;
		for (size_t q = 0; q < count; q++) {
			OWNED(arena) scratch = arena_new();
			struct dialect dialect = *said;
			dialect.quote = ways[q].quote;
			dialect.escape = ways[q].escape;
			try_one(scratch, text, whole, dialect, delimiter, ways[q].weight, &best);
		}
		if (said->delimiter)
			break;
	}
	(void)arena;
	return best;
}

/* Lines that start with '#' are comments unless half of them have as many fields as a
 * record: then they are data; or the last of those at the top has: then it is a header. */
static bool has_comments(
	struct arena *arena, struct text text, bool whole, char byte, const struct candidate *best)
{
	struct csv_sample sample;
	struct dialect dialect = best->dialect;
	size_t comments = 0;
	size_t alike = 0;
	size_t leading = 0;
	dialect.comment = 0;
	csv_sample_read(arena, text, whole, &dialect, CSV_SAMPLE_RECORDS, &sample);
	for (size_t i = 0; i < sample.count; i++) {
		if (text.at[sample.records[i].start] != byte)
			continue;
		comments++;
		alike += sample.records[i].count == best->columns;
		leading += leading == i;
	}
	bool header = leading && leading == comments &&
		      sample.records[leading - 1].count == best->columns;
	return comments > 0 && alike * 2 <= comments && !header;
}

static bool has_line_starting(struct text text, char byte)
{
	if (text.length && text.at[0] == byte)
		return true;
	const char lf[2] = {'\n', byte};
	const char cr[2] = {'\r', byte};
	return contains(text, (struct text){lf, 2}) || contains(text, (struct text){cr, 2});
}

static bool is_name_like(const struct csv_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		if (csv_kind_of(record->cells[i].text, true) != CSV_STRING)
			return false;
	}
	return true;
}

/* Lines to skip: a preamble's records are shorter than the table's. A first record
 * that is only a little shorter is a header that lacks names, or a ragged row. */
static uint32_t preamble_lines(const struct csv_sample *sample, const struct candidate *best)
{
	size_t first = 0;
	while (first < sample->count && sample->records[first].count != best->columns)
		first++;
	if (first == 0 || first == sample->count)
		return 0;
	const struct csv_record *before = &sample->records[first - 1];
	if (before->count > 1 && before->count * 2 > best->columns && is_name_like(before) &&
		!is_name_like(&sample->records[first]))
		first--;
	bool header = is_name_like(&sample->records[first]) && first + 1 < sample->count &&
		      !is_name_like(&sample->records[first + 1]);
	for (size_t i = 0; i < first && !header; i++) {
		size_t count = sample->records[i].count;
		if (count > 1 && count * 2 > best->columns)
			return 0;
	}
	return (uint32_t)sample->records[first].line;
}

/* Text has few control bytes other than its delimiter. */
static bool is_text(struct text sample, char delimiter)
{
	size_t control = 0;
	for (size_t i = 0; i < sample.length; i++) {
		unsigned char byte = (unsigned char)sample.at[i];
		control += byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' &&
			   byte != '\f' && sample.at[i] != delimiter;
	}
	return control * 1000 <= sample.length;
}

/* Indented text has blanks before most lines, a drawn table a bar before each. A first
 * column that is mostly empty has a name at least. */
static bool is_indented(const struct candidate *best)
{
	bool blank = best->dialect.delimiter == '\t' || best->dialect.delimiter == ' ';
	return blank ? best->indented >= 0.5 : best->indented >= 1;
}

double csv_dialect_detect(struct arena *arena, struct text sample, bool whole,
	struct dialect *dialect, size_t *columns_out)
{
	OWNED(arena) scratch = arena_new();
	struct dialect said = *dialect;
	bool hash = !said.comment && has_line_starting(sample, '#');
	if (hash)
		said.comment = '#';
	struct candidate best = try_all(arena, sample, whole, &said);
	if (hash && !has_comments(scratch, sample, whole, '#', &best)) {
		said.comment = 0;
		best = try_all(arena, sample, whole, &said);
	}
	*dialect = best.dialect;
	if (!dialect->delimiter)
		dialect->delimiter = ',';
	if (best.columns == 1 && !dialect->quote)
		dialect->quote = '"';
	struct csv_sample table;
	csv_sample_read(scratch, sample, whole, dialect, CSV_SAMPLE_RECORDS, &table);
	if (!dialect->skip && best.columns > 1)
		dialect->skip = preamble_lines(&table, &best);
	*columns_out = best.columns;
	bool sure = best.columns >= 2 && table.count >= 2 && best.agreement >= 0.8 &&
		    best.alike >= 0.7 && !is_indented(&best) && best.quality >= 0.5 &&
		    is_text(sample, dialect->delimiter);
	return sure ? 1 : 0;
}
