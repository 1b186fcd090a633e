#include "blame/messages.h"

#include <span>

#include "base/json_writer.h"

namespace flawless::blame {
namespace {

struct Letter {
  std::string to, why, intended_for;
  std::span<const std::string> left_out;  // recipients of the rule that may not be mailed
};

void write_place(JsonWriter& json, const store::Decision& decision) {
  json.field("project", decision.project.v).field("project_name", decision.project_name);
  json.field("item", decision.item.v).field("item_number", decision.item_number);
  json.field("occurrence", decision.occurrence.v).field("path", decision.path);
  json.field_if("function", decision.function).field_if("text", decision.text);
  json.field("line_number", decision.line_number);
}

std::string payload(const MailRequest& request, const Letter& letter) {
  JsonWriter json;
  json.object();
  write_place(json, *request.decision);
  if (request.line) json.field("line", request.line.v);
  json.field("why", letter.why).field_if("developer", request.developer);
  json.field_if("intended_for", letter.intended_for);
  if (request.known != nullptr) json.field_if("header", request.known->email_header);
  if (!letter.left_out.empty()) {
    json.key("left_out").array();
    for (const std::string& address : letter.left_out) json.value(address);
    json.end();
  }
  json.end();
  return json.take();
}

store::NewMessage message(const MailRequest& request, const Letter& letter) {
  const std::string episode = std::to_string(request.episode);
  const std::string& ordinal = request.answer->ordinal;
  store::NewMessage row;
  row.recipient = letter.to;
  row.payload = payload(request, letter);
  if (request.known == nullptr) {
    row.kind = "line";
    row.key = "line:{line}:" + episode;
  } else {
    row.kind = "known_error";
    row.key = "known:{line}:" + (ordinal == "min" ? "min." + episode : ordinal) + ":" + letter.to;
  }
  return row;
}

}  // namespace

Messages write_messages(const MailRequest& request) {
  std::vector<Letter> letters;
  std::vector<std::string> left_out;
  const std::string because = "This mail is sent because " + request.answer->reason + ".";
  const Recipient first = request.decision->path.empty()
                              ? recipient_without_line(request.default_contact)
                              : choose_recipient(request.developer, request.problem,
                                                 *request.allowed, request.default_contact);
  if (!first.address.empty()) {
    letters.push_back({first.address, first.why + " " + because, first.intended_for, left_out});
  }
  if (request.known != nullptr) {
    for (std::string& to : further_recipients(request.known->email_recipients, *request.allowed,
                                              first.address, left_out)) {
      letters.push_back(
          {std::move(to), "You are named as one to be told about it. " + because, {}, left_out});
    }
  }
  Messages messages;
  for (Letter& letter : letters) {
    letter.left_out = left_out;
    auto& row = messages.mail ? messages.more.emplace_back() : messages.mail.emplace();
    row = message(request, letter);
  }
  return messages;
}

}  // namespace flawless::blame
