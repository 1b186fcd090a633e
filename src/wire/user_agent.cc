#include "wire/user_agent.h"

#include <algorithm>
#include <array>

namespace flawless::wire {
namespace {

struct Token {
  std::string_view token;  // what stands before the version
  std::string_view name;
};

// The order matters: browsers claim to be the ones they descend from.
constexpr std::array kBrowsers = {
    Token{"EdgiOS/", "Edge"},
    Token{"EdgA/", "Edge"},
    Token{"Edg/", "Edge"},
    Token{"Edge/", "Edge"},
    Token{"OPR/", "Opera"},
    Token{"OPiOS/", "Opera"},
    Token{"SamsungBrowser/", "Samsung Internet"},
    Token{"YaBrowser/", "Yandex Browser"},
    Token{"Vivaldi/", "Vivaldi"},
    Token{"DuckDuckGo/", "DuckDuckGo"},
    Token{"UCBrowser/", "UC Browser"},
    Token{"Electron/", "Electron"},
    Token{"HeadlessChrome/", "Headless Chrome"},
    Token{"FxiOS/", "Firefox"},
    Token{"Firefox/", "Firefox"},
    Token{"CriOS/", "Chrome"},
    Token{"Googlebot/", "Googlebot"},
    Token{"bingbot/", "Bingbot"},
    Token{"Chrome/", "Chrome"},
    Token{"MSIE ", "Internet Explorer"},
    Token{"Opera/", "Opera"},
};
constexpr std::array kTools = {
    Token{"curl/", "curl"},
    Token{"Wget/", "Wget"},
    Token{"python-requests/", "python-requests"},
    Token{"python-httpx/", "httpx"},
    Token{"okhttp/", "OkHttp"},
    Token{"Go-http-client/", "Go http client"},
    Token{"PostmanRuntime/", "Postman"},
    Token{"axios/", "axios"},
    Token{"Dart/", "Dart"},
};

std::string_view version_at(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of("0123456789._"), text.size()));
}

// The version behind `token`; nothing if the token is not there.
std::optional<std::string_view> after(std::string_view header, std::string_view token) {
  size_t at = header.find(token);
  if (at == std::string_view::npos) return std::nullopt;
  return version_at(header.substr(at + token.size()));
}

template <typename Tokens>
bool find_browser(std::string_view header, const Tokens& tokens, UserAgent& out) {
  for (const Token& entry : tokens) {
    if (auto version = after(header, entry.token)) {
      out.browser = entry.name;
      out.browser_version = *version;
      return true;
    }
  }
  return false;
}

void read_browser(std::string_view header, UserAgent& out) {
  if (!header.starts_with("Mozilla/") && find_browser(header, kTools, out)) return;
  if (find_browser(header, kBrowsers, out)) return;
  if (header.find("Trident/") != std::string_view::npos) {
    out.browser = "Internet Explorer";
    out.browser_version = after(header, "rv:").value_or("");
  } else if (header.find("Safari/") != std::string_view::npos) {
    bool android = header.find("Android") != std::string_view::npos;
    out.browser = android ? "Android Browser" : "Safari";
    out.browser_version = after(header, "Version/").value_or("");
  }
}

std::string_view windows_name(std::string_view version) {
  if (version == "6.1") return "7";
  if (version == "6.2") return "8";
  if (version == "6.3") return "8.1";
  return version == "10.0" ? "10" : version;
}

// "… Android 14; Pixel 8 Build/UD1A) …": the part behind the system.
std::string_view android_device(std::string_view header) {
  size_t at = header.find("Android");
  size_t start = header.find("; ", at), end = header.find(')', at);
  if (start == std::string_view::npos || end == std::string_view::npos || start > end) return {};
  std::string_view device = header.substr(start + 2, end - start - 2);
  device = device.substr(0, device.find(" Build/"));
  device = device.substr(0, device.find(';'));
  return device == "K" || device == "Mobile" || device.starts_with("rv:") ? std::string_view{}
                                                                          : device;
}

void read_apple_mobile(std::string_view header, UserAgent& out) {
  out.os = "iOS";
  size_t at = header.find(" OS ");
  if (at != std::string_view::npos) out.os_version = version_at(header.substr(at + 4));
  for (std::string_view device : {"iPad", "iPhone", "iPod"}) {
    if (header.find(device) != std::string_view::npos) {
      out.device = device;
      return;
    }
  }
}

void read_system(std::string_view header, UserAgent& out) {
  auto has = [&](std::string_view token) { return header.find(token) != std::string_view::npos; };
  if (auto version = after(header, "Windows NT ")) {
    out.os = "Windows";
    out.os_version = windows_name(*version);
  } else if (has("iPhone") || has("iPad") || has("iPod")) {
    read_apple_mobile(header, out);
  } else if (has("Mac OS X")) {
    out.os = "macOS";
    out.os_version = after(header, "Mac OS X ").value_or("");
  } else if (has("Android")) {
    out.os = "Android";
    out.os_version = after(header, "Android ").value_or("");
    out.device = android_device(header);
  } else if (has("CrOS")) {
    out.os = "ChromeOS";
  } else if (has("Linux") || has("X11")) {
    out.os = "Linux";
  } else if (has("Windows")) {
    out.os = "Windows";
  }
}

}  // namespace

UserAgent read_user_agent(std::string_view header) {
  UserAgent out;
  header = header.substr(0, 1024);
  if (header.empty()) return out;
  read_browser(header, out);
  read_system(header, out);
  return out;
}

void apply_user_agent(Event& event, std::string_view header) {
  UserAgent agent = read_user_agent(header);
  if (event.browser.empty() && !agent.browser.empty()) {
    event.browser = agent.browser;
    event.browser_version = event.keep(agent.browser_version);
  }
  if (event.os.empty() && !agent.os.empty()) {
    event.os = agent.os;
    std::string version(agent.os_version);
    std::replace(version.begin(), version.end(), '_', '.');
    event.os_version = event.keep(version);
  }
  if (event.device.empty()) event.device = event.keep(agent.device);
}

}  // namespace flawless::wire
