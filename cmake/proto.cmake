# Generated protobuf-c code for every proto/**/*.proto, and the descriptor set
# that reflection answers from (proto.fds, embedded by proto/descriptors.S).
file(GLOB_RECURSE protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/*.proto)
find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_C protoc-gen-c REQUIRED)
set(generated ${CMAKE_BINARY_DIR}/generated)
set(outputs "")
foreach(file ${protos})
  file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR}/proto ${file})
  string(REGEX REPLACE "\\.proto$" "" stem ${relative})
  list(APPEND outputs ${generated}/${stem}.pb-c.c ${generated}/${stem}.pb-c.h)
  list(APPEND relatives ${relative})
endforeach()
file(MAKE_DIRECTORY ${generated})
add_custom_command(OUTPUT ${outputs} ${generated}/proto.fds
  COMMAND ${PROTOC} -I${CMAKE_SOURCE_DIR}/proto --include_imports --descriptor_set_out=${generated}/proto.fds
    --c_out=${generated} ${relatives}
  DEPENDS ${protos} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/proto VERBATIM)
add_library(proto_generated STATIC ${outputs} ${CMAKE_SOURCE_DIR}/proto/descriptors.S)
set_source_files_properties(${CMAKE_SOURCE_DIR}/proto/descriptors.S PROPERTIES
  OBJECT_DEPENDS ${generated}/proto.fds COMPILE_OPTIONS "-I${generated}")
# SYSTEM: the generated __INIT macros cast const away, which our flags refuse.
target_include_directories(proto_generated SYSTEM PUBLIC ${generated})
target_link_libraries(proto_generated PUBLIC protobuf-c)
