#include "imports/ddl_format.h"

#include <stddef.h>

#define IO	 "org.apache.hadoop.hive.ql.io."
#define SERDE	 "org.apache.hadoop.hive.serde2."
#define TEXT_IN	 "org.apache.hadoop.mapred.TextInputFormat"
#define TEXT_OUT IO "HiveIgnoreKeyTextOutputFormat"

const char ddl_lazy_serde[] = SERDE "lazy.LazySimpleSerDe";

static const struct ddl_format formats[] = {
	{"TEXTFILE", TEXT_IN, TEXT_OUT, ddl_lazy_serde},
	{"TEXT", TEXT_IN, TEXT_OUT, ddl_lazy_serde},
	{"CSV", TEXT_IN, TEXT_OUT, SERDE "OpenCSVSerde"},
	{"JSONFILE", TEXT_IN, TEXT_OUT, SERDE "JsonSerDe"},
	{"JSON", TEXT_IN, TEXT_OUT, SERDE "JsonSerDe"},
	{"PARQUET", IO "parquet.MapredParquetInputFormat", IO "parquet.MapredParquetOutputFormat",
		IO "parquet.serde.ParquetHiveSerDe"},
	{"PARQUETFILE", IO "parquet.MapredParquetInputFormat",
		IO "parquet.MapredParquetOutputFormat", IO "parquet.serde.ParquetHiveSerDe"},
	{"ORC", IO "orc.OrcInputFormat", IO "orc.OrcOutputFormat", IO "orc.OrcSerde"},
	{"ORCFILE", IO "orc.OrcInputFormat", IO "orc.OrcOutputFormat", IO "orc.OrcSerde"},
	{"AVRO", IO "avro.AvroContainerInputFormat", IO "avro.AvroContainerOutputFormat",
		SERDE "avro.AvroSerDe"},
	{"AVROFILE", IO "avro.AvroContainerInputFormat", IO "avro.AvroContainerOutputFormat",
		SERDE "avro.AvroSerDe"},
	{"SEQUENCEFILE", "org.apache.hadoop.mapred.SequenceFileInputFormat",
		IO "HiveSequenceFileOutputFormat", ddl_lazy_serde},
	{"RCFILE", IO "RCFileInputFormat", IO "RCFileOutputFormat",
		SERDE "columnar.LazyBinaryColumnarSerDe"},
};

const struct ddl_format *ddl_format_find(struct text word)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (text_equal_folded(word, text_of(formats[i].word)))
			return &formats[i];
	}
	return NULL;
}
