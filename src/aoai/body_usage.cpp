#include "usage_reader.hpp"
#include "whole_usage.hpp"
#include <spillway/aoai/body_usage.hpp>

#include <optional>

namespace spillway::aoai {
namespace {

// Else there is no use in trying to read it as a whole one.
bool ends_as_object(std::string_view bytes) {
  const auto last = bytes.find_last_not_of(" \t\r\n");
  return last != std::string_view::npos && bytes[last] == '}';
}

}  // namespace

struct BodyUsage::InPieces {
  json::Scanner scanner;
  OnlyUsage visitor;
};

BodyUsage::BodyUsage() = default;
BodyUsage::BodyUsage(BodyUsage&&) noexcept = default;
BodyUsage& BodyUsage::operator=(BodyUsage&&) noexcept = default;
BodyUsage::~BodyUsage() = default;

void BodyUsage::observe(std::string_view bytes) {
  if (is_whole_ || bytes.empty()) return;
  if (!in_pieces_ && ends_as_object(bytes)) {
    std::optional<Usage> usage;
    if (bytes.size() == length_) usage = read_usage_at_end(bytes);
    if (!usage) usage = read_whole_usage(bytes);
    if (usage) {
      of_whole_ = *usage;
      is_whole_ = true;
      return;
    }
  }
  if (!in_pieces_) in_pieces_ = std::make_unique<InPieces>();
  in_pieces_->scanner.observe(bytes, in_pieces_->visitor);
}

const Usage& BodyUsage::usage() const {
  return in_pieces_ ? in_pieces_->visitor.usage() : of_whole_;
}

}  // namespace spillway::aoai
