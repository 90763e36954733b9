#pragma once
// Sends a body that is too large to be held: first the part that is held, then the rest as it comes
// from the caller. Ends when the backend answers before it has everything. As long as nothing
// behind the held part was taken from the caller, another attempt can send the same again
// (behaviour §5), so the backend is asked first whether it wants such a body.

#include <spillway/aoai/body_edit.hpp>
#include <spillway/gateway/attempt.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace spillway::gateway {

class Upload {
 public:
  Upload(Attempt& attempt, RequestContext& context, RequestBody& body)
      : attempt_(attempt), context_(context), body_(body), exchange_(attempt.exchange()) {}

  /// Whether the head shall say `Expect: 100-continue`. `length`: of the body, nothing if it is
  /// chunked.
  static bool is_worth_asking(const std::optional<std::uint64_t>& length);

  /// How long a backend has to say whether it wants the body; not every one knows the question.
  static constexpr base::Duration kPatience = std::chrono::seconds(1);
  enum class Asked : std::uint8_t { no, yes };

  /// Head, the held part with the edits of this attempt, the rest. Success does not mean that all
  /// of it was sent: the answer may be there already. An error of Side::client is the caller's.
  net::Task<base::Result<void>> run(std::string_view head, std::span<const aoai::BodyEdit> edits,
                                    Asked asked);

 private:
  // `not_wanted` of each: the backend has answered already.
  net::Task<base::Result<net::Sent>> begin(std::string_view head, Asked asked);
  net::Task<base::Result<net::Sent>> send_held(std::span<const aoai::BodyEdit> edits);
  net::Task<base::Result<net::Sent>> send_rest();
  net::Task<base::Result<net::Sent>> send_piece(std::string_view piece);
  net::Task<base::Result<void>> end();
  void set_deadline_for_backend();
  [[nodiscard]] bool is_chunked() const { return !body_.length(); }

  Attempt& attempt_;
  RequestContext& context_;
  RequestBody& body_;
  upstream::Exchange& exchange_;
};

}  // namespace spillway::gateway
