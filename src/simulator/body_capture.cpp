#include "simulator/body_capture.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>

namespace spillway::simulator {

void BodyCapture::begin(std::string_view content_type) {
  const auto type = base::to_lower(content_type);
  const auto boundary = boundary_of(content_type);
  if (!boundary.empty()) form_.emplace(boundary);
  is_kept_whole_ = type.empty() || type.find("json") != std::string::npos ||
                   type.starts_with("text/") || type.find("urlencoded") != std::string::npos;
}

void BodyCapture::add(std::string_view bytes) {
  digest_.add(bytes);
  if (form_) form_->add(bytes);
  const auto room = is_kept_whole_ ? bytes.size() : kKept - std::min(kKept, kept_.size());
  kept_ += bytes.substr(0, room);
}

void BodyCapture::finish(Request& request) {
  request.body = std::move(kept_);
  request.body_bytes = digest_.bytes();
  request.body_sha256 = digest_.finish();
  if (form_) request.form = form_->finish();
}

}  // namespace spillway::simulator
