#pragma once
// The stream of a run of the assistants API, `event: thread.run.created` to `event: done`. Pure.

#include "simulator/answers.hpp"

#include <string>

namespace spillway::simulator {

Reply answer_run(const Question& question, const std::string& run, const std::string& thread);

}  // namespace spillway::simulator
