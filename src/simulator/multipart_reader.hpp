#pragma once
// Reads multipart/form-data as it comes, in constant memory: of each part the first kKept bytes,
// its size and its SHA-256. Pure. Independent of the gateway's own reader.

#include "simulator/digest.hpp"
#include "simulator/request.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

/// The boundary of a Content-Type of multipart/form-data; empty for others.
std::string boundary_of(std::string_view content_type);

class MultipartReader {
 public:
  static constexpr std::size_t kKept = std::size_t{64} * 1024;

  explicit MultipartReader(const std::string& boundary);

  void add(std::string_view bytes);
  /// The parts that ended; to be called once, at the end of the body.
  std::vector<FormPart> finish() { return std::move(parts_); }

 private:
  enum class Place { content, after_delimiter, head, end };

  bool step();
  bool read_content();
  bool read_delimiter_end();
  bool read_head();
  void take(std::string_view content);
  void end_part();

  std::string delimiter_;
  /// Begins with a line end, so that the first delimiter looks like the others.
  std::string pending_ = "\r\n";
  Place place_ = Place::content;
  bool is_in_part_ = false;
  FormPart part_;
  Digest digest_;
  std::vector<FormPart> parts_;
};

}  // namespace spillway::simulator
