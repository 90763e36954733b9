#include <spillway/aoai/multipart_form.hpp>
#include <spillway/aoai/parameters.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <utility>

namespace spillway::aoai {
namespace {

// What a reader that compares loosely takes for the name.
bool resembles_model(std::string_view name) {
  return base::equals_ignoring_case(base::trim(name), "model");
}

bool is_other_charset(std::string_view content_type) {
  const ParameterisedValue type = read_parameters(content_type);
  const Parameter* charset = type.find("charset");
  if (charset == nullptr) return type.is_ambiguous;
  return !base::equals_ignoring_case(charset->value, "utf-8") &&
         !base::equals_ignoring_case(charset->value, "us-ascii");
}

}  // namespace

MultipartForm::MultipartForm(std::string_view boundary)
    : delimiter_("\n--" + std::string(boundary)) {
  facts_.is_form = true;
}

void MultipartForm::observe(std::string_view bytes) {
  while (!bytes.empty() && at_ != At::malformed && at_ != At::epilogue) {
    const std::size_t taken = take(bytes);
    last_ = bytes[taken - 1];
    bytes.remove_prefix(taken);
  }
}

std::size_t MultipartForm::take(std::string_view bytes) {
  if (at_ == At::preamble || at_ == At::part_body) return take_content(bytes);
  const std::size_t taken = take_line(bytes);
  if (at_ == At::part_head) {
    end_head_line();
  } else {
    end_delimiter_line();
  }
  return taken;
}

// A line end cannot stand in a boundary, so a match that fails begins anew at the next one: what
// lies between is skipped by memchr.
std::size_t MultipartForm::take_content(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && matched_ < delimiter_.size()) {
    if (matched_ > 0 && bytes[at] == delimiter_[matched_]) {
      ++matched_;
      ++at;
      continue;
    }
    // Nothing but line ends must not cost a call each.
    const std::size_t line_end =
        bytes[at] == '\n' ? at : std::min(bytes.find('\n', at), bytes.size());
    matched_ = line_end < bytes.size() ? 1 : 0;
    is_after_cr_ = (line_end > 0 ? bytes[line_end - 1] : last_) == '\r';
    at = std::min(line_end + 1, bytes.size());
  }
  const std::size_t room = kMaxValueBytes + delimiter_.size() + 1 - value_.size();
  if (wanted_ != Wanted::nothing) value_.append(bytes.substr(0, std::min(at, room)));
  offset_ += at;
  if (matched_ == delimiter_.size()) end_content();
  return at;
}

// Up to the line's end, or as much of it as came.
std::size_t MultipartForm::take_line(std::string_view bytes) {
  const std::size_t line_end = bytes.find('\n');
  const std::size_t in_bounds = kMaxHeadBytes + 1 - line_.size();
  const std::size_t taken =
      std::min(line_end == std::string_view::npos ? bytes.size() : line_end + 1, in_bounds);
  line_.append(bytes.substr(0, taken));
  offset_ += taken;
  return taken;
}

void MultipartForm::end_content() {
  if (!is_after_cr_) return refuse();
  end_field();
  at_ = At::delimiter_line;
  line_.clear();
}

// RFC 2046 allows blanks behind a boundary. What else stands there some readers skip, others take
// for content.
void MultipartForm::end_delimiter_line() {
  if (line_.size() > kMaxHeadBytes) return refuse();
  if (at_ == At::delimiter_line && line_.starts_with("--")) {
    at_ = At::last_line;
    line_.erase(0, 2);
  }
  const bool has_ended = line_.ends_with('\n');
  std::string_view text = line_;
  if (has_ended) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  if (at_ == At::last_line) {
    if (text.find_first_not_of(" \t\r") != std::string_view::npos) return refuse();
    if (has_ended) at_ = At::epilogue;
    return;
  }
  if (!has_ended) return;
  if (!line_.ends_with("\r\n") || text.find_first_not_of(" \t") != std::string_view::npos ||
      ++parts_ > kMaxParts)
    return refuse();
  at_ = At::part_head;
  part_ = Part();
  head_bytes_ = 0;
  line_.clear();
}

void MultipartForm::end_head_line() {
  if (head_bytes_ + line_.size() > kMaxHeadBytes) return refuse();
  if (!line_.ends_with('\n')) return;
  head_bytes_ += line_.size();
  const std::string_view text = std::string_view(line_).substr(0, line_.size() - 1);
  // A CR elsewhere, or none, ends a line for some.
  if (text.find('\r') != text.size() - 1 || text.empty()) return refuse();
  if (text.size() == 1) return begin_body();
  read_header(text.substr(0, text.size() - 1));
  line_.clear();
}

void MultipartForm::read_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  const bool is_name = !name.empty() && name.find_first_of(" \t") == std::string_view::npos;
  const bool is_clean = line.find('\0') == std::string_view::npos;
  if (colon == std::string_view::npos || !is_name || !is_clean) return refuse();
  const std::string_view value = base::trim(line.substr(colon + 1));
  if (base::equals_ignoring_case(name, "content-disposition")) {
    read_disposition(value);
  } else if (base::equals_ignoring_case(name, "content-transfer-encoding")) {
    part_.is_encoded = true;
  } else if (base::equals_ignoring_case(name, "content-type")) {
    part_.is_encoded = part_.is_encoded || is_other_charset(value);
  }
}

void MultipartForm::read_disposition(std::string_view value) {
  const ParameterisedValue disposition = read_parameters(value);
  const Parameter* name = disposition.find("name");
  const bool is_clear = !part_.has_disposition && !disposition.is_ambiguous &&
                        base::equals_ignoring_case(disposition.kind, "form-data") &&
                        name != nullptr && !name->is_escaped &&
                        disposition.find("name*") == nullptr;
  part_.has_disposition = true;
  part_.is_ambiguous = part_.is_ambiguous || !is_clear;
  part_.is_file =
      disposition.find("filename") != nullptr || disposition.find("filename*") != nullptr;
  if (name != nullptr) part_.name = name->value;
}

void MultipartForm::begin_body() {
  at_ = At::part_body;
  // A delimiter right here would share its line end with the head: only some readers see it.
  matched_ = 1;
  is_after_cr_ = false;
  value_.clear();
  value_offset_ = offset_;
  wanted_ = Wanted::nothing;
  if (part_.name == "stream" && !part_.is_file) wanted_ = Wanted::stream;
  const bool is_model = resembles_model(part_.name);
  const bool is_plain = part_.name == "model" && !part_.is_file && !part_.is_encoded;
  if (is_model && is_plain && !part_.is_ambiguous) {
    wanted_ = Wanted::model;
  } else if (is_model || part_.is_ambiguous) {
    facts_.repeats_model = true;
  }
}

void MultipartForm::end_field() {
  const Wanted wanted = std::exchange(wanted_, Wanted::nothing);
  if (wanted == Wanted::nothing) return;
  const std::size_t length = offset_ - value_offset_ - delimiter_.size() - 1;
  if (length > kMaxValueBytes) {
    facts_.repeats_model = facts_.repeats_model || wanted == Wanted::model;
    return;
  }
  value_.resize(length);
  if (wanted == Wanted::stream) {
    facts_.wants_stream = base::equals_ignoring_case(value_, "true");
    return;
  }
  facts_.repeats_model = facts_.repeats_model || facts_.has_model;
  facts_.has_model = true;
  facts_.model = value_;
  facts_.model_offset = value_offset_;
  facts_.model_length = length;
}

void MultipartForm::refuse() {
  at_ = At::malformed;
  facts_ = RequestFacts();
}

}  // namespace spillway::aoai
