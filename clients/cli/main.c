#include "base/standard.h"
#include "clients/cli/cli.h"

int main(int argc, char **argv)
{
	standard_files_hold();
	return cli_run(argc, argv, stdout, stderr);
}
