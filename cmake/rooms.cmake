# room(schema USES base) declares one folder of the project: its library, which
# rooms it may use, and which library headers open only there (DOORS). The graph
# is written to rooms.txt; tests/tidy/rooms.sh holds every #include to it, so
# these lines are the only place where a dependency is allowed.
#
#   USES     rooms it may include
#   LIBS     CMake targets or libraries linked behind its door
#   PUBLIC_LIBS  the same for libraries whose types its headers show
#   DOORS    headers of other projects that may be included only in this room
#   PROGRAM  the room is a program of this name; its main() is in main.c
function(room name)
  cmake_parse_arguments(R "" "PROGRAM;FOLDER" "USES;LIBS;PUBLIC_LIBS;DOORS" ${ARGN})
  if(NOT R_FOLDER)
    set(R_FOLDER ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${R_FOLDER}/*.c)
  set(main ${CMAKE_SOURCE_DIR}/${R_FOLDER}/main.c)
  list(REMOVE_ITEM sources ${main})
  if(NOT sources)
    # A room whose code has not been written yet still has its place on the map.
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${R_USES} ${R_PUBLIC_LIBS})
  else()
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${R_USES} ${R_PUBLIC_LIBS} PRIVATE ${R_LIBS} project_flags)
  endif()
  # A program waits for the rooms it uses.
  set(unwritten "")
  foreach(used ${R_USES})
    get_target_property(type ${used} TYPE)
    if(R_PROGRAM AND type STREQUAL INTERFACE_LIBRARY)
      set(unwritten ${used})
      message(STATUS "${R_PROGRAM} is not built: ${used}/ is not written yet")
    endif()
  endforeach()
  if(R_PROGRAM AND EXISTS ${main} AND NOT unwritten)
    add_executable(${R_PROGRAM} ${main})
    target_link_libraries(${R_PROGRAM} PRIVATE ${name} project_flags)
    install(TARGETS ${R_PROGRAM})
  endif()
  string(REGEX REPLACE "/.*" "" top ${R_FOLDER})
  set_property(GLOBAL APPEND_STRING PROPERTY ROOMS "room ${top} ${R_USES}\ndoor ${top} ${R_DOORS}\n")
endfunction()

function(rooms_written)
  get_property(rooms GLOBAL PROPERTY ROOMS)
  file(WRITE ${CMAKE_BINARY_DIR}/rooms.txt "${rooms}")
endfunction()
