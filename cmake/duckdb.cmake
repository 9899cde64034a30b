# DuckDB::DuckDB, version 1.5.5: an installed copy (DUCKDB_ROOT or the system's)
# when there is one, else the pinned npm package through npm's own configuration.
# 1.5.5 is the newest version whose library exists there for x86-64 and arm64;
# the header comes with 1.4.4, whose C API is a subset of 1.5.5's.
set(DUCKDB_VERSION 1.5.5)
find_path(DUCKDB_INCLUDE_DIR duckdb.h HINTS ${DUCKDB_ROOT} ENV DUCKDB_ROOT PATH_SUFFIXES include)
find_library(DUCKDB_LIBRARY duckdb HINTS ${DUCKDB_ROOT} ENV DUCKDB_ROOT PATH_SUFFIXES lib)

# Fetch one npm package at one version with one digest into `folder`.
function(npm_package folder package version digest)
  string(REGEX REPLACE "^@" "" file "${package}")
  string(REPLACE "/" "-" file "${file}")
  set(archive ${folder}/${file}-${version}.tgz)
  if(NOT EXISTS ${archive})
    find_program(NPM npm)
    if(NOT NPM)
      message(FATAL_ERROR "DuckDB ${DUCKDB_VERSION} is not installed and npm, which would fetch it, is missing: "
        "install npm, or set DUCKDB_ROOT to a folder with include/duckdb.h and lib/libduckdb.so")
    endif()
    message(STATUS "fetching ${package}@${version} by npm")
    file(MAKE_DIRECTORY ${folder})
    execute_process(COMMAND ${NPM} pack --silent --pack-destination ${folder} ${package}@${version}
      RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE why)
    if(failed)
      message(FATAL_ERROR "npm pack ${package}@${version}: ${why}")
    endif()
  endif()
  file(SHA256 ${archive} got)
  if(NOT got STREQUAL digest)
    file(REMOVE ${archive})
    message(FATAL_ERROR "${package}@${version}: SHA-256 is ${got}, expected ${digest}")
  endif()
endfunction()

if(NOT DUCKDB_LIBRARY OR NOT DUCKDB_INCLUDE_DIR)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
    set(arch x64)
    set(digest 86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    set(arch arm64)
    set(digest 3b85f3ea438f7dc3691d7b5e6e4222ffe9127fd17885f96ca72e0c99925c348e)
  else()
    message(FATAL_ERROR "no prebuilt libduckdb for ${CMAKE_SYSTEM_PROCESSOR}: set DUCKDB_ROOT")
  endif()
  # One copy serves every preset.
  set(folder ${CMAKE_SOURCE_DIR}/.cache/duckdb-${DUCKDB_VERSION})
  npm_package(${folder} @duckdb/node-bindings-linux-${arch} 1.5.5-r.5 ${digest})
  npm_package(${folder} duckdb 1.4.4 5bb967dcbcd517670ba5f169f238fb9d6787e53752c60ebe24386169d76941ed)
  if(NOT EXISTS ${folder}/lib/libduckdb.so)
    file(ARCHIVE_EXTRACT INPUT ${folder}/duckdb-node-bindings-linux-${arch}-1.5.5-r.5.tgz
      DESTINATION ${folder} PATTERNS package/libduckdb.so package/LICENSE)
    file(MAKE_DIRECTORY ${folder}/lib)
    file(RENAME ${folder}/package/libduckdb.so ${folder}/lib/libduckdb.so)
  endif()
  if(NOT EXISTS ${folder}/include/duckdb.h)
    file(ARCHIVE_EXTRACT INPUT ${folder}/duckdb-1.4.4.tgz
      DESTINATION ${folder} PATTERNS package/src/duckdb/src/include/duckdb.h)
    file(MAKE_DIRECTORY ${folder}/include)
    file(RENAME ${folder}/package/src/duckdb/src/include/duckdb.h ${folder}/include/duckdb.h)
  endif()
  set(DUCKDB_LIBRARY ${folder}/lib/libduckdb.so CACHE FILEPATH "" FORCE)
  set(DUCKDB_INCLUDE_DIR ${folder}/include CACHE PATH "" FORCE)
endif()

if(NOT DUCKDB_CHECKED STREQUAL "${DUCKDB_LIBRARY} ${DUCKDB_VERSION}")
  file(WRITE ${CMAKE_BINARY_DIR}/duckdb_version.c
    "#include <duckdb.h>\n#include <stdio.h>\nint main(void) { return puts(duckdb_library_version()) < 0; }\n")
  try_run(runs compiles ${CMAKE_BINARY_DIR}/duckdb_version ${CMAKE_BINARY_DIR}/duckdb_version.c
    CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${DUCKDB_INCLUDE_DIR} LINK_LIBRARIES ${DUCKDB_LIBRARY}
    COMPILE_OUTPUT_VARIABLE compiler RUN_OUTPUT_VARIABLE found)
  string(STRIP "${found}" found)
  if(NOT compiles OR NOT found STREQUAL "v${DUCKDB_VERSION}")
    message(FATAL_ERROR "${DUCKDB_LIBRARY} is '${found}', but v${DUCKDB_VERSION} is needed: "
      "unset DUCKDB_ROOT to fetch it, or point it there. ${compiler}")
  endif()
  set(DUCKDB_CHECKED "${DUCKDB_LIBRARY} ${DUCKDB_VERSION}" CACHE INTERNAL "")
endif()

add_library(DuckDB::DuckDB SHARED IMPORTED GLOBAL)
set_target_properties(DuckDB::DuckDB PROPERTIES IMPORTED_LOCATION ${DUCKDB_LIBRARY}
  IMPORTED_SONAME libduckdb.so INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR})

# An installed tenon-worker finds the library: the fetched copy goes along with it.
include(GNUInstallDirs)
if(DUCKDB_LIBRARY MATCHES "^${CMAKE_SOURCE_DIR}/")
  install(FILES ${DUCKDB_LIBRARY} DESTINATION ${CMAKE_INSTALL_LIBDIR}/tenon)
  set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/tenon")
else()
  set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
endif()
