#include <spillway/aoai/include_usage.hpp>
#include <spillway/aoai/model_edit.hpp>
#include <spillway/gateway/body_edits.hpp>

#include <algorithm>
#include <utility>

namespace spillway::gateway {
namespace {

aoai::UsageRequest usage_request_of(const aoai::RequestFacts& facts) {
  aoai::UsageRequest request;
  request.wants_stream = facts.wants_stream;
  request.wants_usage = facts.wants_usage;
  request.has_stream_options = facts.has_stream_options;
  request.stream_options_offset = facts.stream_options_offset;
  request.include_usage_offset = facts.include_usage_offset;
  request.include_usage_length = facts.include_usage_length;
  return request;
}

// The deployment of a path wins; what the body calls it is then nobody's business.
bool is_model_rewritten(const RequestContext& context, std::string_view upstream_deployment) {
  return context.path.deployment.empty() && context.facts.has_model &&
         context.facts.model != upstream_deployment;
}

}  // namespace

bool is_usage_to_be_added(const RequestContext& context) {
  // Azure answers 400 to it together with data_sources.
  return context.facts.is_json_object && !context.facts.has_data_sources &&
         aoai::is_usage_to_be_added(context.path, usage_request_of(context.facts));
}

std::vector<aoai::BodyEdit> body_edits(const RequestContext& context, const RequestBody& body,
                                       std::string_view upstream_deployment) {
  std::vector<aoai::BodyEdit> edits;
  if (is_model_rewritten(context, upstream_deployment)) {
    edits.push_back(aoai::model_edit(context.facts, upstream_deployment));
  }
  if (context.is_usage_added) {
    auto edit = aoai::include_usage_edit(body.held(), usage_request_of(context.facts));
    if (edit) edits.push_back(std::move(*edit));
  }
  std::sort(edits.begin(), edits.end(),
            [](const auto& a, const auto& b) { return a.offset < b.offset; });
  return edits;
}

std::vector<std::string_view> edited_pieces(std::string_view body,
                                            std::span<const aoai::BodyEdit> edits) {
  std::vector<std::string_view> pieces;
  std::size_t taken = 0;
  for (const aoai::BodyEdit& edit : edits) {
    pieces.push_back(body.substr(taken, edit.offset - taken));
    pieces.emplace_back(edit.inserted);
    taken = edit.offset + edit.removed;
  }
  pieces.push_back(body.substr(taken));
  return pieces;
}

std::uint64_t edited_length(std::uint64_t length, std::span<const aoai::BodyEdit> edits) {
  for (const aoai::BodyEdit& edit : edits)
    length = length - edit.removed + edit.inserted.size();
  return length;
}

}  // namespace spillway::gateway
