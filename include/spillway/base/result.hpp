#pragma once
// Result<T>: a value or a base::Error. What every function that can fail returns.

#include <spillway/base/error.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace spillway::base {

/// Required by boost::system::result for `.value()` on an error; a defect of ours if ever reached.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace spillway::base
