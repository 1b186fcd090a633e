// The store's rows as JSON, as API v2 shows them (openapi.json has the schemas).
#pragma once

#include <optional>

#include "base/json_writer.h"
#include "base/time.h"
#include "store/lines.h"
#include "store/types.h"

namespace flawless::api {

void write_time(JsonWriter& json, std::string_view name,
                const std::optional<Time>& time);                    // or null
void write_id(JsonWriter& json, std::string_view name, int64_t id);  // 0 becomes null

void write_project(JsonWriter& json, const store::Project& project);
// The members of an item's object, without its braces, so that a caller can add to them.
void write_item_members(JsonWriter& json, const store::Item& item);
void write_item(JsonWriter& json, const store::Item& item);
// With its verdict, spliced in as the JSON it is; null if there is none.
void write_line(JsonWriter& json, const store::Line& line);
void write_rule(JsonWriter& json, const store::Rule& rule);
void write_user(JsonWriter& json, const store::User& user);
void write_occurrence_members(JsonWriter& json, const store::Occurrence& occurrence);
void write_occurrence(JsonWriter& json, const store::Occurrence& occurrence);
// "next": the cursor of the next page, or null.
void write_next(JsonWriter& json, std::string_view cursor);

}  // namespace flawless::api
