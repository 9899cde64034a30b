#include "tests/fuzz/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	return registry_fuzz(TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF, bytes, length);
}
