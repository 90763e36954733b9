#include "answer_names.hpp"
#include <spillway/aoai/usage_chunk_filter.hpp>

#include <utility>

namespace spillway::aoai {

using json::Kind;
using json::Path;

// Reads one event's data and settles the verdict as soon as it can be.
class UsageChunkFilter::ChunkReader final : public EventSink, public json::Visitor {
 public:
  explicit ChunkReader(UsageChunkFilter& filter) : filter_(filter) {}

  void on_data(std::string_view piece) override {
    // In small bites, for most events show what they are in their first.
    constexpr std::size_t kBite = 64;
    while (filter_.verdict_ == Verdict::open && !piece.empty()) {
      const std::string_view bite = piece.substr(0, kBite);
      filter_.scanner_.observe(bite, *this);
      if (filter_.scanner_.is_malformed()) let_pass();
      piece.remove_prefix(bite.size());
    }
  }
  void on_event(std::string_view /*name*/) override {}

  json::NameId name_of(std::string_view key) override {
    return static_cast<json::NameId>(name_of_key(key));
  }
  bool wants(Path path) override { return path.depth() < 2 || is_in_choices(path); }
  void on_scalar(Path path, const json::Scalar& /*scalar*/) override {
    const bool is_chunk =
        path.depth() == 1 && path != path_of(Name::choices) && path != path_of(Name::usage);
    if (!is_chunk) let_pass();
  }
  bool on_begin(Path path, Kind kind) override;
  void on_end(Path path, Kind /*kind*/) override {
    if (path == path_of(Name::choices)) filter_.has_empty_choices_ = true;
  }

 private:
  static bool is_in_choices(Path path) {
    return path.depth() == 2 && path.parent() == path_of(Name::choices);
  }
  void let_pass() { filter_.verdict_ = Verdict::passes; }

  UsageChunkFilter& filter_;
};

bool UsageChunkFilter::ChunkReader::on_begin(Path path, Kind kind) {
  switch (path.packed()) {
    case Path().packed():
      if (kind != Kind::object) let_pass();
      return kind == Kind::object;
    case path_of(Name::choices).packed():
      if (kind != Kind::array) let_pass();
      return true;
    case path_of(Name::usage).packed():
      if (kind != Kind::object) let_pass();
      filter_.has_usage_ = true;
      return false;
    case path_of(Name::prompt_filter_results).packed():
    case path_of(Name::prompt_annotations).packed():
      let_pass();
      return false;
    default:
      if (is_in_choices(path)) let_pass();
      return false;
  }
}

void UsageChunkFilter::push(std::string_view in, std::string& out) {
  ChunkReader reader(*this);
  while (!in.empty()) {
    if (events_.is_between_events() && (in.front() == '\n' || in.front() == '\r')) {
      push_blank_line(in.substr(0, 1), out);
      in.remove_prefix(1);
      continue;
    }
    const std::string_view piece = in.substr(0, events_.observe_to_event_end(in, reader));
    in.remove_prefix(piece.size());
    take(piece, out);
    if (events_.is_between_events()) end_event(piece.back(), out);
  }
}

// Of no event, save the line feed that comes right behind a carriage return.
void UsageChunkFilter::push_blank_line(std::string_view line_end, std::string& out) {
  events_.observe(line_end);
  const bool is_second_half = std::exchange(has_removed_cr_, false) && line_end == "\n";
  if (!is_second_half) out += line_end;
}

void UsageChunkFilter::take(std::string_view piece, std::string& out) {
  if (verdict_ == Verdict::open && held_.size() + piece.size() <= kMaxHeld) {
    held_ += piece;
    return;
  }
  verdict_ = Verdict::passes;
  out += held_;
  held_.clear();
  out += piece;
}

void UsageChunkFilter::end_event(char last, std::string& out) {
  const bool is_usage_chunk =
      verdict_ == Verdict::open && scanner_.is_complete() && has_empty_choices_ && has_usage_;
  if (is_usage_chunk) ++removed_count_;
  if (!is_usage_chunk) out += held_;
  held_.clear();
  has_removed_cr_ = is_usage_chunk && last == '\r';
  verdict_ = Verdict::open;
  has_empty_choices_ = false;
  has_usage_ = false;
  scanner_.reset();
}

void UsageChunkFilter::finish(std::string& out) {
  out += std::exchange(held_, std::string());
  verdict_ = Verdict::passes;
}

}  // namespace spillway::aoai
