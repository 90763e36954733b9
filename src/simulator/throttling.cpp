#include "simulator/throttling.hpp"

#include "simulator/script.hpp"

#include <algorithm>
#include <cstdio>

namespace spillway::simulator {
namespace {

std::string throttle_text(const Verdict& verdict, std::string_view operation,
                          std::string_view version, std::int64_t seconds) {
  std::string text = "Requests to the " + std::string(operation) +
                     " Operation under Azure OpenAI API version " + std::string(version) +
                     " have exceeded ";
  text += verdict.exceeded == Limit::tokens ? "token" : "call";
  text += " rate limit of your current ";
  text += verdict.exceeded == Limit::throughput ? "Provisioned-Managed deployment"
                                                : "OpenAI S0 pricing tier";
  text += ". Please retry after " + std::to_string(seconds) + " second";
  text += seconds == 1 ? "." : "s.";
  if (verdict.exceeded != Limit::throughput) {
    text +=
        " Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase "
        "the default rate limit.";
  }
  return text;
}

void add_delay_header(const std::string& kind, const Verdict& verdict, Reply& reply) {
  const auto seconds =
      std::to_string(std::chrono::ceil<std::chrono::seconds>(verdict.retry_after).count());
  const std::string of = verdict.exceeded == Limit::requests ? "requests" : "tokens";
  if (kind == "retry-after") {
    reply.headers.push_back({"Retry-After", seconds});
  } else if (kind == "retry-after-date") {
    reply.headers.push_back(
        {"Retry-After", http_date(std::chrono::system_clock::now() + verdict.retry_after +
                                  std::chrono::seconds(1))});
  } else if (kind == "retry-after-ms" || kind == "x-ms-retry-after-ms") {
    reply.headers.push_back({kind, std::to_string(verdict.retry_after.count())});
  } else if (kind == "x-ratelimit-reset" || kind == "x-rate-limit-reset") {
    reply.headers.push_back({kind + "-" + of, seconds});
  }
}

std::vector<std::string> delay_headers_of(const Deployment& deployment, bool is_provisioned) {
  if (!deployment.throttle_headers.empty()) return deployment.throttle_headers;
  if (is_provisioned) return {"retry-after", "retry-after-ms"};
  return {"retry-after", "retry-after-ms", "x-ratelimit-reset"};
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%%", share * 100);
  return text;
}

}  // namespace

Reply throttle_reply(const Slot& slot, const Verdict& verdict, Operation operation,
                     std::string_view version) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(verdict.retry_after).count();
  const auto text = throttle_text(verdict, azure_name_of(operation), version, seconds);
  Reply reply = json_reply(429, R"({"error":{"code":"429","message":")" + text + "\"}}");
  for (const auto& kind : delay_headers_of(slot.deployment, slot.admission.is_provisioned())) {
    add_delay_header(kind, verdict, reply);
  }
  add_limit_headers(slot, reply);
  if (verdict.exceeded == Limit::tokens) {
    reply.headers.push_back({"policy-id", "DeploymentRatelimit-Token"});
  } else if (verdict.exceeded == Limit::requests) {
    reply.headers.push_back({"policy-id", "DeploymentRatelimit-Call"});
  }
  return reply;
}

void add_limit_headers(const Slot& slot, Reply& reply) {
  const auto& admission = slot.admission;
  auto& headers = reply.headers;
  if (admission.is_provisioned()) {
    const auto share = admission.utilisation(std::chrono::steady_clock::now());
    headers.push_back({"azure-openai-deployment-utilization", percent(std::min(share, 1.0))});
  } else if (admission.is_paygo()) {
    const auto text = [](std::uint64_t number) { return std::to_string(number); };
    headers.push_back({"x-ratelimit-remaining-requests", text(admission.requests().remaining())});
    headers.push_back({"x-ratelimit-limit-requests", text(admission.requests().limit())});
    headers.push_back({"x-ratelimit-remaining-tokens", text(admission.tokens().remaining())});
    headers.push_back({"x-ratelimit-limit-tokens", text(admission.tokens().limit())});
  }
  if (reply.status == 200) headers.push_back({"x-ms-deployment-name", slot.deployment.name});
}

}  // namespace spillway::simulator
