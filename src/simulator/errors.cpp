#include "simulator/errors.hpp"

#include "simulator/entra_errors.hpp"

#include <map>

namespace spillway::simulator {
namespace {

using Table = std::map<std::string_view, ErrorText>;

constexpr std::string_view kRateLimitStart =
    "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 "
    "have exceeded ";
constexpr std::string_view kQuotaLink =
    " Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the "
    "default rate limit.";

/// The rate limiter's dialect.
std::string limiter(std::string_view message) {
  return R"({"error":{"code":"429","message":")" + std::string(message) + "\"}}";
}

/// The front end's dialect.
std::string front_end(std::string_view code, std::string_view message) {
  return R"({"error":{"code":")" + std::string(code) + R"(","message": ")" + std::string(message) +
         "\"}}";
}

void add_throttles(Table& table) {
  const std::string start(kRateLimitStart);
  const std::string link(kQuotaLink);
  table["token_rate_limit"] = {
      429,
      limiter(start +
              "token rate limit of your current OpenAI S0 pricing tier. Please retry after "
              "33 seconds." +
              link),
      ""};
  table["call_rate_limit"] = {
      429,
      limiter(start +
              "call rate limit of your current OpenAI S0 pricing tier. Please retry after 3 "
              "seconds." +
              link),
      ""};
  table["rate_limit_2025"] = {
      429,
      limiter(
          "Your requests to dep-chat for gpt-4.1-nano in Sweden Central have exceeded the token "
          "rate limit for your current AIServices S0 pricing tier. This request was for "
          "ChatCompletions_Create under Azure OpenAI API version 2024-10-21. Please retry after "
          "45 seconds."),
      ""};
  table["ptu"] = {429,
                  limiter(start + "call rate limit of your current Provisioned-Managed deployment. "
                                  "Please retry after 2 seconds."),
                  ""};
  table["ptu_new"] = {
      429,
      R"({"error":{"type":"too_many_requests","code":"rate_limit_reached",)"
      R"("message":"Requests have )"
      R"(exceeded the throughput limit on your Provisioned-Managed deployment. If you continue to )"
      R"(exceed your limit, consider increasing the number of provisioned throughput units )"
      R"(deployed.","param":null}})",
      ""};
  table["no_capacity"] = {
      429,
      R"({"error":{"code":"NoCapacity","message":"The system is currently experiencing high )"
      R"(demand )"
      R"(and cannot process your request. Your request exceeds the maximum usage size allowed )"
      R"(during peak load. (Please retry after 20 seconds.) For improved capacity/latency )"
      R"(reliability, consider switching to Provisioned Throughput."}})",
      ""};
  table["apim"] = {429, front_end("429", "Rate limit is exceeded. Try again in 50 seconds."), ""};
  table["minus_one"] = {
      429,
      R"({"error":{"code":"too_many_requests","message":"Too many requests. Please wait and try )"
      R"(again.","type":"too_many_requests","param":null}})",
      ""};
}

void add_credential_errors(Table& table) {
  table["bad_key"] = {
      401,
      R"({"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong )"
      R"(API endpoint. Make sure to provide a valid key for an active subscription and use a )"
      R"(correct regional API endpoint for your resource."}})",
      "PermissionDenied"};
  table["entra_invalid"] = {
      401,
      R"({ "statusCode": 401, "message": "Unauthorized. Access token is missing, invalid, )"
      R"(audience )"
      R"(is incorrect (https://cognitiveservices.azure.com), or have expired." })",
      ""};
  table["missing_credential"] = {
      401,
      R"({ "statusCode": 401, "message": "Access denied due to a missing application credentials )"
      R"(or subscription key. Make sure to include an application token or a subscription )"
      R"(key when )"
      R"(making requests to the API." })",
      ""};
  table["rbac"] = {
      401, front_end("PermissionDenied", "Principal does not have access to API/Operation."), ""};
  table["key_auth_disabled"] = {
      403,
      front_end("AuthenticationTypeDisabled",
                "Key based authentication is disabled for this resource."),
      ""};
  table["firewall"] = {
      403, front_end("403", "Access denied due to Virtual Network/Firewall rules."), ""};
  table["public_access_disabled"] = {
      403, front_end("403", "Public access is disabled. Please configure private endpoint."), ""};
}

void add_request_errors(Table& table) {
  table["deployment_not_found"] = {
      404,
      front_end(
          "DeploymentNotFound",
          "The API deployment for this resource does not exist. If you created the deployment "
          "within the last 5 minutes, please wait a moment and try again."),
      ""};
  table["resource_not_found"] = {404, front_end("404", "Resource not found"), ""};
  table["content_filter"] = {
      400,
      R"({"error":{"message":"The response was filtered due to the prompt triggering Azure )"
      R"(OpenAI's )"
      R"(content management policy. Please modify your prompt and retry. To learn more about our )"
      R"(content filtering policies please read our documentation: )"
      R"(https://go.microsoft.com/fwlink/?linkid=2198766","type":null,"param":"prompt",)"
      R"("code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation",)"
      R"("content_filter_result":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":)"
      R"({"filtered":false,"detected":false},"self_harm":{"filtered":false,"severity":"safe"},)"
      R"("sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":true,)"
      R"("severity":"medium"}}}}})",
      "model_error"};
  table["context_length"] = {
      400,
      R"({"error":{"message":"This model's maximum context length is 128000 tokens. However, you )"
      R"(requested 131072 tokens (130048 in the messages, 1024 in the completion). Please reduce )"
      R"(the length of the messages or completion.","type":"invalid_request_error","param":)"
      R"("messages","code":"context_length_exceeded"}})",
      ""};
  table["bad_json"] = {
      400,
      R"({"error":{"message":"We could not parse the JSON body of your request.","type":)"
      R"("invalid_request_error","param":null,"code":null}})",
      ""};
  table["operation_not_supported"] = {
      400,
      R"({"error":{"code":"OperationNotSupported","message":"The operation does not work with the )"
      R"(specified model. Please choose different model and try again."}})",
      ""};
  table["unknown_stream_options"] = {
      400,
      R"({"error":{"message":"Unrecognized request argument supplied: stream_options","type":)"
      R"("invalid_request_error","param":null,"code":null}})",
      ""};
  table["upgrade_required"] = {
      426, front_end("UpgradeRequired", "This path is for WebSockets only."), ""};
  table["conflict"] = {
      409,
      R"({"error":{"message":"The resource is being changed by another request. Please try )"
      R"(again.","type":"invalid_request_error","param":null,"code":"conflict"}})",
      ""};
  table["timeout"] = {408, R"({"error":{"code":"Timeout","message":"The operation was timeout."}})",
                      ""};
}

void add_server_errors(Table& table) {
  table["server_error"] = {
      500,
      "{\n  \"error\": {\n    \"message\": \"The server had an error while processing your "
      "request. "
      "Sorry about that! You can retry your request, or contact us through an Azure support "
      "request "
      "at: https://go.microsoft.com/fwlink/?linkid=2213926 if the error persists. (Please include "
      "the request ID 11111111-2222-4333-8444-555555555555 in your message.)\",\n    \"type\": "
      "\"server_error\",\n    \"param\": null,\n    \"code\": null\n  }\n}\n",
      ""};
  table["front_end"] = {500,
                        R"({ "statusCode": 500, "message": "Internal server error", "activityId": )"
                        R"("11111111-2222-4333-8444-555555555555" })",
                        ""};
  table["unavailable"] = {
      503,
      R"({"error":{"code":"ServiceUnavailable","message":"The service is temporarily unable to )"
      R"(process your request. Please try again later."}})",
      ""};
  table["html"] = {502, "<html><head><title>502 Bad Gateway</title></head></html>\r\n", ""};
  table["empty"] = {502, "", ""};
}

const Table& errors() {
  static const Table table = [] {
    Table made;
    add_throttles(made);
    add_credential_errors(made);
    add_request_errors(made);
    add_server_errors(made);
    return made;
  }();
  return table;
}

}  // namespace

std::optional<ErrorText> error_named(std::string_view name) {
  const auto found = errors().find(name);
  if (found == errors().end()) return identity_answer_named(name);
  return found->second;
}

ErrorText usual_error(unsigned status) {
  static const std::map<unsigned, std::string_view> kUsual{
      {400, "bad_json"},           {401, "entra_invalid"}, {403, "firewall"},
      {404, "resource_not_found"}, {408, "timeout"},       {409, "conflict"},
      {429, "token_rate_limit"},   {500, "server_error"},  {502, "html"},
      {503, "unavailable"},        {504, "empty"}};
  const auto found = kUsual.find(status);
  ErrorText error{status, "", ""};
  if (found != kUsual.end()) {
    error = errors().at(found->second);
    error.status = status;
  } else if (status >= 400) {
    error.body = front_end(std::to_string(status), "Simulated error");
  }
  return error;
}

Reply error_reply(const ErrorText& error) {
  Reply reply = json_reply(error.status, error.body);
  reply.reason = error.reason;
  if (error.body.starts_with("<")) reply.headers = {{"Content-Type", "text/html"}};
  if (error.body.empty()) reply.headers.clear();
  return reply;
}

Reply error_reply(std::string_view name) {
  return error_reply(errors().at(name));
}

}  // namespace spillway::simulator
