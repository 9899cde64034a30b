#include "formats/recognised.h"

#include <ctype.h>

struct magic {
	const char *name;
	struct text bytes;
};

const char *recognised_compression(struct text raw_head)
{
	static const struct magic magics[] = {
		{"bzip2", {"BZh", 3}},
		{"zip", {"PK\x03\x04", 4}},
		{"lz4", {"\x04\x22\x4d\x18", 4}},
		{"snappy", {"\xff\x06\x00\x00sNaPpY", 10}},
		{"xz", {"\xfd"
			"7zXZ\x00",
			       6}},
	};
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		if (!text_starts(raw_head, magics[i].bytes))
			continue;
		/* "BZh1".."BZh9", then the block magic: a text may begin with BZh. */
		bool bzip2 = magics[i].bytes.length == 3;
		if (!bzip2 || text_starts(text_from(raw_head, 4), TEXT("1AY&SY")))
			return magics[i].name;
	}
	return NULL;
}

double recognised_avro(struct text raw_head)
{
	return text_starts(raw_head, TEXT("Obj\x01"));
}

double recognised_orc(struct text raw_head)
{
	return text_starts(raw_head, TEXT("ORC")) && raw_head.length > 3 &&
	       (unsigned char)raw_head.at[3] < ' ';
}

/* A length, then a first element with a known type and a name (BSON 1.1). */
double recognised_bson(struct text head)
{
	enum { LEAST = 5, MOST = 16 * 1024 * 1024 };
	uint32_t length = 0;
	if (head.length < LEAST + 2)
		return 0;
	memcpy(&length, head.at, sizeof length);
	unsigned char type = (unsigned char)head.at[4];
	struct text name = text_from(head, LEAST);
	return length > LEAST && length < MOST && type >= 1 && type <= 0x13 &&
	       isalnum((unsigned char)name.at[0] | 0x20) && text_find(name, '\0') < 128 &&
	       (length > head.length || head.at[length - 1] == '\0');
}

static struct text skip_mark(struct text head)
{
	if (text_starts(head, TEXT("\xef\xbb\xbf")))
		head = text_from(head, 3);
	while (head.length && strchr(" \t\r\n", head.at[0]))
		head = text_from(head, 1);
	return head;
}

double recognised_xml(struct text head)
{
	head = skip_mark(head);
	if (text_starts(head, TEXT("<?xml")) || text_starts(head, TEXT("<!--")))
		return 1;
	return head.length > 2 && head.at[0] == '<' && isalpha((unsigned char)head.at[1]) &&
	       text_find(head, '>') < head.length;
}

double recognised_ion(struct text head)
{
	return text_starts(head, TEXT("\xe0\x01\x00\xea")) || text_starts(head, TEXT("$ion_1_0"));
}

/* How many of a head's first lines `matches` takes; all of them must. */
static double all_lines(struct text head, bool (*matches)(struct text line))
{
	enum { LOOKED_AT = 20 };
	struct text rest = head;
	struct text line;
	bool more = true;
	size_t good = 0;
	for (size_t i = 0; i < LOOKED_AT && text_split(&rest, &more, '\n', &line); i++) {
		if (!more && i > 0)
			break; /* the head may cut the last line */
		if (text_trimmed(line).length == 0)
			continue;
		if (!matches(line))
			return 0;
		good++;
	}
	return good > 0;
}

/* Takes what stands before `separator`; false when it is not there or nothing is. */
static bool take_until(struct text *line, const char *separator)
{
	size_t length = strlen(separator);
	for (size_t i = 1; i + length <= line->length; i++) {
		if (memcmp(line->at + i, separator, length) == 0) {
			*line = text_from(*line, i + length);
			return true;
		}
	}
	return false;
}

static bool take_number(struct text *line)
{
	if (line->length && line->at[0] == '-') {
		*line = text_from(*line, 1);
		return true;
	}
	uint64_t number = 0;
	size_t length = text_uint64(*line, &number);
	*line = text_from(*line, length);
	return length > 0;
}

/* host identity user [day/Mon/year:time zone] "request" status bytes */
static bool take_common(struct text *line)
{
	if (!take_until(line, " ") || !take_until(line, " ") || !take_until(line, " ["))
		return false;
	if (!take_until(line, "] \"") || !take_until(line, "\" ") || !take_number(line))
		return false;
	if (!text_starts(*line, TEXT(" ")))
		return false;
	*line = text_from(*line, 1);
	return take_number(line);
}

static bool is_common(struct text line)
{
	return take_common(&line) && text_trimmed(line).length == 0;
}

static bool is_combined(struct text line)
{
	if (!take_common(&line) || !text_starts(line, TEXT(" \"")))
		return false;
	line = text_trimmed(text_from(line, 2));
	return take_until(&line, "\" \"") && text_ends(line, TEXT("\""));
}

double recognised_common_log(struct text head)
{
	return all_lines(head, is_common);
}

double recognised_combined_log(struct text head)
{
	return all_lines(head, is_combined);
}

/* Mmm dd hh:mm:ss host program[pid]: message */
static bool is_syslog(struct text line)
{
	static const char shape[] = "Aaa D9 D9:99:99 ";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	if (line.length < sizeof shape || !memmem(months, sizeof months - 1, line.at, 3))
		return false;
	for (size_t i = 3; i < sizeof shape - 1; i++) {
		bool digit = isdigit((unsigned char)line.at[i]);
		bool good = shape[i] == '9'   ? digit
			    : shape[i] == 'D' ? digit || line.at[i] == ' '
					      : line.at[i] == shape[i];
		if (!good)
			return false;
	}
	line = text_from(line, sizeof shape - 1);
	return take_until(&line, " ") && text_find(line, ':') < line.length;
}

double recognised_syslog(struct text head)
{
	return all_lines(head, is_syslog);
}
