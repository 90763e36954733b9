#pragma once
// One Azure OpenAI resource: checks the credential, finds the deployment, lets its limits decide,
// and answers. Remembers the responses it made, which no other resource knows.

#include "simulator/admission.hpp"
#include "simulator/answers.hpp"
#include "simulator/api.hpp"
#include "simulator/config.hpp"
#include "simulator/issuer.hpp"
#include "simulator/service.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace spillway::simulator {

class BackendService : public Service {
 public:
  /// `issuer` may be null: then no bearer token is accepted.
  BackendService(Endpoint endpoint, const Issuer* issuer);

  boost::asio::awaitable<Reply> answer(const Request& request) override;
  [[nodiscard]] std::string deployment_of(const Request& request) const override;

  /// Empties windows and buckets and forgets the responses.
  void reset();

  struct Level {
    std::string deployment;
    /// "unlimited", "paygo" or "ptu".
    std::string mode;
    double utilisation = 0;
    std::uint64_t remaining_tokens = 0;
    std::uint64_t remaining_requests = 0;
    /// Whether a small request would be let in now.
    bool has_room = true;
  };
  [[nodiscard]] std::vector<Level> levels(SteadyTime now);

 private:
  struct Slot {
    Deployment deployment;
    Admission admission;
  };

  Reply decide(const Request& request);
  Reply infer(const Request& request, const Call& call);
  [[nodiscard]] std::optional<Reply> refuse_credential(const Request& request,
                                                       Surface surface) const;
  Reply respond(const Question& question, Operation operation);
  Reply throttle(const Slot& slot, const Verdict& verdict, const Request& request, Operation op);
  Reply stored_response(const Call& call);
  [[nodiscard]] Reply models(const Call& call) const;
  void add_service_headers(const Request& request, Reply& reply);
  void add_limit_headers(const Slot& slot, Reply& reply) const;

  Endpoint endpoint_;
  const Issuer* issuer_;
  std::map<std::string, Slot, std::less<>> slots_;
  std::map<std::string, std::string, std::less<>> responses_;
  std::uint64_t request_count_ = 0;
};

}  // namespace spillway::simulator
