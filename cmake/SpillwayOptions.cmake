# spillway_options: the one place where standard, warnings and sanitizers are said.
add_library(spillway_options INTERFACE)
target_compile_features(spillway_options INTERFACE cxx_std_20)
target_compile_options(spillway_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${SPILLWAY_WARNINGS_AS_ERRORS}>:-Werror>
  # GCC 12: false positive on coroutine frames (docs/toolchain-notes.md).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
  # GCC takes all of a unity file but what stands in it for included: a class of one .cpp that holds
  # another of its anonymous namespace is no header's mistake.
  $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
  # libstdc++ 12: clang reports what stable_sort uses inside.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
target_compile_definitions(spillway_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  # Frames of coroutines come from operator new then: a third of what aligned_alloc takes for them.
  BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)
target_include_directories(spillway_options INTERFACE "${CMAKE_SOURCE_DIR}/include")

# What is shipped (docs/threat-model.md). tests/e2e/hardening.test.mjs looks at the binary.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(spillway_options INTERFACE
    -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(spillway_options INTERFACE -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(spillway_options INTERFACE -mbranch-protection=standard)
  endif()
  target_compile_definitions(spillway_options INTERFACE _FORTIFY_SOURCE=3)
  target_link_options(spillway_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_link_options(spillway_options INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
endif()

# Profile-guided optimisation (decision 19). Two build folders share a profile, so its files are
# named by objects below the folder.
if(SPILLWAY_PROFILE_GENERATE)
  target_compile_options(spillway_options INTERFACE
    "-fprofile-generate=${SPILLWAY_PROFILE_GENERATE}" "-fprofile-prefix-path=${CMAKE_BINARY_DIR}"
    -fprofile-update=prefer-atomic)
  target_link_options(spillway_options INTERFACE -fprofile-generate)
elseif(SPILLWAY_PROFILE_USE)
  target_compile_options(spillway_options INTERFACE
    "-fprofile-use=${SPILLWAY_PROFILE_USE}" "-fprofile-prefix-path=${CMAKE_BINARY_DIR}"
    # What the training did not reach is compiled as usual, not for size.
    -fprofile-partial-training
    # A source may have changed since. And what GCC 12 warns of changes with the counts; the same
    # sources are compiled elsewhere with every warning an error.
    -Wno-coverage-mismatch -w)
  target_link_options(spillway_options INTERFACE -w)
endif()

if(SPILLWAY_SANITIZERS)
  target_compile_options(spillway_options INTERFACE
    -fsanitize=${SPILLWAY_SANITIZERS} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # GCC 12: misfires on optional and variant under optimisation with sanitizers.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(spillway_options INTERFACE -fsanitize=${SPILLWAY_SANITIZERS})
  if(SPILLWAY_SANITIZERS MATCHES "thread")
    # GCC warns that atomic_thread_fence is not modelled; Asio uses it once.
    target_compile_options(spillway_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

# Tests and the simulator are compiled three times in CI and timed never, and optimising them was a
# third of its time. (A precompiled header did not pay for them: reading it takes what it saves.)
# The macro belongs to optimised builds and would warn.
add_library(spillway_unoptimised INTERFACE)
target_compile_options(spillway_unoptimised INTERFACE -O0 -U_FORTIFY_SOURCE
  # Lines of a backtrace are enough there; variables cost a fifth of the compiler's time.
  $<$<CONFIG:RelWithDebInfo>:-g1>)

find_program(SPILLWAY_CCACHE ccache)
if(SPILLWAY_CCACHE)
  # Precompiled headers carry time stamps; without this sloppiness every file that uses one misses.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${SPILLWAY_CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
