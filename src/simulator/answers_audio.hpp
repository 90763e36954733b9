#pragma once
// Transcription and translation of audio, and speech, with their usage. Pure.

#include "simulator/answers.hpp"

namespace spillway::simulator {

/// Usage in tokens, of whisper models in seconds; `response_format` text is plain text; streamed
/// `transcript.text.delta` to `transcript.text.done`.
Reply answer_transcription(const Question& question);
/// As bytes of audio/mpeg, or with `stream_format: sse` as events with usage.
Reply answer_speech(const Question& question);

}  // namespace spillway::simulator
