#include "triage/in_app_native.h"

#include "triage/text.h"

namespace flawless::triage {
namespace {

// Beginnings of names of images.
constexpr std::string_view kImages[] = {
    "libsystem_",
    "libdyld.",
    "libobjc.",
    "libc++",
    "libdispatch.",
    "libswift",
    "libxpc.",
    "dyld",
    "CoreFoundation",
    "CFNetwork",
    "Foundation",
    "UIKit",
    "UIFoundation",
    "SwiftUI",
    "AppKit",
    "AttributeGraph",
    "QuartzCore",
    "CoreAutoLayout",
    "CoreData",
    "CoreGraphics",
    "CoreText",
    "CoreMedia",
    "CoreAudio",
    "CoreLocation",
    "GraphicsServices",
    "FrontBoardServices",
    "BaseBoard",
    "WebKit",
    "WebCore",
    "JavaScriptCore",
    "AudioToolbox",
    "AVFoundation",
    "AVFAudio",
    "Metal",
    "OpenGLES",
    "IOKit",
    "ImageIO",
    "Security",
    "linux-vdso",
    "linux-gate",
    "ld-linux",
    "libc.so",
    "libm.so",
    "libpthread.so",
    "libstdc++.so",
    "libgcc_s.so",
    "libart.so",
    "libart-compiler.so",
    "libandroid_runtime.so",
};
// Windows' own, letter case aside.
constexpr std::string_view kDlls[] = {"ntdll.dll", "kernel32.dll", "kernelbase.dll", "user32.dll",
                                      "gdi32.dll", "msvcrt.dll",   "ucrtbase.dll",   "combase.dll",
                                      "ole32.dll", "win32u.dll"};
constexpr std::string_view kDllStarts[] = {"msvcp", "msvcr", "vcruntime", "api-ms-win-"};

constexpr std::string_view kToolchains[] = {".xctoolchain/", "\\VC\\Tools\\MSVC\\", "\\vctools\\",
                                            "\\Windows Kits\\", "/ndk-release-"};

constexpr std::string_view kSymbols[] = {
    "std::",      "__gnu_cxx::",       "__cxxabiv1::", "boost::", "__rust",
    "crashpad::", "google_breakpad::", "sentry__",     "<std::",  "<core::"};

// "C:\Windows\…" on any drive.
bool is_below_windows(std::string_view path) {
  if (path.size() < 11 || !is_letter(path[0]) || path[1] != ':' || !is_slash(path[2])) return false;
  return starts_with_folded(path.substr(3), "windows") && is_slash(path[10]);
}

bool is_system_dll(std::string_view name) {
  for (std::string_view dll : kDlls) {
    if (equal_folded(name, dll)) return true;
  }
  for (std::string_view start : kDllStarts) {
    if (starts_with_folded(name, start)) return true;
  }
  return false;
}

}  // namespace

bool is_system_image(std::string_view image) {
  if (image.empty()) return false;
  if (is_below_windows(image) || image.starts_with("C:\\Program Files\\NVIDIA Corporation\\") ||
      image.starts_with("/vendor/lib")) {
    return true;
  }
  if (image.find_first_of("/\\") != std::string_view::npos) return false;
  return starts_with_any(image, kImages) || is_system_dll(image);
}

bool is_toolchain_file(std::string_view path) {
  for (std::string_view part : kToolchains) {
    if (path.find(part) != std::string_view::npos) return true;
  }
  return false;
}

bool is_library_symbol(std::string_view function) { return starts_with_any(function, kSymbols); }

}  // namespace flawless::triage
