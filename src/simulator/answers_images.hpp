#pragma once
// Generated and edited images with their usage, streamed or not. Pure.

#include "simulator/answers.hpp"

namespace spillway::simulator {

Reply answer_image_generation(const Question& question);
Reply answer_image_edit(const Question& question);

}  // namespace spillway::simulator
