# One static library per module of docs/architecture.md. Its DEPENDS are the modules it may include:
# what the tidy test checks in the text, the linker checks here.
#
#   spillway_module(routing SOURCES a.cpp b.cpp DEPENDS base config [LIBRARIES X::X])
function(spillway_module name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(spillway_${name} STATIC ${arg_SOURCES})
  list(TRANSFORM arg_DEPENDS PREPEND spillway_)
  target_link_libraries(spillway_${name} PUBLIC spillway_options ${arg_DEPENDS} ${arg_LIBRARIES})
  if(arg_ASIO)
    target_link_libraries(spillway_${name} PUBLIC spillway_asio)
    target_precompile_headers(spillway_${name} REUSE_FROM spillway_asio)
  endif()
  if(SPILLWAY_PROVES_HEADERS)
    spillway_own_headers_first(${name} ${arg_SOURCES})
  endif()
endfunction()

# Where nothing stands before a source, neither a precompiled header nor the files of its unity, its
# public header comes first: so it is compiled as if alone, and costs nothing. What is left over,
# and everything elsewhere, is a unit of its own in tests/tidy.
if(CMAKE_DISABLE_PRECOMPILE_HEADERS AND NOT CMAKE_UNITY_BUILD)
  set(SPILLWAY_PROVES_HEADERS ON)
endif()

function(spillway_own_headers_first module)
  foreach(source IN LISTS ARGN)
    string(REGEX REPLACE "[.]cpp$" ".hpp" header "spillway/${module}/${source}")
    if(EXISTS "${CMAKE_SOURCE_DIR}/include/${header}")
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS -include ${header})
      set_property(GLOBAL APPEND PROPERTY SPILLWAY_PROVEN_HEADERS "${header}")
    endif()
  endforeach()
endfunction()

# What one thread does alone no race can be in: of the unit tests ThreadSanitizer gets those that
# start a thread, themselves or by what they test.
function(spillway_keep_threaded sources)
  set(kept)
  foreach(source IN LISTS ${sources})
    file(STRINGS ${source} threads LIMIT_COUNT 1
      REGEX "std::j?thread|Resolver|LogOutput|AffinityStore|Simulator::start")
    if(threads)
      list(APPEND kept ${source})
    endif()
  endforeach()
  set(${sources} ${kept} PARENT_SCOPE)
endfunction()

# One test executable per folder of tests/unit and tests/component, one CTest entry per test case.
#
#   spillway_test(unit_routing SOURCES a_test.cpp DEPENDS routing LABEL unit)
function(spillway_test name)
  cmake_parse_arguments(arg "ASIO" "LABEL;TIMEOUT" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  if(arg_LABEL STREQUAL "unit" AND SPILLWAY_SANITIZERS MATCHES "thread")
    spillway_keep_threaded(arg_SOURCES)
    if(NOT arg_SOURCES)
      return()
    endif()
  endif()
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_DEPENDS PREPEND spillway_)
  target_link_libraries(${name} PRIVATE spillway_options ${arg_DEPENDS} ${arg_LIBRARIES}
    GTest::gmock GTest::gtest_main spillway_unoptimised)
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_compile_definitions(${name} PRIVATE SPILLWAY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  # CTest begins with what costs most: the longest would otherwise run last, and alone.
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT}
    COST ${arg_TIMEOUT})
endfunction()
