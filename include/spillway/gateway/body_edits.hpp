#pragma once
// What is changed in a caller's body for one attempt (behaviour §1, §6): the deployment's name
// where the body names it and the backend calls it otherwise, and a stream's usage where it must be
// asked for. Everything else goes byte for byte.

#include <spillway/aoai/body_edit.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace spillway::gateway {

/// Whether a stream's usage is to be asked for on the caller's behalf.
bool is_usage_to_be_added(const RequestContext& context);

/// Sorted, all in the part of the body that is held; empty: it goes as it came.
std::vector<aoai::BodyEdit> body_edits(const RequestContext& context, const RequestBody& body,
                                       std::string_view upstream_deployment);

/// What aoai::apply_edits would give, piece by piece and without a copy: views into both.
std::vector<std::string_view> edited_pieces(std::string_view body,
                                            std::span<const aoai::BodyEdit> edits);

/// The length that a body of `length` bytes has with them.
std::uint64_t edited_length(std::uint64_t length, std::span<const aoai::BodyEdit> edits);

}  // namespace spillway::gateway
