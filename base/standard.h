#pragma once

/* Call first in main. Standard input, output and error that the caller left closed
 * become /dev/null, so that no database, socket or table opened later takes the
 * number 1 or 2 and is written to as if it were the output. Output stays an error:
 * it is opened for reading. Standard error is lost. */
void standard_files_hold(void);
