#pragma once
// The realtime API: a session, its configuration, and responses in text or audio with their usage.
// GA event names on v1, the preview's on the dated API. Pure: the same messages get the same
// answers. No voice activity detection: it speaks when told by `response.create`.

#include "simulator/api.hpp"
#include "simulator/config.hpp"
#include "simulator/dialogue.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace spillway::simulator {

class RealtimeDialogue : public Dialogue {
 public:
  /// `seed` makes the session's ids.
  RealtimeDialogue(const Deployment& deployment, Surface surface, std::uint64_t seed);
  ~RealtimeDialogue() override;
  RealtimeDialogue(const RealtimeDialogue&) = delete;
  RealtimeDialogue& operator=(const RealtimeDialogue&) = delete;

  std::vector<Frame> open() override;
  std::vector<Frame> hear(const std::string& text) override;

 private:
  using Json = nlohmann::ordered_json;

  Frame event(const std::string& type, const Json& fields);
  Frame error(const std::string& code, const std::string& message);
  std::vector<Frame> update_session(const Json& changes);
  std::vector<Frame> create_item(const Json& item);
  std::vector<Frame> commit_audio();
  std::vector<Frame> create_response(const Json& wanted);
  [[nodiscard]] Json response_object(const std::string& response_id, bool has_audio) const;
  void add_deltas(const Json& place, bool has_audio, std::vector<Frame>& frames);
  [[nodiscard]] std::string answer_text() const;
  [[nodiscard]] Json usage(bool has_audio) const;
  [[nodiscard]] std::string name(const char* general, const char* preview) const;
  [[nodiscard]] std::string id(const std::string& prefix, std::uint64_t number) const;

  const Deployment& deployment_;
  Surface surface_;
  std::uint64_t seed_;
  std::unique_ptr<Json> session_;
  /// Characters of what the client has said so far, text and audio.
  std::uint64_t heard_characters_ = 0;
  std::uint64_t heard_audio_bytes_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t items_ = 0;
  std::uint64_t responses_ = 0;
};

}  // namespace spillway::simulator
