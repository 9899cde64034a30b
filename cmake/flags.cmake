# project_flags: what our own code is compiled with. Generated code is not.
add_library(project_flags INTERFACE)
target_compile_options(project_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wconversion
  -Wno-sign-conversion -Wnull-dereference -Wdouble-promotion
  -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion
  -Werror=return-type -Werror=vla -fvisibility=hidden -fno-common)
if(CMAKE_C_COMPILER_ID STREQUAL GNU)
  target_compile_options(project_flags INTERFACE -Wlogical-op -Wduplicated-cond -Wduplicated-branches)
endif()
if(CMAKE_C_COMPILER_ID MATCHES Clang)
  # protobuf-c's __INIT macros cast const away; gcc sees that they come from a system header.
  target_compile_options(project_flags INTERFACE -Wno-cast-qual)
endif()
# Each compiler warns of other things: only those that we build with daily may stop a build.
set(ours OFF)
if((CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_C_COMPILER_VERSION MATCHES "^12\\.") OR
   (CMAKE_C_COMPILER_ID STREQUAL Clang AND CMAKE_C_COMPILER_VERSION MATCHES "^14\\."))
  set(ours ON)
endif()
option(WERROR "treat warnings as errors" ${ours})
if(WERROR)
  target_compile_options(project_flags INTERFACE -Werror)
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    # What it believes depends on the optimiser: silent under dev, wrong in release's tests.
    target_compile_options(project_flags INTERFACE -Wno-error=maybe-uninitialized)
  endif()
endif()
target_compile_definitions(project_flags INTERFACE _GNU_SOURCE)
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
