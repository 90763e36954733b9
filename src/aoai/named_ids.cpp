#include "named_ids.hpp"

#include <spillway/aoai/json_text.hpp>
#include <spillway/aoai/request_facts.hpp>
#include <spillway/aoai/stateful_ids.hpp>

#include <algorithm>
#include <utility>

namespace spillway::aoai {
namespace {

bool is_plain(std::string_view token) {
  return token.find('\\') == std::string_view::npos;
}

// Nobody escapes an id; one who does is understood all the same.
template <class Check>
bool says(std::string_view token, Check check) {
  if (token.size() > 6 * kMaxIdBytes + 2) return false;
  return is_plain(token) ? check(token.substr(1, token.size() - 2))
                         : check(json::decode_string(token));
}

void append_new(std::vector<std::string>& ids, std::string id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
}

}  // namespace

void NamedIds::add(Claim claim, std::string_view token) {
  if (says(token, has_id_shape)) keep(claim, token);
}

void NamedIds::add_if_stateful(Claim claim, std::string_view token) {
  if (says(token, is_stateful_id)) keep(claim, token);
}

void NamedIds::keep(Claim claim, std::string_view token) {
  if (claim == Claim::item) {
    items_[item_count_ % kMaxItems] = token;
    ++item_count_;
    return;
  }
  const auto is_same = [&](const Named& named) { return named.token == token; };
  if (std::any_of(named_.begin(), named_.end(), is_same)) return;
  constexpr std::size_t kMaxNamed = kMaxNamedIds - kMaxItems - 1;  // and previous_response_id
  if (named_.size() < kMaxNamed) {
    named_.push_back({claim, token});
    return;
  }
  const auto weakest =
      std::max_element(named_.rbegin(), named_.rend(),
                       [](const Named& a, const Named& b) { return a.claim < b.claim; });
  if (claim < weakest->claim) *weakest = {claim, token};
}

NamedIds::Taken NamedIds::take(const std::string& previous_response_id) const {
  Taken taken;
  if (has_id_shape(previous_response_id)) taken.ids.push_back(previous_response_id);
  for (const Claim claim : {Claim::conversation, Claim::thing, Claim::file}) {
    for (const Named& named : named_) {
      if (named.claim == claim) append_new(taken.ids, json::decode_string(named.token));
    }
  }
  taken.named_count = taken.ids.size();
  const std::size_t kept = std::min(item_count_, kMaxItems);
  for (std::size_t back = 1; back <= kept; ++back) {
    append_new(taken.ids, json::decode_string(items_[(item_count_ - back) % kMaxItems]));
  }
  return taken;
}

}  // namespace spillway::aoai
