#pragma once
// Another name for the deployment in a body: "model" is replaced where request_facts found it.

#include <spillway/aoai/body_edit.hpp>
#include <spillway/aoai/request_facts.hpp>

#include <string>
#include <string_view>

namespace spillway::aoai {

/// What replaces the value of "model"; there is one.
BodyEdit model_edit(const RequestFacts& facts, std::string_view model);

/// The body with only the value of "model" replaced; everything else byte for byte. `body` may be
/// the beginning of a form.
std::string replace_model(std::string_view body, const RequestFacts& facts, std::string_view model);

}  // namespace spillway::aoai
