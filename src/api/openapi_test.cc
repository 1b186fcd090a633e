#include "api/openapi.h"

#include <gmock/gmock.h>

#include <set>

#include "api/json_in.h"
#include "api/v2/route.h"

namespace flawless::api {
namespace {

using testing::UnorderedElementsAreArray;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// "/api/2/projects/:project" as "/api/2/projects/{project}".
std::string documented_path(std::string_view pattern) {
  std::string out;
  bool variable = false;
  for (char c : pattern) {
    if (c == '/' && variable) {
      out += '}';
      variable = false;
    }
    if (c == ':') {
      out += '{';
      variable = true;
    } else {
      out += c;
    }
  }
  return variable ? out + "}" : out;
}

class OpenapiTest : public testing::Test {
 protected:
  OpenapiTest() {
    auto read = read_json(openapi_json(), arena_);
    FLAWLESS_CHECK(read.is_ok());
    document_ = std::move(read).value();
  }
  const Value& at(const Value& object, std::string_view name) {
    const Value* member = object.find(name);
    FLAWLESS_CHECK(member != nullptr);
    return *member;
  }
  const Value* operation(const Route& route) {
    const Value* path = at(document_, "paths").find(documented_path(route.pattern));
    return path ? path->find(lower(http::method_name(route.method))) : nullptr;
  }
  // Follows "$ref": "#/components/parameters/NAME".
  const Value& resolved(const Value& parameter) {
    const Value* reference = parameter.find("$ref");
    if (!reference) return parameter;
    std::string_view name = reference->text.substr(reference->text.rfind('/') + 1);
    return at(at(at(document_, "components"), "parameters"), name);
  }

  Arena arena_;
  Value document_;
};

TEST_F(OpenapiTest, EveryRouteIsDescribedWithItsScopeAndParameters) {
  for (const Route& route : all_routes()) {
    const Value* found = operation(route);
    ASSERT_NE(found, nullptr) << http::method_name(route.method) << " " << route.pattern;
    const Value& security = at(*found, "security");
    EXPECT_EQ(security.members.empty(), !route.scope.has_value()) << route.pattern;
    for (const Member& scheme : security.members) {
      const Value& scopes = scheme.value.members.at(0).value;
      EXPECT_EQ(scopes.members.at(0).value.text, store::scope_name(*route.scope)) << route.pattern;
    }
    std::vector<std::string_view> in_query;
    if (const Value* parameters = found->find("parameters")) {
      for (const Member& parameter : parameters->members) {
        const Value& one = resolved(parameter.value);
        if (at(one, "in").text == "query") in_query.push_back(at(one, "name").text);
      }
    }
    EXPECT_THAT(in_query, UnorderedElementsAreArray(route.parameters)) << route.pattern;
  }
}

TEST_F(OpenapiTest, DescribesNothingThatIsNotThere) {
  std::set<std::string> routes = {"get /check_health", "post /api/2/report"};
  for (const Route& route : all_routes()) {
    routes.insert(lower(http::method_name(route.method)) + " " + documented_path(route.pattern));
  }
  for (const Member& path : at(document_, "paths").members) {
    for (const Member& method : path.value.members) {
      EXPECT_TRUE(routes.count(std::string(method.name) + " " + std::string(path.name)))
          << method.name << " " << path.name;
    }
  }
}

}  // namespace
}  // namespace flawless::api
